// What a federation does over several processes. Run by mpirun with four of them; each checks its part,
// and the first that finds something wrong ends them all.
#include <exception>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include "federated/algorithm/registry.hpp"
#include "federated/federation/federation.hpp"
#include "federated/projection/model_fingerprint.hpp"
#include "federated/projection/sharded_projection.hpp"
#include "federated/support/bigram_model.hpp"
#include "federated/transport/launch.hpp"
#include "federated/transport/text.hpp"

using namespace federated;

namespace {

void expect(bool condition, const std::string& what) {
    if (!condition) throw std::runtime_error("expected " + what);
}

std::vector<std::byte> numbered(std::size_t rank, std::size_t count) {
    return std::vector<std::byte>(count, static_cast<std::byte>(rank));
}

void check_transport(Transport& processes) {
    const std::size_t rank = processes.rank();
    expect(processes.size() == 4, "four processes");

    // Of other sizes, and none at all.
    const auto gathered = processes.gather(numbered(rank, 1000 * rank));
    for (std::size_t i = 0; rank == 0 && i < 4; ++i) {
        expect(gathered.at(i) == numbered(i, 1000 * i),
               "what process " + std::to_string(i) + " sent");
    }
    expect(rank == 0 || gathered.empty(), "that only the server gathers");

    std::vector<std::byte> told = numbered(rank, 5 + rank);
    processes.broadcast(told);
    expect(told == numbered(0, 5), "the server's bytes");

    std::vector<std::vector<std::byte>> parts;
    for (std::size_t i = 0; rank == 0 && i < 4; ++i) parts.push_back(numbered(i, i));
    expect(processes.scatter(parts) == numbered(rank, rank), "the bytes for this process");
    if (rank == 0) expect(processes.bytes_moved() == 6000 + 15 + 6, "all bytes to be counted");

    const auto pair = processes.split(rank / 2);
    expect(pair->size() == 2 && pair->rank() == rank % 2, "pairs");
    const auto both = pair->gather(numbered(rank, 1));
    if (rank % 2 == 0) expect(both.at(1) == numbered(rank + 1, 1), "the other one's byte");
}

/// Sketch and rebuilt model of an update of several segments in blocks that cut tensors.
void check_sharded_projection(Transport& processes) {
    const Weights before{torch::sin(torch::arange(1 << 21, torch::kFloat32)),
                         torch::cos(torch::arange(1 << 20, torch::kFloat32)).view({1 << 10, -1}),
                         torch::ones({7})};
    Weights after = clone_weights(before);
    for (torch::Tensor& tensor : after) tensor.mul_(0.75).add_(0.001);
    const ferret::Layout layout = ferret::Layout::uniform(tensor_sizes(before), 1'500'000);
    for (const std::string basis : {"truncated-normal", "sparse-sign"}) {
        for (const std::string rule : {"norm-share", "uniform"}) {
            const std::string what = basis + " by " + rule;
            const ferret::Basis family = ferret::parse_basis(basis);
            const ferret::BudgetRule budget = ferret::parse_budget_rule(rule, 12);
            const ferret::Sketch expected =
                Projector(layout, family, budget)(before, after, ferret::Seed{3, 1});
            const ShardedProjection sharded(layout, family, budget, processes);
            const auto sketch = sharded.project(before, after, {3, 1});
            expect(sketch.has_value() == (processes.rank() == 0), "a sketch at the first process");
            if (sketch) expect(*sketch == expected, "the sketch of one process, " + what);

            Weights whole = clone_weights(before);
            Reconstructor(layout, family)(expected, whole, -0.5f);
            Weights parts = clone_weights(before);
            sharded.rebuild(std::span(&expected, 1), parts, -0.5f);
            expect(same_bits(parts, whole), "the model of one process, " + what);
        }
    }
    // Of the third process's part alone; all are told.
    after[1].view(-1)[1000] = std::numeric_limits<float>::infinity();
    const ShardedProjection sharded(layout, ferret::Rademacher{}, ferret::Uniform{8}, processes);
    std::string told;
    try {
        sharded.project(before, after, {3, 1});
    } catch (const ferret::NonFinite& error) {
        told = error.what();
    }
    expect(!told.empty(), "every process to be told of the infinite element");
}

/// Processes that share a client came to the same model, or all are told that they did not.
void check_alike(Transport& processes) {
    const ShardedProjection sharded(ferret::Layout::uniform(std::vector<std::uint64_t>{3}, 3),
                                    ferret::Rademacher{}, ferret::Uniform{2}, processes);
    const auto refused = [&](bool finite, float last) {
        try {
            sharded.expect_alike(finite, {torch::tensor({1.0f, 2.0f, last})});
        } catch (const std::runtime_error&) {
            return true;
        }
        return false;
    };
    const bool other = processes.rank() == 2;
    expect(!refused(true, 3.0f), "like models to be taken");
    expect(refused(true, other ? 3.5f : 3.0f), "all to be told of another model");
    expect(refused(!other, 3.0f), "all to be told of one that is not finite");
}

/// Every process has the server's text, the empty one too.
void check_text(Transport& processes) {
    const std::string own = "process " + std::to_string(processes.rank());
    expect(broadcast_text(processes, own) == "process 0", "the server's text");
    expect(broadcast_text(processes, processes.rank() == 0 ? "" : own).empty(), "no text");
}

/// The weights after three rounds of all six clients, spread over the processes.
std::uint64_t run(const std::string& algorithm, Transport& processes, std::size_t shard_count) {
    AlgorithmOptions options;
    options.algorithm = algorithm;
    options.lr = algorithm.starts_with("fedkseed") || algorithm == "fedzo" ? 1e-3 : 0.05;
    options.local_steps = 3;
    options.batch_size = 2;
    options.budget = 40;
    options.pool_size = 20;
    options.lora_rank = 2;
    TrainableModel model = bigram_model();
    model.names[0] = "self_attn.q_proj.weight";
    const auto shards = shard_count > 1 ? processes.split(processes.rank() / shard_count) : nullptr;
    const auto client = make_client(options, model, shards.get());
    const auto server = processes.rank() == 0 ? make_server(options, model) : nullptr;
    std::vector<ClientInfo> clients(6, {"client", 5});
    Federation federation(
        {.model = model,
         .clients = clients,
         .evaluate = [](std::int64_t, const ProgressObserver&) { return std::vector<Metric>{}; },
         .client = *client,
         .server = server.get(),
         .processes = processes,
         .shards = shards.get()},
        {.rounds = 3, .clients_per_round = 5, .seed = 1, .server_rate = 0.5});
    for (std::int64_t round = 1; round <= 3; ++round) {
        federation.run_round(round, [](const Progress&) {});
    }
    return model_fingerprint(model.parameters);
}

void check_federations(Transport& processes) {
    for (const AlgorithmEntry* algorithm : algorithms()) {
        InProcess alone;
        const std::string name(algorithm->name);
        const std::uint64_t expected = run(name, alone, 1);
        expect(run(name, processes, 1) == expected, name + "'s bits over four processes");
        if (!algorithm->shards) continue;
        expect(run(name, processes, 2) == expected, name + "'s bits over two shards");
        expect(run(name, processes, 4) == expected, name + "'s bits over four shards");
    }
}

/// A bit of the last process's model flips between two rounds; it is told so in the next one.
void check_flipped_bit(Transport& processes) {
    AlgorithmOptions options;
    options.budget = 40;
    options.local_steps = 1;
    TrainableModel model = bigram_model();
    const auto client = make_client(options, model);
    const auto server = processes.rank() == 0 ? make_server(options, model) : nullptr;
    Federation federation(
        {.model = model,
         .clients = {{"client", 5}},  // trained by the server's process
         .evaluate = [](std::int64_t, const ProgressObserver&) { return std::vector<Metric>{}; },
         .client = *client,
         .server = server.get(),
         .processes = processes},
        {.rounds = 2, .clients_per_round = 1});
    federation.run_round(1, [](const Progress&) {});
    const bool flipped = processes.rank() == 3;
    if (flipped) {
        auto* const bits = reinterpret_cast<std::uint32_t*>(model.parameters[0].data_ptr<float>());
        bits[17] ^= 1u;
    }
    std::string told;
    try {
        federation.run_round(2, [](const Progress&) {});
    } catch (const ModelsDiffer& error) {
        told = error.what();
    }
    expect(flipped == told.starts_with("process 3, round 2, before: expected the server's model"),
           "process 3 alone to be told of its model, got '" + told + "'");
    if (flipped) {
        // The others wait for it to take the round's last message.
        std::vector<std::byte> seal;
        processes.broadcast(seal);
    }
}

}  // namespace

int main() {
    try {
        const auto processes = launched_processes();
        torch::set_num_threads(1);
        check_transport(*processes);
        check_text(*processes);
        check_sharded_projection(*processes);
        check_alike(*processes);
        check_federations(*processes);
        check_flipped_bit(*processes);
    } catch (const std::exception& error) {
        std::cerr << "federated_processes: " << error.what() << std::endl;
        end_all_processes(1);
    }
    return 0;
}
