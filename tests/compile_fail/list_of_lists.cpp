// A model is a list of tensors, not a list of lists of them.
#include <ferret/ferret.hpp>
#include <vector>

#ifdef FERRET_MUST_NOT_COMPILE
using Delta = std::vector<std::vector<std::vector<float>>>;
#else
using Delta = std::vector<std::vector<float>>;
#endif

ferret::Sketch check(const ferret::Projector<>& project, const Delta& delta) {
    return project(delta, ferret::Seed{42, 7});
}
