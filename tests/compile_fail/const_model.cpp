// A model that cannot be written is no model to rebuild.
#include <ferret/ferret.hpp>
#include <vector>

#ifdef FERRET_MUST_NOT_COMPILE
using Model = const std::vector<std::vector<float>>;
#else
using Model = std::vector<std::vector<float>>;
#endif

void check(const ferret::Reconstructor<>& reconstruct, const ferret::Sketch& sketch, Model& model) {
    reconstruct(sketch, model, 1.0f);
}
