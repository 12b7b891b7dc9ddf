// Integers are no storage type.
#include <ferret/ferret.hpp>
#include <vector>

#ifdef FERRET_MUST_NOT_COMPILE
using Number = int;
#else
using Number = float;
#endif

ferret::Sketch check(const ferret::Projector<>& project,
                     const std::vector<std::vector<Number>>& delta) {
    return project(delta, ferret::Seed{42, 7});
}
