#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federated/algorithm/roles.hpp"
#include "federated/options/algorithm_options.hpp"

namespace federated {

struct TrainableModel;
class Transport;

/// Bytes that one client sends and receives in a round, as in metrics.jsonl.
struct Traffic {
    double up = 0.0;
    double down = 0.0;
    bool exact = true;  ///< false where they depend on the updates or the draw: then about this
};

/// Something that lies in memory while a client trains.
struct MemoryPart {
    std::string_view what;  ///< lives as long as the program
    double bytes = 0.0;
};

/// An algorithm: a row of the registry, beside whose own files a new one needs nothing else. The
/// models of `traffic` and `memory` may be without values, on LibTorch's meta device.
struct AlgorithmEntry {
    std::string_view name;
    std::string_view summary;  ///< what clients send
    /// Keys of the options that it reads, beside those that all algorithms read.
    std::span<const std::string_view> options;
    bool gradients = true;  ///< whether a client's step has a backward pass
    bool gpu = true;        ///< whether it runs on a GPU
    bool shards = false;    ///< whether one update can be spread over processes
    /// `shards`: those who share the clients of this process; null where it is alone.
    std::unique_ptr<ClientAlgorithm> (*make_client)(const AlgorithmOptions&, TrainableModel&,
                                                    Transport* shards);
    /// Only the shapes, types and device of the model are looked at.
    std::unique_ptr<ServerAlgorithm> (*make_server)(const AlgorithmOptions&, const TrainableModel&);
    /// The bytes of messages and broadcasts, without the federation's own headers.
    Traffic (*traffic)(const AlgorithmOptions&, const TrainableModel&, std::size_t clients);
    /// All but the weights and what a step computes with. `clients` are in the data set.
    std::vector<MemoryPart> (*memory)(const AlgorithmOptions&, const TrainableModel&,
                                      std::size_t clients);
    /// The options with what they leave open chosen, for messages and broadcasts of so many bytes at most,
    /// without the federation's own headers; null: nothing is left open. `clients` take part in a round.
    AlgorithmOptions (*complete)(const AlgorithmOptions&, const TrainableModel&,
                                 std::size_t clients, double bytes_up, double bytes_down) = nullptr;
};

/// All algorithms, in the order in which they are told of.
std::span<const AlgorithmEntry* const> algorithms();

/// Their names.
std::vector<std::string> algorithm_names();

/// Throws: std::invalid_argument for an unknown name, naming those that there are
const AlgorithmEntry& find_algorithm(std::string_view name);

/// Whether the algorithm reads the option with this key. Options that no row names are read by all.
bool reads_option(const AlgorithmEntry& algorithm, std::string_view key);

/// The algorithms that read the option, as "ferret, top-k"; empty if all do.
std::string readers_of(std::string_view key);

/// The options' algorithm, its row asked.
/// Throws: ferret::Error for a budget that the blocks cannot take; std::invalid_argument for
///         options that do not go together
std::unique_ptr<ClientAlgorithm> make_client(const AlgorithmOptions& options, TrainableModel& model,
                                             Transport* shards = nullptr);
std::unique_ptr<ServerAlgorithm> make_server(const AlgorithmOptions& options,
                                             const TrainableModel& model);

/// The bytes of the options' algorithm, the federation's headers among them.
/// Throws: as make_client
Traffic estimate_traffic(const AlgorithmOptions& options, const TrainableModel& model,
                         std::size_t clients);

/// What the options' algorithm holds, the weights first, by size alone: what allocators keep in
/// reserve, and LibTorch itself, come on top.
std::vector<MemoryPart> estimate_memory(const AlgorithmOptions& options,
                                        const TrainableModel& model, std::size_t clients);

/// The share of FedAvg's bytes that a message has where neither bytes nor a budget is given.
inline constexpr std::string_view default_bytes = "1/1000";

/// The options with what they leave open chosen by their algorithm: all else wants them complete.
/// Throws: std::invalid_argument for bytes that no message is as small as; as make_client
AlgorithmOptions complete_options(const AlgorithmOptions& options, const TrainableModel& model,
                                  std::size_t clients);

/// options.server_lr, or 1.
double server_rate_of(const AlgorithmOptions& options);

}  // namespace federated
