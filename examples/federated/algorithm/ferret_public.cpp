#include "federated/algorithm/ferret_public.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/algorithm/memory_parts.hpp"
#include "federated/algorithm/pool_seed.hpp"
#include "federated/model/model_layout.hpp"
#include "federated/model/weights.hpp"
#include "federated/round/sampling.hpp"

namespace federated {
namespace {

std::vector<std::uint32_t> seeds_per_block(const ferret::Layout& layout, std::uint32_t pool_size) {
    if (pool_size < 2) {
        throw ferret::InvalidBudget("ferret-public: expected a pool of at least 2 seeds, got " +
                                    std::to_string(pool_size));
    }
    std::vector<std::uint32_t> seeds;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        seeds.push_back(static_cast<std::uint32_t>(
            std::min<std::uint64_t>(pool_size, layout.block_size(block))));
    }
    return seeds;
}

std::uint64_t coordinate_count_of(const FerretPublicSettings& settings) {
    if (ferret::is_sparse(settings.basis)) {
        throw std::invalid_argument("ferret-public: expected a dense basis, got sparse-sign");
    }
    const std::vector<std::uint32_t> seeds = seeds_per_block(settings.layout, settings.pool_size);
    const auto count = std::accumulate(seeds.begin(), seeds.end(), std::uint64_t{0});
    if (count > std::numeric_limits<std::uint32_t>::max()) {
        throw std::invalid_argument("ferret-public: expected fewer than 2^32 coordinates, got " +
                                    std::to_string(count));
    }
    return count;
}

}  // namespace

FerretPublicClient::FerretPublicClient(TrainableModel& model, LocalTrainer train,
                                       std::uint64_t seed, FerretPublicSettings settings)
    : model_(model),
      client_(model, std::move(train), seed),
      seed_(seed),
      settings_(std::move(settings)),
      seeds_per_block_(seeds_per_block(settings_.layout, settings_.pool_size)),
      coordinate_count_(coordinate_count_of(settings_)),
      project_(settings_.layout, settings_.basis, ferret::Uniform{coordinate_count_}),
      reconstruct_(settings_.layout, settings_.basis),
      pool_(coordinate_count_, 0.0f) {}

std::vector<float> FerretPublicClient::measure_norms() const {
    const ferret::Shard whole = ferret::Shard::all(settings_.layout);
    std::vector<float> norms(coordinate_count_);
    Weights direction;
    for (const auto& parameter : model_.parameters) {
        direction.push_back(torch::empty(parameter.sizes(), torch::kFloat32));
    }
    for (std::uint32_t k = 0; k < settings_.pool_size; ++k) {
        for (auto& tensor : direction) tensor.zero_();
        reconstruct_.add_basis(pool_seed(seed_), k, direction, 1.0f);
        const std::vector<double> squares = project_.shard_squared_norms(direction, whole);
        std::size_t first = 0;
        for (std::size_t block = 0; block < squares.size(); ++block) {
            const std::uint32_t seeds = seeds_per_block_[block];
            if (k < seeds) norms[first + k] = static_cast<float>(std::sqrt(squares[block]));
            first += seeds;
        }
    }
    return norms;
}

ClientUpdate FerretPublicClient::train(const Participant& participant, const Round& round,
                                       std::span<const std::byte> kept,
                                       const StepObserver& on_step) {
    expect_no_state(kept);
    const auto make_message = [&](const Weights& before) {
        // The model's own tensors take the update, so that no further copy is needed.
        make_delta(before, model_.parameters);
        return encode_numbers(
            project(model_.parameters, client_generator(seed_, "drawn seeds", participant, round)));
    };
    return client_(participant, round, make_message, on_step);
}

SparseNumbers FerretPublicClient::project(const Weights& delta, std::mt19937_64 generator) const {
    const ferret::Layout& layout = settings_.layout;
    const ferret::Shard whole = ferret::Shard::all(layout);
    const std::vector<double> squares = project_.shard_squared_norms(delta, whole);
    const ferret::Sketch sketch =
        project_.project_shard(delta, whole, seeds_per_block_, pool_seed(seed_));
    const double largest = std::sqrt(*std::max_element(squares.begin(), squares.end()));

    SparseNumbers sent{.size = coordinate_count_, .indices = {}, .values = {}};
    std::size_t first = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::uint32_t seeds = seeds_per_block_[block];
        const double share = largest > 0.0 ? std::sqrt(squares[block]) / largest : 0.0;
        const auto wished = static_cast<std::uint32_t>(share * settings_.pool_size);
        const std::uint32_t count = std::min(std::max(wished, 2u), seeds);
        const auto size = static_cast<double>(layout.block_size(block));
        // The sketch's coordinates are those of an unbiased projection on all K_l bases.
        const double rho = ferret::second_moment(settings_.basis, layout.block_size(block), seeds);
        const double factor = rho * seeds * size / count;
        std::vector<std::size_t> drawn = sample_without_replacement(generator, seeds, count);
        std::sort(drawn.begin(), drawn.end());
        for (const std::size_t k : drawn) {
            const double value = factor * static_cast<double>(sketch.coordinates[first + k]);
            sent.indices.push_back(static_cast<std::uint32_t>(first + k));
            sent.values.push_back(static_cast<float>(value));
            if (!std::isfinite(sent.values.back())) {
                throw ferret::NonFinite("its update's coordinates overflow float");
            }
        }
        first += seeds;
    }
    return sent;
}

