#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../projector.hpp"
#include "../protocol/model_fingerprint.hpp"
#include "../protocol/plan.hpp"
#include "grid.hpp"
#include "round_terms.hpp"
#include "sum_client.hpp"

namespace ferret {

/// A client's part in a round of which the server learns the mean alone: as Client, in four messages.
/// How the model goes on is a Follower's part, as ever.
/// Backend: where its models lie, Cpu or (protocol.cuh) Cuda
template <class Backend = Cpu>
class SecureClient {
public:
    /// Throws: InvalidBudget as summable_bases
    SecureClient(Plan plan, secure::SumClient sum, Backend backend = {})
        : plan_(std::move(plan)),
          chunks_(cut_into_chunks(secure::summable_bases(plan_))),
          sum_(std::move(sum)),
          backend_(backend),
          project_(plan_.layout, plan_.basis, plan_.budget, backend) {}

    /// The last round that an update was masked in; secure::SumClient says who has to keep it.
    std::uint64_t masked_round() const { return sum_.masked_round(); }

    /// Takes part in the round of this opening.
    /// -> the client's keys
    /// Throws: as secure::SumClient::join; Malformed for terms that are not the plan's
    std::vector<std::byte> join(std::span<const std::byte> opening) {
        const secure::Opening round = secure::decode_opening(opening, sum_.server());
        secure::RoundTerms terms = secure::decode_round_terms(round.terms);
        if (terms.grid.steps.size() != chunks_.size() || round.largest != terms.grid.largest() ||
            round.length != secure::grid_length(chunks_, terms.grid.bits))
            throw Malformed(error_text({"opening: expected a grid for the plan's ", chunks_.size(),
                                        " chunks, got ", terms.grid.steps.size(), " steps and ",
                                        round.length, " integers"}));
        std::vector<std::byte> keys = sum_.join(opening);
        round_ = round.round;
        terms_ = std::move(terms);
        return keys;
    }

    /// -> the client's shares
    /// Throws: as secure::SumClient::share
    std::vector<std::byte> share(std::span<const std::byte> key_list) {
        return sum_.share(key_list);
    }

    /// The update, from the round's model and what training made of it, rounded to the common grid and
    /// masked.
    /// Shapes: before, after: the layout's tensors -> the client's masked vector
    /// Throws: as secure::SumClient::mask, for the step and the delivery before the update is looked at;
    ///         LayoutMismatch; NonFinite; ModelMismatch if the round is about another model
    /// Repro:  the same integers for every backend, instruction set, thread count and tensor cut
    template <TensorList<Backend::space> Before, TensorList<Backend::space> After>
    std::vector<std::byte> mask(std::span<const std::byte> delivery, const Before& before,
                                const After& after) {
        sum_.check_delivery(delivery);
        const std::uint64_t found = model_fingerprint(plan_.layout, before, backend_);
        if (found != terms_.model_before)
            throw ModelMismatch(
                error_text({"client ", sum_.number(), ": expected the model with fingerprint ",
                            terms_.model_before, ", got ", found}));
        const Sketch sketch = project_(before, after, plan_.seed_of(round_, sum_.number()));
        return sum_.mask(
            delivery, secure::round_to_grid(sketch.coordinates, chunks_, terms_.grid,
                                            secure::grid_seed(plan_, round_), sum_.number(), Cpu{},
                                            "client " + std::to_string(sum_.number())));
    }

    /// -> the client's reveal
    /// Throws: as secure::SumClient::reveal
    std::vector<std::byte> reveal(std::span<const std::byte> request) {
        return sum_.reveal(request);
    }

    /// Forgets the round: nothing is taken until the next opening.
    void end() { sum_.end(); }

private:
    Plan plan_;
    std::vector<RotatedChunk> chunks_;
    secure::SumClient sum_;
    Backend backend_;
    Projector<Backend> project_;
    std::uint64_t round_ = 0;
    secure::RoundTerms terms_;
};

}  // namespace ferret
