#include "federated/algorithm/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/error.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/message/tensor_message.hpp"
#include "federated/model/weights.hpp"

namespace federated {
namespace {

constexpr std::uint64_t most_parameters = std::uint64_t{1} << 32;

std::span<float> elements(const torch::Tensor& flat) {
    return {flat.data_ptr<float>(), static_cast<std::size_t>(flat.numel())};
}

/// before - after, end to end, as float32 on the processor.
torch::Tensor flat_delta(const Weights& before, const Weights& after) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> parts;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const torch::Tensor delta = before[i].to(torch::kFloat32) - after[i].to(torch::kFloat32);
        parts.push_back(delta.flatten().to(torch::kCPU));
    }
    return torch::cat(parts);
}

std::uint64_t parameters_of(const TrainableModel& model) {
    return static_cast<std::uint64_t>(parameter_count(model.parameters));
}

/// Throws: what TopKClient throws
std::size_t checked_budget(std::uint64_t budget, std::uint64_t parameters) {
    if (parameters > most_parameters) {
        throw std::invalid_argument("top-k: expected at most 2^32 parameters, got " +
                                    std::to_string(parameters));
    }
    if (budget == 0 || budget > parameters) {
        throw ferret::InvalidBudget("top-k: expected K from 1 to " + std::to_string(parameters) +
                                    ", got " + std::to_string(budget));
    }
    return static_cast<std::size_t>(budget);
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
                       std::uint64_t budget)
    : model_(model),
      client_(model, std::move(train), seed),
      parameters_(parameters_of(model)),
      budget_(checked_budget(budget, parameters_)) {}

ClientUpdate TopKClient::train(const Participant& participant, const Round& round,
                               std::span<const std::byte> kept, const StepObserver& on_step) {
    torch::Tensor rest = residual_of(kept);
    const auto make_message = [&](const Weights& before) {
        torch::Tensor entries = flat_delta(before, model_.parameters);
        if (rest.defined()) entries.add_(rest);
        if (!all_finite({entries})) {
            throw ferret::NonFinite("its update is infinite or not a number");
        }
        const SparseNumbers sent = largest_entries(elements(entries), budget_);
        for (const std::uint32_t index : sent.indices) elements(entries)[index] = 0.0f;
        rest = std::move(entries);
        return encode_numbers(sent);
    };
    ClientUpdate update = client_(participant, round, make_message, on_step);
    if (rest.defined()) update.kept = encode_tensors({rest});
    return update;
}

torch::Tensor TopKClient::residual_of(std::span<const std::byte> kept) const {
    if (kept.empty()) return {};
    const Weights like{torch::empty({static_cast<std::int64_t>(parameters_)}, torch::kFloat32)};
    return decode_tensors(kept, like, "top-k residual").front();
}

void TopKClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    subtract(decode_numbers(broadcast, parameters_, Repeats::refused, "top-k broadcast"),
             round.server_rate);
}

TopKServer::TopKServer(std::uint64_t parameters, std::uint64_t budget)
    : parameters_(parameters), budget_(checked_budget(budget, parameters)) {}

void TopKServer::receive(const Participant&, const Round&, std::span<const std::byte> message) {
    SparseNumbers numbers = decode_numbers(message, parameters_, Repeats::refused, "top-k message");
    const std::size_t count = count_nonzero(numbers);
    if (count > budget_) {
        throw std::runtime_error("top-k message: expected at most " + std::to_string(budget_) +
                                 " entries, got " + std::to_string(count));
    }
    received_.push_back(std::move(numbers));
}

std::vector<std::byte> TopKServer::close(const Round&) {
    expect_messages(received_.size(), "top-k");
    const SparseNumbers mean = mean_of(received_);
    received_.clear();
    return encode_numbers(mean);
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

namespace {

constexpr std::string_view options_read[] = {"optimizer", "budget"};

}  // namespace

constinit const AlgorithmEntry top_k_entry{
    .name = "top-k",
    .summary = "the largest entries of the update, the rest kept for the next time",
    .options = options_read,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<TopKClient>(model, first_order_trainer(local_training(options)),
                                            options.seed,
                                            static_cast<std::uint64_t>(options.budget));
    },
    .make_server = [](const AlgorithmOptions& options,
                      const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
        return std::make_unique<TopKServer>(parameters_of(model),
                                            static_cast<std::uint64_t>(options.budget));
    },
    .traffic =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t clients) {
            const std::uint64_t parameters = parameters_of(model);
            const auto budget = static_cast<double>(options.budget);
            // If no two clients send the same entry.
            return Traffic{expected_numbers_size(budget, parameters),
                           expected_numbers_size(budget * static_cast<double>(clients), parameters),
                           false};
        },
    .memory =
        [](const AlgorithmOptions& options, const TrainableModel& model, std::size_t clients) {
            std::vector<MemoryPart> parts = first_order_memory(options, model.parameters);
            MemoryPart residuals = numbers_in_memory("residuals of all clients", model.parameters);
            residuals.bytes *= static_cast<double>(clients);
            parts.push_back(residuals);
            return parts;
        }};

}  // namespace federated
