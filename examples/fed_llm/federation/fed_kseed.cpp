#include "federation/fed_kseed.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "data/sampling.hpp"
#include "federation/stopwatch.hpp"
#include "federation/training_client.hpp"
#include "federation/weights.hpp"

namespace fed_llm {
namespace {

/// Where the pool's directions come from.
ferret::Seed pool_seed(std::uint64_t seed) {
    return {seed, 0};
}

}  // namespace

FedKSeed::FedKSeed(TrainableModel& model, const ZerothOrder& training, std::uint32_t pool_size,
                   SeedSampling sampling, std::uint64_t seed)
    : model_(model),
      training_(training),
      pool_size_(pool_size),
      seed_(seed),
      directions_(model),
      first_(clone_weights(model.parameters)),
      before_(clone_weights(model.parameters)),
      accumulated_(pool_size, 0.0f) {
    const std::uint64_t parameters = directions_.reconstructor().layout().element_count();
    if (pool_size == 0 || pool_size > parameters) {
        throw ferret::InvalidBudget("FedKSeed: expected a pool of 1 to " +
                                    std::to_string(parameters) + " seeds, got " +
                                    std::to_string(pool_size));
    }
    if (sampling == SeedSampling::important) {
        importance_.emplace(pool_size);
        probabilities_ = importance_->probabilities();
    }
}

ClientUpdate FedKSeed::client_update(const Participant& participant, const Round& round,
                                     const StepObserver& on_step) {
    assign_weights(before_, model_.parameters);
    ClientUpdate update;
    Stopwatch watch;
    std::vector<Slope> slopes = walk(participant, round, on_step, update);
    const bool finite = all_finite(model_.parameters);
    update.training_seconds = watch.lap();
    if (slopes.empty() || !finite) {
        update.failure = slopes.empty() ? "none of its steps has a finite slope"
                                        : "its weights became infinite or not a number";
    } else {
        try {
            update.message = encode_numbers(to_send(std::move(slopes)));
        } catch (const ferret::NonFinite& error) {
            update.failure = error.what();
        }
    }
    update.projection_seconds = watch.lap();
    assign_weights(model_.parameters, before_);
    return update;
}

std::size_t FedKSeed::draw(std::mt19937_64& generator) const {
    return importance_ ? draw_direction(generator, probabilities_)
                       : random_index(generator, pool_size_);
}

std::vector<FedKSeed::Slope> FedKSeed::walk(const Participant& participant, const Round& round,
                                            const StepObserver& on_step, ClientUpdate& update) {
    const std::span<const Example> examples = participant.client.examples;
    DataOrder order(examples.size(), client_generator(seed_, "data", participant, round));
    auto generator = client_generator(seed_, "directions", participant, round);
    const ferret::Seed pool = pool_seed(seed_);
    const double eps = training_.perturbation;
    std::vector<Slope> slopes;
    double loss_sum = 0.0;
    for (std::int64_t step = 1; step <= training_.steps; ++step) {
        const auto batch = next_examples(examples, training_.examples, order);
        const auto k = static_cast<std::uint32_t>(draw(generator));
        directions_.walk(pool, k, eps);
        const double above = model_.mean_loss(batch);
        directions_.walk(pool, k, -2.0 * eps);
        const double below = model_.mean_loss(batch);
        const auto slope = static_cast<float>((above - below) / (2.0 * eps));
        const double move = training_.learning_rate * static_cast<double>(slope);
        const bool taken = std::isfinite(static_cast<float>(move));
        // Back and the step itself are one pass.
        directions_.walk(pool, k, taken ? eps - move : eps);
        const double loss = (above + below) / 2.0;
        if (taken) {
            slopes.push_back({k, slope});
            loss_sum += loss;
        }
        if (on_step) on_step(step, training_.steps, loss);
    }
    if (!slopes.empty()) update.training_loss = loss_sum / static_cast<double>(slopes.size());
    return slopes;
}

SparseNumbers FedKSeed::to_send(std::vector<Slope> slopes) const {
    std::stable_sort(slopes.begin(), slopes.end(),
                     [](const Slope& a, const Slope& b) { return a.k < b.k; });
    SparseNumbers numbers{.size = pool_size_, .indices = {}, .values = {}};
    for (std::size_t i = 0; i < slopes.size();) {
        const std::uint32_t k = slopes[i].k;
        double sum = static_cast<double>(slopes[i++].value);
        while (!importance_ && i < slopes.size() && slopes[i].k == k) {
            sum += static_cast<double>(slopes[i++].value);
        }
        numbers.indices.push_back(k);
        numbers.values.push_back(static_cast<float>(sum));
        if (!std::isfinite(numbers.values.back())) {
            throw ferret::NonFinite("its slopes add up to more than a float holds");
        }
    }
    return numbers;
}

void FedKSeed::receive(std::span<const std::byte> message) {
    SparseNumbers numbers = decode_numbers(
        message, pool_size_, importance_ ? Repeats::allowed : Repeats::refused, "FedKSeed message");
    const auto zeros = std::count(numbers.values.begin(), numbers.values.end(), 0.0f);
    const std::size_t count = numbers.values.size() - static_cast<std::size_t>(zeros);
    const auto steps = static_cast<std::size_t>(training_.steps);
    if (numbers.values.empty() || count > steps) {
        throw std::runtime_error("FedKSeed message: expected 1 to " + std::to_string(steps) +
                                 " slopes, got " + std::to_string(count));
    }
    received_.push_back(std::move(numbers));
}

std::size_t FedKSeed::aggregate(const Round& round) {
    if (received_.empty()) throw std::logic_error("FedKSeed: aggregate needs at least one message");
    for (const SparseNumbers& numbers : received_) {
        for (std::size_t i = 0; importance_ && i < numbers.indices.size(); ++i) {
            // A message that travelled whole has zeros for the directions that were not walked.
            if (numbers.values[i] == 0.0f) continue;
            importance_->add(numbers.indices[i], numbers.values[i]);
        }
    }
    SparseNumbers changed = mean_of(received_);
    for (std::size_t i = 0; i < changed.indices.size(); ++i) {
        float& number = accumulated_[changed.indices[i]];
        number += static_cast<float>(round.server_rate * static_cast<double>(changed.values[i]));
        changed.values[i] = number;
    }
    received_.clear();
    assign_weights(model_.parameters, first_);
    rebuild(accumulated_, model_.parameters);
    std::size_t bytes_down = encode_numbers(changed).size();
    if (importance_) {
        probabilities_ = importance_->probabilities();
        bytes_down += encode_numbers(probabilities_).size();
    }
    return bytes_down;
}

void FedKSeed::rebuild(const std::vector<float>& accumulated, Weights& first) const {
    const ferret::Sketch sketch{
        .seed = pool_seed(seed_),
        .basis = ferret::Gaussian::id,
        .layout_fingerprint = directions_.reconstructor().layout().fingerprint(),
        .bases_per_block = {pool_size_},
        .coordinates = accumulated};
    directions_.reconstructor()(sketch, first, -static_cast<float>(training_.learning_rate));
}

void FedKSeed::catch_up(std::span<const std::byte> message, Weights& first) const {
    rebuild(decode_all_numbers(message, pool_size_, "FedKSeed catch-up"), first);
}

std::vector<std::byte> FedKSeed::state() const {
    std::vector<std::byte> state = catch_up();
    if (importance_) {
        const std::vector<std::byte> history = importance_->state();
        state.insert(state.end(), history.begin(), history.end());
    }
    return state;
}

void FedKSeed::restore(std::span<const std::byte> state) {
    const std::size_t size = encoded_numbers_size(pool_size_);
    if (state.size() < size || (!importance_ && state.size() != size)) {
        throw std::runtime_error("FedKSeed state: expected " + std::to_string(size) +
                                 " bytes, got " + std::to_string(state.size()));
    }
    auto accumulated = decode_all_numbers(state.first(size), pool_size_, "FedKSeed state");
    if (importance_) {
        importance_->restore(state.subspan(size));
        probabilities_ = importance_->probabilities();
    }
    accumulated_ = std::move(accumulated);
}

}  // namespace fed_llm
