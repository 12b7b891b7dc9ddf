#include "federated/algorithm/seed_importance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/round/sampling.hpp"

namespace federated {
namespace {

constexpr float largest_slope = 1000.0f;
constexpr double smallest_range = 1e-10;

}  // namespace

SeedImportance::SeedImportance(std::size_t pool_size)
    : sums_(pool_size, 0.0f), counts_(pool_size, 0.0f) {}

void SeedImportance::add(std::size_t k, float slope) {
    sums_[k] += std::min(std::abs(slope), largest_slope);
    counts_[k] += 1.0f;
}

std::vector<float> SeedImportance::probabilities() const {
    std::vector<double> weights(sums_.size());
    for (std::size_t k = 0; k < weights.size(); ++k) {
        weights[k] = static_cast<double>(sums_[k]) / (static_cast<double>(counts_[k]) + 1.0);
    }
    const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
    const double base = *least;
    const double range = *most - base + smallest_range;
    // The largest exponent is at most 1, so that nothing overflows.
    for (double& weight : weights) weight = std::exp((weight - base) / range);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<float> probabilities;
    for (const double weight : weights) {
        probabilities.push_back(static_cast<float>(weight / total));
    }
    return probabilities;
}

std::vector<std::byte> SeedImportance::state() const {
    std::vector<std::byte> state = encode_numbers(sums_);
    const std::vector<std::byte> counts = encode_numbers(counts_);
    state.insert(state.end(), counts.begin(), counts.end());
    return state;
}

void SeedImportance::restore(std::span<const std::byte> state) {
    const std::size_t size = encoded_numbers_size(sums_.size());
    if (state.size() != 2 * size) {
        throw std::runtime_error("FedKSeed-Pro state: expected " + std::to_string(2 * size) +
                                 " bytes of history, got " + std::to_string(state.size()));
    }
    auto sums = decode_all_numbers(state.first(size), sums_.size(), "FedKSeed-Pro state");
    auto counts = decode_all_numbers(state.subspan(size), sums_.size(), "FedKSeed-Pro state");
    sums_ = std::move(sums);
    counts_ = std::move(counts);
}

std::size_t draw_direction(std::mt19937_64& generator, std::span<const float> probabilities) {
    std::vector<double> ends(probabilities.begin(), probabilities.end());
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    const auto after =
        std::upper_bound(ends.begin(), ends.end(), random_share(generator) * ends.back());
    return std::min(static_cast<std::size_t>(after - ends.begin()), ends.size() - 1);
}

}  // namespace federated
