// A map of constant memory can be read, not written.
#include <Eigen/Core>
#include <ferret/ferret.hpp>
#include <ferret/interop/eigen.hpp>

#ifdef FERRET_MUST_NOT_COMPILE
using Model = Eigen::Map<const Eigen::VectorXf>;
#else
using Model = Eigen::Map<Eigen::VectorXf>;
#endif

void check(const ferret::Reconstructor<>& reconstruct, const ferret::Sketch& sketch, Model model) {
    reconstruct(sketch, model, 1.0f);
}
