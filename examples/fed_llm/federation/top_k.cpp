#include "federation/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "federation/tensor_message.hpp"
#include "federation/weights.hpp"

namespace fed_llm {
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

TopK::TopK(TrainableModel& model, const LocalTraining& training, std::uint64_t seed,
           std::uint64_t budget)
    : model_(model),
      client_(model, first_order_trainer(training), seed),
      budget_(static_cast<std::size_t>(budget)),
      parameters_(static_cast<std::uint64_t>(parameter_count(model.parameters))) {
    if (parameters_ > most_parameters) {
        throw std::invalid_argument("top-k: expected at most 2^32 parameters, got " +
                                    std::to_string(parameters_));
    }
    if (budget == 0 || budget > parameters_) {
        throw ferret::InvalidBudget("top-k: expected K from 1 to " + std::to_string(parameters_) +
                                    ", got " + std::to_string(budget));
    }
}

ClientUpdate TopK::client_update(const Participant& participant, const Round& round,
                                 const StepObserver& on_step) {
    return client_(
        participant, round,
        [&](const Weights& before) { return make_message(participant.id, before); }, on_step);
}

std::vector<std::byte> TopK::make_message(std::uint64_t client, const Weights& before) {
    torch::Tensor rest = flat_delta(before, model_.parameters);
    const auto residual = residuals_.find(client);
    if (residual != residuals_.end()) rest.add_(residual->second);
    if (!all_finite({rest})) throw ferret::NonFinite("its update is infinite or not a number");
    const SparseNumbers sent = largest_entries(elements(rest), budget_);
    for (const std::uint32_t index : sent.indices) elements(rest)[index] = 0.0f;
    residuals_.insert_or_assign(client, std::move(rest));
    return encode_numbers(sent);
}

void TopK::receive(std::span<const std::byte> message) {
    SparseNumbers numbers = decode_numbers(message, parameters_, Repeats::refused, "top-k message");
    const auto zeros = std::count(numbers.values.begin(), numbers.values.end(), 0.0f);
    const std::size_t count = numbers.values.size() - static_cast<std::size_t>(zeros);
    if (count > budget_) {
        throw std::runtime_error("top-k message: expected at most " + std::to_string(budget_) +
                                 " entries, got " + std::to_string(count));
    }
    received_.push_back(std::move(numbers));
}

std::size_t TopK::aggregate(const Round& round) {
    if (received_.empty()) throw std::logic_error("top-k: aggregate needs at least one message");
    const std::vector<std::byte> broadcast = encode_numbers(mean_of(received_));
    subtract(decode_numbers(broadcast, parameters_, Repeats::refused, "top-k broadcast"),
             round.server_rate);
    received_.clear();
    return broadcast.size();
}

void TopK::subtract(const SparseNumbers& numbers, double scale) {
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

std::vector<std::byte> TopK::state() const {
    std::vector<std::byte> state;
    ferret::append_little_endian(state, std::uint64_t{residuals_.size()});
    for (const auto& [client, residual] : residuals_) {
        ferret::append_little_endian(state, client);
        append_tensors(state, {residual});
    }
    return state;
}

void TopK::restore(std::span<const std::byte> state) {
    const Weights like{torch::empty({static_cast<std::int64_t>(parameters_)}, torch::kFloat32)};
    const std::size_t tensor_size = encoded_size(like);
    const std::size_t entry_size = sizeof(std::uint64_t) + tensor_size;
    const bool headed = state.size() >= sizeof(std::uint64_t);
    const auto count = headed ? ferret::read_little_endian<std::uint64_t>(state, 0) : 0;
    const std::size_t room = headed ? state.size() - sizeof(std::uint64_t) : 0;
    if (!headed || count != room / entry_size || room % entry_size != 0) {
        throw std::runtime_error("top-k state: expected a number and as many residuals of " +
                                 std::to_string(entry_size) + " bytes, got " +
                                 std::to_string(state.size()) + " bytes");
    }
    std::map<std::uint64_t, torch::Tensor> residuals;
    for (std::size_t offset = sizeof(std::uint64_t); offset < state.size(); offset += entry_size) {
        const auto client = ferret::read_little_endian<std::uint64_t>(state, offset);
        Weights residual = decode_tensors(
            state.subspan(offset + sizeof(std::uint64_t), tensor_size), like, "top-k state");
        residuals.emplace(client, std::move(residual.front()));
    }
    residuals_ = std::move(residuals);
}

}  // namespace fed_llm
