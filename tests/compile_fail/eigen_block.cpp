// A block of a matrix is not contiguous.
#include <Eigen/Core>
#include <ferret/ferret.hpp>
#include <ferret/interop/eigen.hpp>

ferret::Sketch check(const ferret::Projector<>& project, const Eigen::MatrixXf& delta) {
#ifdef FERRET_MUST_NOT_COMPILE
    return project(delta.block(1, 1, 3, 3), ferret::Seed{42, 7});
#else
    return project(Eigen::MatrixXf(delta.block(1, 1, 3, 3)), ferret::Seed{42, 7});
#endif
}
