#include "federated/algorithm/fed_kseed.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/algorithm/pool_seed.hpp"
#include "federated/round/sampling.hpp"
#include "federated/round/stopwatch.hpp"

namespace federated {
namespace {

/// A list of all numbers of the pool at the beginning of the bytes, and what comes after it.
struct PoolNumbers {
    std::vector<float> numbers;
    std::span<const std::byte> rest;
};

PoolNumbers split_pool_numbers(std::span<const std::byte> bytes, std::uint32_t pool_size,
                               std::string_view what) {
    const std::size_t size = encoded_numbers_size(pool_size);
    if (bytes.size() < size) {
        throw std::runtime_error(std::string(what) + ": expected at least " + std::to_string(size) +
                                 " bytes, got " + std::to_string(bytes.size()));
    }
    return {decode_all_numbers(bytes.first(size), pool_size, what), bytes.subspan(size)};
}

void append(std::vector<std::byte>& bytes, const std::vector<std::byte>& more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

PoolWalk::PoolWalk(TrainableModel& model, const ZerothOrder& training, const SeedPool& pool)
    : model_(model), training_(training), pool_(pool), directions_(model) {}

std::vector<Slope> PoolWalk::operator()(const Participant& participant, const Round& round,
                                        std::span<const float> probabilities,
                                        const StepObserver& on_step, double& mean_loss) {
    DataOrder order(participant.examples, client_generator(pool_.seed, "data", participant, round));
    auto generator = client_generator(pool_.seed, "directions", participant, round);
    const ferret::Seed directions = pool_seed(pool_.seed);
    const double eps = training_.perturbation;
    std::vector<Slope> slopes;
    double loss_sum = 0.0;
    for (std::int64_t step = 1; step <= training_.steps; ++step) {
        const std::vector<std::size_t> examples = order.next(training_.examples);
        const Batch batch{participant.id, examples};
        const auto k = static_cast<std::uint32_t>(probabilities.empty()
                                                      ? random_index(generator, pool_.size)
                                                      : draw_direction(generator, probabilities));
        directions_.walk(directions, k, eps);
        const double above = model_.mean_loss(batch);
        directions_.walk(directions, k, -2.0 * eps);
        const double below = model_.mean_loss(batch);
        const auto slope = static_cast<float>((above - below) / (2.0 * eps));
        const double move = training_.learning_rate * static_cast<double>(slope);
        const bool taken = std::isfinite(static_cast<float>(move));
        // Back and the step itself are one pass.
        directions_.walk(directions, k, taken ? eps - move : eps);
        const double loss = (above + below) / 2.0;
        if (taken) {
            slopes.push_back({k, slope});
            loss_sum += loss;
        }
        if (on_step) on_step(step, training_.steps, loss);
    }
    mean_loss = slopes.empty() ? 0.0 : loss_sum / static_cast<double>(slopes.size());
    return slopes;
}

void PoolWalk::add_all(const std::vector<float>& accumulated) {
    const ferret::Sketch sketch{
        .seed = pool_seed(pool_.seed),
        .basis = ferret::Gaussian::id,
        .layout_fingerprint = directions_.reconstructor().layout().fingerprint(),
        .bases_per_block = {static_cast<std::uint32_t>(accumulated.size())},
        .coordinates = accumulated};
    directions_.reconstructor()(sketch, model_.parameters,
                                -static_cast<float>(training_.learning_rate));
}

FedKSeedClient::FedKSeedClient(TrainableModel& model, const ZerothOrder& training,
                               const SeedPool& pool)
    : model_(model),
      pool_(pool),
      walk_(model, training, pool),
      first_(clone_weights(model.parameters)),
      before_(clone_weights(model.parameters)),
      accumulated_(pool.size, 0.0f) {
    if (pool.size == 0 || pool.size > walk_.parameters()) {
        throw ferret::InvalidBudget("FedKSeed: expected a pool of 1 to " +
                                    std::to_string(walk_.parameters()) + " seeds, got " +
                                    std::to_string(pool.size));
    }
    if (pro()) probabilities_ = SeedImportance(pool.size).probabilities();
}

ClientUpdate FedKSeedClient::train(const Participant& participant, const Round& round,
                                   std::span<const std::byte> kept, const StepObserver& on_step) {
    expect_no_state(kept);
    assign_weights(before_, model_.parameters);
    ClientUpdate update;
    Stopwatch watch;
    std::vector<Slope> slopes =
        walk_(participant, round, probabilities_, on_step, update.training_loss);
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

SparseNumbers FedKSeedClient::to_send(std::vector<Slope> slopes) const {
    std::stable_sort(slopes.begin(), slopes.end(),
                     [](const Slope& a, const Slope& b) { return a.k < b.k; });
    SparseNumbers numbers{.size = pool_.size, .indices = {}, .values = {}};
    for (std::size_t i = 0; i < slopes.size();) {
        const std::uint32_t k = slopes[i].k;
        double sum = static_cast<double>(slopes[i++].value);
        while (!pro() && i < slopes.size() && slopes[i].k == k) {
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

void FedKSeedClient::follow(const Round&, std::span<const std::byte> broadcast) {
    PoolNumbers head{probabilities_, broadcast};
    if (pro()) head = split_pool_numbers(broadcast, pool_.size, "FedKSeed-Pro broadcast");
    const SparseNumbers changed =
        decode_numbers(head.rest, pool_.size, Repeats::refused, "FedKSeed broadcast");
    probabilities_ = std::move(head.numbers);
    for (std::size_t i = 0; i < changed.indices.size(); ++i) {
        accumulated_[changed.indices[i]] = changed.values[i];
    }
    rebuild();
}

void FedKSeedClient::rebuild() {
    assign_weights(model_.parameters, first_);
    walk_.add_all(accumulated_);
}

void FedKSeedClient::catch_up(std::span<const std::byte> message) {
    accumulated_ = decode_all_numbers(message, pool_.size, "FedKSeed catch-up");
    rebuild();
}

std::vector<std::byte> FedKSeedClient::state() const {
    std::vector<std::byte> state = encode_numbers(accumulated_);
    if (pro()) append(state, encode_numbers(probabilities_));
    return state;
}

void FedKSeedClient::restore(std::span<const std::byte> state) {
    PoolNumbers accumulated = split_pool_numbers(state, pool_.size, "FedKSeed state");
    if (pro()) {
        PoolNumbers probabilities =
            split_pool_numbers(accumulated.rest, pool_.size, "FedKSeed-Pro state");
        expect_no_state(probabilities.rest);
        probabilities_ = std::move(probabilities.numbers);
    } else {
        expect_no_state(accumulated.rest);
    }
    accumulated_ = std::move(accumulated.numbers);
}

FedKSeedServer::FedKSeedServer(const SeedPool& pool, std::int64_t steps)
    : pool_(pool), steps_(static_cast<std::size_t>(steps)), accumulated_(pool.size, 0.0f) {
    if (pool.sampling == SeedSampling::important) importance_.emplace(pool.size);
}

void FedKSeedServer::receive(const Participant&, const Round&, std::span<const std::byte> message) {
    SparseNumbers numbers = decode_numbers(
        message, pool_.size, importance_ ? Repeats::allowed : Repeats::refused, "FedKSeed message");
    const std::size_t count = count_nonzero(numbers);
    if (numbers.values.empty() || count > steps_) {
        throw std::runtime_error("FedKSeed message: expected 1 to " + std::to_string(steps_) +
                                 " slopes, got " + std::to_string(count));
    }
    received_.push_back(std::move(numbers));
}

std::vector<std::byte> FedKSeedServer::close(const Round& round) {
    expect_messages(received_.size(), "FedKSeed");
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
    std::vector<std::byte> broadcast;
    if (importance_) append(broadcast, encode_numbers(importance_->probabilities()));
    // A list that is cheaper whole has a number for every k, and those that did not change are not 0.
    std::vector<std::byte> numbers = encode_numbers(changed);
    if (numbers.size() == encoded_numbers_size(pool_.size)) numbers = encode_numbers(accumulated_);
    append(broadcast, numbers);
    return broadcast;
}

std::vector<std::byte> FedKSeedServer::state() const {
    std::vector<std::byte> state = catch_up();
    if (importance_) append(state, importance_->state());
    return state;
}

void FedKSeedServer::restore(std::span<const std::byte> state) {
    PoolNumbers accumulated = split_pool_numbers(state, pool_.size, "FedKSeed state");
    if (importance_) {
        importance_->restore(accumulated.rest);
    } else {
        expect_no_state(accumulated.rest);
    }
    accumulated_ = std::move(accumulated.numbers);
}

namespace {

constexpr std::string_view options_read[] = {"pool-size", "perturbation"};

SeedPool pool_of(const AlgorithmOptions& options, SeedSampling sampling) {
    return {static_cast<std::uint32_t>(options.pool_size), sampling, options.seed};
}

/// At server rate 1, FedKSeed sends a number for every direction that was walked; Pro sends one for
/// every step up, and all probabilities down.
Traffic traffic_of(const AlgorithmOptions& options, std::size_t clients, SeedSampling sampling) {
    const bool pro = sampling == SeedSampling::important;
    const auto pool = static_cast<std::uint64_t>(options.pool_size);
    const auto of = static_cast<double>(pool);
    const auto steps = static_cast<double>(options.local_steps);
    const double walked = expected_distinct(of, 1.0 / of, steps);
    const double changed = expected_distinct(of, 1.0 / of, steps * static_cast<double>(clients));
    // Steps along one direction again have an index and a value each.
    const double each = pool <= (1u << 16) ? 6.0 : 8.0;
    return {
        pro ? expected_numbers_size(0.0, pool) + each * steps : expected_numbers_size(walked, pool),
        expected_numbers_size(changed, pool) + (pro ? expected_numbers_size(of, pool) : 0.0),
        false};
}

template <SeedSampling sampling>
constexpr AlgorithmEntry entry(std::string_view name, std::string_view summary) {
    return {.name = name,
            .summary = summary,
            .options = options_read,
            .gradients = false,
            .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                              Transport*) -> std::unique_ptr<ClientAlgorithm> {
                return std::make_unique<FedKSeedClient>(model, zeroth_order(options),
                                                        pool_of(options, sampling));
            },
            .make_server = [](const AlgorithmOptions& options,
                              const TrainableModel&) -> std::unique_ptr<ServerAlgorithm> {
                return std::make_unique<FedKSeedServer>(pool_of(options, sampling),
                                                        options.local_steps);
            },
            .traffic = [](const AlgorithmOptions& options, const TrainableModel&,
                          std::size_t clients) { return traffic_of(options, clients, sampling); },
            .memory =
                [](const AlgorithmOptions&, const TrainableModel& model, std::size_t) {
                    std::vector<MemoryPart> parts = zeroth_order_memory(model.parameters);
                    parts.push_back(numbers_in_memory("first weights", model.parameters));
                    return parts;
                }};
}

}  // namespace

constinit const AlgorithmEntry fed_kseed_entry =
    entry<SeedSampling::uniform>("fedkseed", "slopes along directions of a pool");
constinit const AlgorithmEntry fed_kseed_pro_entry = entry<SeedSampling::important>(
    "fedkseed-pro", "the same, directions with large slopes drawn more often");

}  // namespace federated
