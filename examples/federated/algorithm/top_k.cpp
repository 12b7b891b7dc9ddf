#include "federated/algorithm/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/error.hpp>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/model/weights.hpp"
#include "federated/options/algorithm_choices.hpp"

namespace federated {
namespace {

constexpr std::uint64_t most_parameters = std::numeric_limits<std::uint32_t>::max();

std::uint64_t parameters_of(const TrainableModel& model) {
    return static_cast<std::uint64_t>(parameter_count(model.parameters));
}

/// The settings, with the number of entries that a broadcast has.
/// Throws: what TopKClient throws
TopKSettings checked(TopKSettings settings, std::uint64_t parameters) {
    if (parameters > most_parameters) {
        throw std::invalid_argument("top-k: expected fewer than 2^32 parameters, got " +
                                    std::to_string(parameters));
    }
    if (settings.budget == 0 || settings.budget > parameters) {
        throw ferret::InvalidBudget("top-k: expected K from 1 to " + std::to_string(parameters) +
                                    ", got " + std::to_string(settings.budget));
    }
    const std::uint64_t down = settings.budget_down == 0 ? settings.budget : settings.budget_down;
    settings.budget_down = std::min(down, parameters);
    return settings;
}

/// The numbers of a message of at most `most` entries.
SparseNumbers decode(std::span<const std::byte> message, std::uint64_t parameters,
                     EntryFormat values, std::uint64_t most, const std::string& what) {
    SparseNumbers numbers = decode_sparse_update(message, parameters, values, what);
    if (numbers.indices.size() > most) {
        throw std::runtime_error(what + ": expected at most " + std::to_string(most) +
                                 " entries, got " + std::to_string(numbers.indices.size()));
    }
    return numbers;
}

/// Says the `count` largest entries.
SaySome say_largest(std::uint64_t count, EntryFormat values) {
    return [=](std::span<float> meant) {
        std::vector<std::byte> message =
            encode_sparse_update(largest_entries(meant, static_cast<std::size_t>(count)), values);
        const SparseNumbers said =
            decode_sparse_update(message, meant.size(), values, "top-k message");
        for (std::size_t i = 0; i < said.indices.size(); ++i) {
            meant[said.indices[i]] -= said.values[i];
        }
        return message;
    };
}

}  // namespace

SparseNumbers largest_entries(std::span<const float> entries, std::size_t count) {
    std::vector<float> magnitudes(entries.size());
    std::transform(entries.begin(), entries.end(), magnitudes.begin(),
                   [](float entry) { return std::abs(entry); });
    float threshold = 0.0f;
    std::size_t ties = 0;  // how many of the entries at the threshold belong to the result
    if (count < entries.size()) {
        const auto last = magnitudes.begin() + static_cast<std::ptrdiff_t>(count) - 1;
        std::nth_element(magnitudes.begin(), last, magnitudes.end(), std::greater<>());
        threshold = *last;
        ties =
            count - static_cast<std::size_t>(std::count_if(
                        magnitudes.begin(), last, [&](float value) { return value > threshold; }));
    }
    SparseNumbers largest{.size = entries.size(), .indices = {}, .values = {}};
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const float magnitude = std::abs(entries[i]);
        if (magnitude < threshold || magnitude == 0.0f) continue;
        if (magnitude == threshold) {
            if (ties == 0) continue;
            --ties;
        }
        largest.indices.push_back(static_cast<std::uint32_t>(i));
        largest.values.push_back(entries[i]);
    }
    return largest;
}

TopKClient::TopKClient(TrainableModel& model, LocalTrainer train, std::uint64_t seed,
                       const TopKSettings& settings)
    : model_(model),
      client_(model, std::move(train), seed),
      parameters_(parameters_of(model)),
      settings_(checked(settings, parameters_)) {}

ClientUpdate TopKClient::train(const Participant& participant, const Round& round,
                               std::span<const std::byte> kept, const StepObserver& on_step) {
    return train_with_feedback(client_, model_, participant, round,
                               Residual(parameters_, "top-k residual"), kept, on_step,
                               say_largest(settings_.budget, settings_.values));
}

void TopKClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    subtract(decode(broadcast, parameters_, settings_.values_down, settings_.budget_down,
                    "top-k broadcast"),
             round.server_rate);
}