void FerretPublicClient::follow(const Round& round, std::span<const std::byte> broadcast) {
    const SparseNumbers mean =
        decode_numbers(broadcast, coordinate_count_, Repeats::refused, "ferret-public broadcast");
    for (float& number : pool_) number *= static_cast<float>(settings_.momentum);
    for (std::size_t i = 0; i < mean.indices.size(); ++i) {
        float& number = pool_[mean.indices[i]];
        number += mean.values[i];
        if (!std::isfinite(number)) number = 0.0f;
    }
    if (norms_.empty()) norms_ = measure_norms();
    const ferret::Sketch step{.seed = pool_seed(seed_),
                              .basis = ferret::basis_id(settings_.basis),
                              .layout_fingerprint = settings_.layout.fingerprint(),
                              .bases_per_block = seeds_per_block_,
                              .coordinates = clipped()};
    reconstruct_(step, model_.parameters, -static_cast<float>(round.server_rate));
}

std::vector<float> FerretPublicClient::clipped() const {
    std::vector<float> coordinates(pool_);
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
        const double norm = std::abs(static_cast<double>(coordinates[i])) * norms_[i];
        if (norm <= settings_.clip_norm) continue;
        coordinates[i] = static_cast<float>(coordinates[i] * (settings_.clip_norm / norm));
    }
    return coordinates;
}

std::vector<std::byte> FerretPublicClient::state() const {
    return encode_numbers(pool_);
}

void FerretPublicClient::restore(std::span<const std::byte> state) {
    pool_ = decode_all_numbers(state, coordinate_count_, "ferret-public state");
}

FerretPublicServer::FerretPublicServer(const FerretPublicSettings& settings)
    : coordinate_count_(coordinate_count_of(settings)) {}

void FerretPublicServer::receive(const Participant&, const Round&,
                                 std::span<const std::byte> message) {
    received_.push_back(
        decode_numbers(message, coordinate_count_, Repeats::refused, "ferret-public message"));
}

std::vector<std::byte> FerretPublicServer::close(const Round&) {
    expect_messages(received_.size(), "ferret-public");
    const SparseNumbers mean = mean_of(received_);
    received_.clear();
    return encode_numbers(mean);
}

namespace {

constexpr std::string_view options_read[] = {"optimizer", "basis",         "layout",   "blocks",
                                             "pool-size", "pool-momentum", "clip-norm"};

ferret::Layout layout_of(const AlgorithmOptions& options, const TrainableModel& model) {
    return make_layout(model, options, LayoutKind::grouped);
}

FerretPublicSettings settings_of(const AlgorithmOptions& options, const TrainableModel& model) {
    return {.layout = layout_of(options, model),
            .basis = options.basis == automatic ? ferret::TruncatedNormal<16>{}
                                                : ferret::parse_basis(options.basis),
            .pool_size = static_cast<std::uint32_t>(options.pool_size),
            .momentum = options.pool_momentum,
            .clip_norm = options.clip_norm};
}

Traffic traffic_of(const AlgorithmOptions& options, const TrainableModel& model,
                   std::size_t clients) {
    const ferret::Layout layout = layout_of(options, model);
    std::vector<double> sizes;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        sizes.push_back(static_cast<double>(layout.block_size(block)));
    }
    const double largest = *std::max_element(sizes.begin(), sizes.end());
    const auto pool = static_cast<double>(options.pool_size);
    double sent = 0.0;
    double in_mean = 0.0;
    double all = 0.0;
    for (const double size : sizes) {
        const double seeds = std::min(pool, size);
        const double wished = std::floor(std::sqrt(size / largest) * pool);
        const double drawn = std::min(std::max(wished, 2.0), seeds);
        sent += drawn;
        in_mean += expected_distinct(seeds, drawn / seeds, static_cast<double>(clients));
        all += seeds;
    }
    const auto of = static_cast<std::uint64_t>(all);
    return {expected_numbers_size(sent, of), expected_numbers_size(in_mean, of), false};
}

}  // namespace

constinit const AlgorithmEntry ferret_public_entry{
    .name = "ferret-public",
    .summary = "Ferret as its public code has it",
    .options = options_read,
    .gpu = false,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<FerretPublicClient>(model,
                                                    first_order_trainer(local_training(options)),
                                                    options.seed, settings_of(options, model));
    },
    .make_server = [](const AlgorithmOptions& options,
                      const TrainableModel& model) -> std::unique_ptr<ServerAlgorithm> {
        return std::make_unique<FerretPublicServer>(settings_of(options, model));
    },
    .traffic = traffic_of,
    .memory = [](const AlgorithmOptions& options, const TrainableModel& model,
                 std::size_t) { return first_order_memory(options, model.parameters); }};

}  // namespace federated
