// An Eigen expression has no memory to read in place.
#include <Eigen/Core>
#include <ferret/ferret.hpp>
#include <ferret/interop/eigen.hpp>

ferret::Sketch check(const ferret::Projector<>& project, const Eigen::VectorXf& before,
                     const Eigen::VectorXf& after) {
#ifdef FERRET_MUST_NOT_COMPILE
    return project(before - after, ferret::Seed{42, 7});
#else
    return project(Eigen::VectorXf(before - after), ferret::Seed{42, 7});
#endif
}
