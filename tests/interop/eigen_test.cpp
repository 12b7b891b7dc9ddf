#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <Eigen/Core>
#include <ferret/ferret.hpp>
#include <ferret/interop/eigen.hpp>
#include <vector>

using ferret::Layout;
using ferret_test::seed;

namespace {

const Layout twelve = Layout::per_tensor({12});
const ferret::Projector<> project{twelve, ferret::SparseSign{}, ferret::Uniform{12}};
const ferret::Reconstructor<> reconstruct{twelve, ferret::SparseSign{}};
const std::vector<float> values = ferret_test::simple_update(12);
const ferret::Sketch expected = project(values, seed);

/// K = d: rebuilding adds the values themselves.
template <class Tensor>
void check(Tensor tensor) {
    std::copy(values.begin(), values.end(), tensor.data());
    CHECK(project(tensor, seed) == expected);
    reconstruct(expected, tensor, 1.0f);
    for (int i = 0; i < 12; ++i)
        CHECK(tensor.data()[i] == 2.0f * values[static_cast<std::size_t>(i)]);
}

}  // namespace

TEST_CASE("matrices, vectors and arrays are tensors in their storage order") {
    check(Eigen::VectorXf(12));
    check(Eigen::RowVectorXf(12));
    check(Eigen::MatrixXf(3, 4));
    check(Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>(3, 4));
    check(Eigen::Matrix<float, 3, 4>());
    check(Eigen::ArrayXf(12));
    check(Eigen::ArrayXXf(4, 3));
}

TEST_CASE("maps are tensors, read-only ones too") {
    std::vector<float> memory(12);
    check(Eigen::Map<Eigen::MatrixXf>(memory.data(), 3, 4));
    check(Eigen::Map<Eigen::VectorXf>(memory.data(), 12));
    CHECK(project(Eigen::Map<const Eigen::MatrixXf>(values.data(), 3, 4), seed) == expected);
}

TEST_CASE("doubles, and lists of matrices") {
    const Eigen::VectorXd doubles =
        Eigen::Map<const Eigen::VectorXf>(values.data(), 12).cast<double>();
    CHECK(project(doubles, seed) == expected);
    const Layout two = Layout::per_tensor({4, 8});
    const std::vector<Eigen::VectorXf> list{
        Eigen::Map<const Eigen::VectorXf>(values.data(), 4),
        Eigen::Map<const Eigen::VectorXf>(values.data() + 4, 8)};
    const ferret::Sketch sketch =
        ferret::Projector{two, ferret::Gaussian{}, ferret::Uniform{6}}(list, seed);
    CHECK(sketch == ferret::Projector{two, ferret::Gaussian{}, ferret::Uniform{6}}(
                        std::vector{std::span(values).first(4), std::span(values).last(8)}, seed));
}

TEST_CASE("sizes are checked as everywhere") {
    CHECK_THROWS_AS(static_cast<void>(project(Eigen::MatrixXf(Eigen::MatrixXf::Zero(3, 3)), seed)),
                    ferret::LayoutMismatch);
}
