#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../projector.hpp"
#include "model_fingerprint.hpp"
#include "plan.hpp"
#include "update_message.hpp"

namespace ferret {

/// A client's part in a round. It keeps nothing from one round to the next.
/// Backend: where its models lie, Cpu or (protocol.cuh) Cuda
template <class Backend = Cpu>
class Client {
public:
    /// number: what tells this client from the others
    /// Throws: InvalidBudget if the plan's K does not fit its layout
    Client(Plan plan, std::uint64_t number, Backend backend = {})
        : plan_(std::move(plan)),
          number_(number),
          backend_(backend),
          project_(plan_.layout, plan_.basis, plan_.budget, backend) {}

    /// The message for the server, from the round's model and what training made of it.
    /// Shapes: before, after: the layout's tensors
    /// Cost:   one projection, and one reading of `before` for its fingerprint
    /// Throws: LayoutMismatch; NonFinite naming tensor and index
    /// Repro:  the same bytes for every backend, instruction set, thread count and tensor cut
    template <TensorList<Backend::space> Before, TensorList<Backend::space> After>
    std::vector<std::byte> operator()(std::uint64_t round, const Before& before, const After& after,
                                      std::uint64_t examples = 1) const {
        const Sketch sketch = project_(before, after, plan_.seed_of(round, number_));
        return encode(UpdateMessage{round, number_, examples,
                                    model_fingerprint(plan_.layout, before, backend_), sketch},
                      plan_.up);
    }

private:
    Plan plan_;
    std::uint64_t number_;
    Backend backend_;
    Projector<Backend> project_;
};

}  // namespace ferret
