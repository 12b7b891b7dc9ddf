#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../reconstructor.hpp"
#include "broadcast.hpp"
#include "model_fingerprint.hpp"
#include "plan.hpp"

namespace ferret {

/// Whoever keeps the round's model, server and clients alike: goes from round to round by
/// broadcasts, and finds out in the round where it happens if its model is not the server's.
/// Backend: where its model lies, Cpu or (protocol.cuh) Cuda
template <class Backend = Cpu>
class Follower {
public:
    /// rounds: how many the model has behind it
    explicit Follower(Plan plan, std::uint64_t rounds = 0, Backend backend = {})
        : plan_(std::move(plan)),
          round_(rounds),
          backend_(backend),
          reconstruct_(plan_.layout, plan_.basis, backend) {}

    /// The last round that the model has behind it.
    std::uint64_t round() const { return round_; }

    /// Brings the model to the next round.
    /// Cost:   one reconstruction, and two readings of the model for its fingerprints
    /// Throws: WireError, NonFinite, LayoutMismatch, SketchMismatch for a broadcast that no server
    ///         of this plan makes; WrongRound for another than the next; ModelMismatch if the model
    ///         is not the one that the broadcast is for. The model is then untouched. ModelMismatch
    ///         also if what came out is not the server's: the model is then of no use
    /// Repro:  the same bits for every backend, instruction set, thread count and tensor cut
    template <MutableTensorList<Backend::space> Model>
    void apply(std::span<const std::byte> bytes, Model&& model) {
        const Broadcast broadcast = decode_broadcast(bytes);
        if (broadcast.round != round_ + 1)
            throw WrongRound(
                error_text({"broadcast: expected round ", round_ + 1, ", got ", broadcast.round}));
        if (!is_finite(broadcast.scale))
            throw NonFinite(
                error_text({"broadcast: expected a finite scale, got ", broadcast.scale}));
        expect_model(model, broadcast.model_before, "before");
        rebuild(broadcast.sketches, broadcast.scale, model);
        expect_model(model, broadcast.model_after, "after");
        ++round_;
    }

private:
    template <class>
    friend class Server;
    template <class>
    friend class SecureServer;

    /// For a server, whose model follows what it sends: makes the broadcast whole, and goes on to the next
    /// round.
    template <class Model>
    std::vector<std::byte> lead(Broadcast& broadcast, Model& model) {
        rebuild(broadcast.sketches, broadcast.scale, model);
        broadcast.model_after = fingerprint(model);
        ++round_;
        return encode(broadcast);
    }

    template <class Model>
    void rebuild(std::span<const std::vector<std::byte>> messages, float scale,
                 Model& model) const {
        if (messages.empty()) return;  // adding zeros would turn -0 into 0
        std::vector<Sketch> sketches;
        for (const std::vector<std::byte>& message : messages)
            sketches.push_back(decode(message, plan_.down));
        reconstruct_(std::span<const Sketch>(sketches), model, scale);
    }

    template <class Model>
    std::uint64_t fingerprint(const Model& model) const {
        return model_fingerprint(plan_.layout, model, backend_);
    }

    template <class Model>
    void expect_model(const Model& model, std::uint64_t expected, const std::string& when) const {
        const std::uint64_t found = fingerprint(model);
        if (found != expected)
            throw ModelMismatch(error_text({"model ", when, " round ", round_ + 1,
                                            ": expected fingerprint ", expected, ", got ", found}));
    }

    Plan plan_;
    std::uint64_t round_;
    Backend backend_;
    Reconstructor<Backend> reconstruct_;
};

}  // namespace ferret
