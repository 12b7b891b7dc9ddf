#include "federated/algorithm/fed_zo.hpp"

#include <cmath>
#include <utility>

#include "federated/algorithm/fed_avg.hpp"
#include "federated/algorithm/memory_parts.hpp"
#include "federated/model/weights.hpp"

namespace federated {
namespace {

/// The steps of all clients along the directions of one model.
class ZerothOrderTrainer {
public:
    ZerothOrderTrainer(TrainableModel& model, const ZerothOrder& training, std::int64_t directions,
                       std::uint64_t seed)
        : directions_(model), training_(training), per_step_(directions), seed_(seed) {}

    LocalResult operator()(TrainableModel& model, const Participant& participant,
                           const Round& round, DataOrder order, const StepObserver& on_step) const {
        const ferret::Seed client = ferret::Seed{seed_, number_of(round)}.derive(participant.id);
        LocalResult result;
        double sum = 0.0;
        for (std::int64_t step = 1; step <= training_.steps; ++step) {
            const std::vector<std::size_t> examples = order.next(training_.examples);
            const Batch batch{participant.id, examples};
            const double loss = model.mean_loss(batch);
            if (!take_step(model, batch, loss, client.derive(static_cast<std::uint64_t>(step)))) {
                return {loss, false};
            }
            sum += loss;
            if (on_step) on_step(step, training_.steps, loss);
        }
        result.mean_loss = sum / static_cast<double>(training_.steps);
        result.finite = all_finite(model.parameters);
        return result;
    }

private:
    /// Returns whether all losses were finite.
    bool take_step(TrainableModel& model, const Batch& batch, double here,
                   const ferret::Seed& seed) const {
        const double rate = training_.learning_rate / static_cast<double>(per_step_);
        std::vector<double> moves;
        for (std::int64_t n = 0; n < per_step_; ++n) {
            const auto k = static_cast<std::uint32_t>(n);
            directions_.walk(seed, k, training_.perturbation);
            const double slope = (model.mean_loss(batch) - here) / training_.perturbation;
            moves.push_back(-rate * slope);
            if (!std::isfinite(static_cast<float>(moves.back()))) return false;
            // The last direction's way back and its step are one pass.
            const bool last = n + 1 == per_step_;
            directions_.walk(seed, k, (last ? moves.back() : 0.0) - training_.perturbation);
        }
        for (std::int64_t n = 0; n + 1 < per_step_; ++n) {
            directions_.walk(seed, static_cast<std::uint32_t>(n),
                             moves[static_cast<std::size_t>(n)]);
        }
        return true;
    }

    RandomDirections directions_;
    ZerothOrder training_;
    std::int64_t per_step_;
    std::uint64_t seed_;
};

}  // namespace

LocalTrainer zeroth_order_trainer(TrainableModel& model, const ZerothOrder& training,
                                  std::int64_t directions, std::uint64_t seed) {
    return ZerothOrderTrainer(model, training, directions, seed);
}

namespace {
constexpr std::string_view options_read[] = {"perturbation", "directions"};
}

constinit const AlgorithmEntry fed_zo_entry{
    .name = "fedzo",
    .summary = "the whole update, of steps without gradients",
    .options = options_read,
    .gradients = false,
    .make_client = [](const AlgorithmOptions& options, TrainableModel& model,
                      Transport*) -> std::unique_ptr<ClientAlgorithm> {
        return std::make_unique<FedAvgClient>(
            model,
            zeroth_order_trainer(model, zeroth_order(options), options.directions, options.seed),
            options.seed);
    },
    .make_server = make_averaging_server,
    .traffic = averaging_traffic,
    .memory =
        [](const AlgorithmOptions&, const TrainableModel& model, std::size_t) {
            return with_update_sum(zeroth_order_memory(model.parameters), model.parameters);
        }};

}  // namespace federated
