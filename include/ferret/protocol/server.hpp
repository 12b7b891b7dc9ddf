#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../sketch.hpp"
#include "broadcast.hpp"
#include "follower.hpp"
#include "plan.hpp"
#include "plan_check.hpp"
#include "update_message.hpp"

namespace ferret {

/// What a client's update counts for in the mean.
enum class Weighting : std::uint8_t { equal, by_examples };

/// The server's part: collects the messages of a round and closes it with a broadcast, whose bytes
/// its own copy of the model follows too.
/// Backend: where its model lies, Cpu or (protocol.cuh) Cuda
template <class Backend = Cpu>
class Server {
public:
    /// Shapes: model: the layout's tensors, of which only the fingerprint is kept
    /// rounds: how many the model has behind it
    /// Throws: InvalidBudget if the plan's K does not fit its layout; LayoutMismatch
    template <TensorList<Backend::space> Model>
    Server(Plan plan, const Model& model, Weighting weighting = Weighting::equal,
           std::uint64_t rounds = 0, Backend backend = {})
        : plan_(std::move(plan)),
          planned_bases_(planned_bases(plan_)),
          weighting_(weighting),
          follower_(plan_, rounds, backend),
          model_before_(follower_.fingerprint(model)) {}

    /// The round that messages are taken for.
    std::uint64_t round() const { return follower_.round() + 1; }

    /// How many clients have answered in this round.
    std::size_t received() const { return updates_.size(); }

    /// Takes one client's message.
    /// Throws: WireError, NonFinite for a message that is none; WrongRound; ModelMismatch if it
    ///         began with another model; LayoutMismatch, SketchMismatch for another layout, basis,
    ///         budget or seed than the plan's; Duplicate for a client that has answered. The round
    ///         goes on as if the message had not come
    void receive(std::span<const std::byte> bytes) {
        UpdateMessage update = decode_update(bytes, plan_.up);
        check_update(update);
        const std::uint64_t client = update.client;
        updates_.emplace(client, std::move(update));
    }

    /// Ends the round with whoever has answered, and moves the model.
    /// Math:   model -= rate * mean of the rebuilt updates
    /// Shapes: model: the layout's tensors -> the broadcast for all followers
    /// Throws: ModelMismatch if it is not the round's model, NonFinite for a rate or a mean that is
    ///         not a finite number; round and model are then as they were
    /// Repro:  the same bytes and model in whatever order the messages came, for every backend
    template <MutableTensorList<Backend::space> Model>
    std::vector<std::byte> close(Model&& model, float rate) {
        follower_.expect_model(model, model_before_, "before");
        Broadcast broadcast = combine(rate);
        std::vector<std::byte> bytes = follower_.lead(broadcast, model);
        model_before_ = broadcast.model_after;
        updates_.clear();
        return bytes;
    }

private:
    void check_update(const UpdateMessage& update) const {
        const std::string who = "client " + std::to_string(update.client);
        if (update.round != round())
            throw WrongRound(
                error_text({who, ": expected round ", round(), ", got ", update.round}));
        if (updates_.contains(update.client))
            throw Duplicate(error_text({who, ": expected one message a round, got another"}));
        if (update.model_before != model_before_)
            throw ModelMismatch(error_text({who, ": expected the model with fingerprint ",
                                            model_before_, ", got ", update.model_before}));
        if (weighting_ == Weighting::by_examples && update.examples == 0)
            throw Malformed(error_text({who, ": expected examples, got none"}));
        check_against(plan_, planned_bases_, update.sketch, round(), update.client, who);
    }

    /// The broadcast of the round, but for the model it leads to.
    Broadcast combine(float rate) const {
        if (!is_finite(rate))
            throw NonFinite(error_text({"server: expected a finite rate, got ", rate}));
        const IeeeArithmetic ieee;
        std::vector<Sketch> sketches;
        std::vector<double> weights;
        for (const auto& [client, update] : updates_) {
            sketches.push_back(update.sketch);
            weights.push_back(
                weighting_ == Weighting::equal ? 1.0 : static_cast<double>(update.examples));
        }
        Broadcast broadcast{round(), model_before_, 0, -rate, {}};
        if (sketches.empty()) return broadcast;
        double total = 0.0;
        for (const double weight : weights) total += weight;
        if (can_add(sketches)) {
            Sketch mean = sum(sketches, weights);
            mean.scale(static_cast<float>(1.0 / total));
            broadcast.sketches.push_back(encode(mean, plan_.down));
            return broadcast;
        }
        const auto count = static_cast<double>(sketches.size());
        for (std::size_t i = 0; i < sketches.size(); ++i) {
            sketches[i].scale(static_cast<float>(weights[i] * count / total));
            broadcast.sketches.push_back(encode(sketches[i], plan_.down));
        }
        broadcast.scale = static_cast<float>(-static_cast<double>(rate) / count);
        return broadcast;
    }

    Plan plan_;
    std::vector<std::uint32_t> planned_bases_;
    Weighting weighting_;
    Follower<Backend> follower_;
    std::uint64_t model_before_;
    std::map<std::uint64_t, UpdateMessage> updates_;  ///< by client: the order of all sums
};

}  // namespace ferret
