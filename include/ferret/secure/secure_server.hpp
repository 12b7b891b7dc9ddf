#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../floating_point.hpp"
#include "../protocol/broadcast.hpp"
#include "../protocol/follower.hpp"
#include "../protocol/plan.hpp"
#include "../sketch.hpp"
#include "../wire.hpp"
#include "grid.hpp"
#include "round_terms.hpp"
#include "sum_server.hpp"

namespace ferret {

/// The server's part in rounds of which it learns the mean update alone: as Server, in four steps. Its
/// broadcasts are those of Server, and followed by any Follower of the plan.
/// Backend: where its model lies, Cpu or (protocol.cuh) Cuda
template <class Backend = Cpu>
class SecureServer {
public:
    /// Shapes: model: the layout's tensors, of which only the fingerprint is kept; deviations: of the
    ///         clients' coordinates, a number for all chunks or one for each: a guess in round 1,
    ///         and deviations() later on
    /// bits: of a client's integers on the common grid
    /// rounds: how many the model has behind it
    /// largest_deviation: that is taken from the clients' mean squares, which may say anything
    /// Throws: InvalidBudget as summable_bases and grid_of, for another number of deviations, or a largest
    ///         deviation that is not positive; NonFinite; LayoutMismatch
    template <TensorList<Backend::space> Model>
    SecureServer(Plan plan, const Model& model, secure::SumServer sum, unsigned bits,
                 std::vector<float> deviations, std::uint64_t rounds = 0, Backend backend = {},
                 float largest_deviation = (std::numeric_limits<float>::max)())
        : plan_(std::move(plan)),
          bases_(secure::summable_bases(plan_)),
          chunks_(cut_into_chunks(bases_)),
          sum_(std::move(sum)),
          bits_(bits),
          deviations_(std::move(deviations)),
          largest_deviation_(largest_deviation),
          follower_(plan_, rounds, backend),
          model_before_(follower_.fingerprint(model)) {
        if (deviations_.size() == 1) deviations_.resize(chunks_.size(), deviations_.front());
        if (deviations_.size() != chunks_.size())
            throw InvalidBudget(error_text({"secure round: expected 1 or ", chunks_.size(),
                                            " deviations, got ", deviations_.size()}));
        if (!is_finite(largest_deviation_) || largest_deviation_ <= 0.0f)
            throw InvalidBudget(
                error_text({"secure round: expected a largest deviation that is finite and "
                            "positive, got ",
                            largest_deviation_}));
        grid_ = secure::grid_of(bits_, deviations_);
    }

    /// The round that is open, or comes next.
    std::uint64_t round() const { return follower_.round() + 1; }

    /// Deviations of the clients' coordinates in each chunk, as the last round had them, up to the
    /// largest: the next grid is made for them.
    const std::vector<float>& deviations() const { return deviations_; }

    /// Share of the clients' numbers in the last round that were beyond its grid.
    double clipped() const { return clipped_; }

    /// Opens the round for these clients, named in ascending order.
    /// threshold: how many have to stay to the end; 0: the lowest that clients accept
    /// -> the message for all of them
    /// Throws: as secure::SumServer::open
    std::vector<std::byte> open(std::vector<std::uint64_t> roster, std::uint32_t threshold = 0) {
        return sum_.open({.round = round(),
                          .nonce = {},
                          .roster = std::move(roster),
                          .threshold = threshold,
                          .length = secure::grid_length(chunks_, bits_),
                          .largest = grid_.largest(),
                          .terms = secure::encode(secure::RoundTerms{model_before_, grid_})});
    }

    /// These are secure::SumServer's.
    void receive(std::span<const std::byte> message) { sum_.receive(message); }
    std::size_t received() const { return sum_.received(); }
    std::vector<std::byte> list_keys() { return sum_.list_keys(); }
    std::map<std::uint64_t, std::vector<std::byte>> deliver_shares() {
        return sum_.deliver_shares();
    }
    std::vector<std::byte> request_reveal() { return sum_.request_reveal(); }

    /// Ends the round with those who stayed, and moves the model.
    /// Math:   model -= rate * mean of the rebuilt updates
    /// Shapes: model: the layout's tensors -> the broadcast for all followers
    /// Throws: as secure::SumServer::sum; ModelMismatch if it is not the round's model; NonFinite for a rate
    ///         or a mean that is not a finite number. Round and model are then as they were
    /// Repro:  the same bytes and model whoever reveals, in whatever order messages come
    template <MutableTensorList<Backend::space> Model>
    std::vector<std::byte> close(Model&& model, float rate) {
        if (!is_finite(rate))
            throw NonFinite(error_text({"server: expected a finite rate, got ", rate}));
        follower_.expect_model(model, model_before_, "before");
        const secure::Sum sum = sum_.sum();
        secure::GridMean mean = secure::read_grid(sum.integers, sum.clients.size(), chunks_, grid_,
                                                  secure::grid_seed(plan_, round()), Cpu{});
        for (float& deviation : mean.deviations)
            deviation = (std::min)(deviation, largest_deviation_);
        secure::CommonGrid next = secure::grid_of(bits_, mean.deviations);
        const Sketch sketch{plan_.common_seed(round()), basis_id(plan_.basis),
                            plan_.layout.fingerprint(), bases_, std::move(mean.coordinates)};
        std::vector<std::byte> bytes = lead({encode(sketch, plan_.down)}, -rate, model);
        grid_ = std::move(next);
        deviations_ = std::move(mean.deviations);
        clipped_ = mean.clipped;
        return bytes;
    }

    /// Ends a round that too few clients stayed in: the model stays as it is, and the next round has
    /// another number, for which those who masked an update in this one may join.
    /// -> the broadcast for all followers
    /// Throws: ModelMismatch if it is not the round's model
    template <MutableTensorList<Backend::space> Model>
    std::vector<std::byte> abandon(Model&& model) {
        follower_.expect_model(model, model_before_, "before");
        return lead({}, 0.0f, model);
    }

private:
    template <class Model>
    std::vector<std::byte> lead(std::vector<std::vector<std::byte>> sketches, float scale,
                                Model& model) {
        Broadcast broadcast{round(), model_before_, 0, scale, std::move(sketches)};
        std::vector<std::byte> bytes = follower_.lead(broadcast, model);
        model_before_ = broadcast.model_after;
        sum_.end();
        return bytes;
    }

    Plan plan_;
    std::vector<std::uint32_t> bases_;
    std::vector<RotatedChunk> chunks_;
    secure::SumServer sum_;
    unsigned bits_;
    std::vector<float> deviations_;
    float largest_deviation_;
    secure::CommonGrid grid_;
    double clipped_ = 0.0;
    Follower<Backend> follower_;
    std::uint64_t model_before_;
};

}  // namespace ferret