void TopKClient::subtract(const SparseNumbers& numbers, double scale) {
    const torch::NoGradGuard no_grad;
    std::uint64_t begin = 0;
    std::size_t next = 0;
    for (auto& parameter : model_.parameters) {
        const std::uint64_t end = begin + static_cast<std::uint64_t>(parameter.numel());
        std::vector<std::int64_t> places;
        std::vector<float> values;
        for (; next < numbers.indices.size() && numbers.indices[next] < end; ++next) {
            places.push_back(static_cast<std::int64_t>(numbers.indices[next] - begin));
            values.push_back(numbers.values[next]);
        }
        const auto device = parameter.device();
        parameter.view(-1).index_add_(0, torch::tensor(places, torch::kInt64).to(device),
                                      torch::tensor(values, torch::kFloat32)
                                          .mul_(-scale)
                                          .to(device, parameter.scalar_type()));
        begin = end;
    }
}

TopKServer::TopKServer(std::uint64_t parameters, const TopKSettings& settings)
    : parameters_(parameters),
      settings_(checked(settings, parameters)),
      residual_(parameters, "top-k server's residual") {}

void TopKServer::receive(const Participant&, const Round&, std::span<const std::byte> message) {
    received_.push_back(
        decode(message, parameters_, settings_.values, settings_.budget, "top-k message"));
}

std::vector<std::byte> TopKServer::close(const Round&) {
    expect_messages(received_.size(), "top-k");
    const SparseNumbers mean = mean_of(received_);
    received_.clear();
    const torch::Tensor update =
        torch::zeros({static_cast<std::int64_t>(parameters_)}, torch::kFloat32);
    for (std::size_t i = 0; i < mean.indices.size(); ++i) {
        elements(update)[mean.indices[i]] = mean.values[i];
    }
    return residual_.send(update, say_largest(settings_.budget_down, settings_.values_down));
}

namespace {

constexpr std::string_view options_read[] = {
    "optimizer", "bytes", "bytes-down", "budget", "budget-down", "coordinates", "coordinates-down"};

constexpr Choice<EntryFormat> entry_formats[] = {
    {"float32", EntryFormat::float32}, {"8bit", EntryFormat::bits8}, {"1bit", EntryFormat::bits1}};

EntryFormat entry_format(const std::string& option, const std::string& name) {
    return name == automatic ? EntryFormat::bits8 : choose(entry_formats, option, name);
}

/// Throws: std::invalid_argument for a format that entries have not
TopKSettings settings_of(const AlgorithmOptions& options) {
    return {.budget = static_cast<std::uint64_t>(options.budget),
            .budget_down = static_cast<std::uint64_t>(options.budget_down),
            .values = entry_format("coordinates of top-k", options.coordinates),
            .values_down = entry_format("coordinates-down of top-k", options.coordinates_down)};
}

/// The options with as many entries as have room.
AlgorithmOptions complete(const AlgorithmOptions& options, const TrainableModel& model, std::size_t,
                          double bytes_up, double bytes_down) {
    AlgorithmOptions complete = options;
    if (options.budget > 0) return complete;
    const TopKSettings settings = settings_of(options);
    const auto most = [&](double bytes, EntryFormat values) {
        return static_cast<std::int64_t>(most_entries(bytes, parameters_of(model), values));
    };
    complete.budget = most(bytes_up, settings.values);
    if (options.budget_down == 0) complete.budget_down = most(bytes_down, settings.values_down);
    return complete;
}

}  // namespace

constinit const AlgorithmEntry top_k_entry{
    .name = "top-k",
    .summary = "the largest entries of the update, the rest kept for the next time",
    .options = options_read,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<TopKClient>(model, first_order_trainer(local_training(options)),
                                            options.seed, settings_of(options));
    },
    .make_server = [](const AlgorithmOptions& options,
                      const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
        return std::make_unique<TopKServer>(parameters_of(model), settings_of(options));
    },
    .traffic =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t clients) {
            const std::uint64_t parameters = parameters_of(model);
            const TopKSettings settings = checked(settings_of(options), parameters);
            const auto up = static_cast<double>(settings.budget);
            // If no two clients send the same entry.
            const double down = std::min(static_cast<double>(settings.budget_down),
                                         up * static_cast<double>(clients));
            return Traffic{expected_sparse_update_size(up, parameters, settings.values),
                           expected_sparse_update_size(down, parameters, settings.values_down),
                           false};
        },
    .memory =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t clients) {
            return with_residuals(first_order_memory(options, model.parameters), model.parameters,
                                  clients);
        },
    .complete = complete};

}  // namespace federated
