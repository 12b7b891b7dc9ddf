// Nor is a view that only reads.
#include <ferret/ferret.hpp>
#include <span>
#include <vector>

#ifdef FERRET_MUST_NOT_COMPILE
using Tensor = std::span<const float>;
#else
using Tensor = std::span<float>;
#endif

void check(const ferret::Reconstructor<>& reconstruct, const ferret::Sketch& sketch,
           std::vector<Tensor> model) {
    reconstruct(sketch, model, 1.0f);
}
