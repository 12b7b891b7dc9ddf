#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/placement.hpp>
#include <ferret/tensor/tensor.hpp>
#include <span>
#include <string>
#include <vector>

using ferret::Extent;
using ferret::Layout;
using ferret::LayoutMismatch;
using ferret::Placement;
using ferret::Shard;
using ferret::TensorView;
using ferret_test::error_message;

namespace {

/// Views of which only the sizes count.
std::vector<TensorView> tensors_of(const std::vector<std::size_t>& sizes) {
    std::vector<TensorView> views;
    for (const std::size_t size : sizes) views.push_back({nullptr, size, ferret::DType::float32});
    return views;
}

Placement placed(const Layout& layout, const Shard& shard, const std::vector<std::size_t>& sizes) {
    const std::vector<TensorView> views = tensors_of(sizes);
    return {layout, shard, std::span<const TensorView>(views)};
}

/// What for_each visits: tensor, first in the tensor, first in the range, count.
using Visits = std::vector<std::array<std::size_t, 4>>;
Visits visits_of(const Placement& placement, std::uint64_t begin, std::uint64_t count) {
    Visits visits;
    placement.for_each(
        begin, count,
        [&](std::size_t tensor, std::size_t first, std::size_t at, std::size_t length) {
            visits.push_back({tensor, first, at, length});
        });
    return visits;
}

const Layout layout = Layout::per_tensor({10, 20, 30});

std::string refusal(const std::vector<Extent>& extents, const std::vector<std::size_t>& sizes) {
    return error_message<LayoutMismatch>(
        [&] { static_cast<void>(placed(layout, Shard(extents), sizes)); });
}

}  // namespace

TEST_CASE("a range of the whole model is visited tensor by tensor") {
    const Placement placement = placed(layout, Shard::all(layout), {10, 20, 30});
    CHECK(visits_of(placement, 0, 60) == Visits{{0, 0, 0, 10}, {1, 0, 10, 20}, {2, 0, 30, 30}});
    CHECK(visits_of(placement, 5, 30) == Visits{{0, 5, 0, 5}, {1, 0, 5, 20}, {2, 0, 25, 5}});
    CHECK(visits_of(placement, 10, 20) == Visits{{1, 0, 0, 20}});
    CHECK(visits_of(placement, 12, 1) == Visits{{1, 2, 0, 1}});
    CHECK(visits_of(placement, 60, 5).empty());
}

TEST_CASE("a shard's tensors are visited in the model's order, and what it does not hold is not") {
    // Tensor 0 has elements 40 to 44, tensor 2 elements 8 to 15; tensor 1 is empty.
    const Shard shard({{40, 5}, {20, 0}, {8, 8}});
    const Placement placement = placed(layout, shard, {5, 0, 8});
    CHECK(visits_of(placement, 0, 60) == Visits{{2, 0, 8, 8}, {0, 0, 40, 5}});
    CHECK(visits_of(placement, 10, 32) == Visits{{2, 2, 0, 6}, {0, 0, 30, 2}});
    CHECK(visits_of(placement, 16, 24).empty());
    REQUIRE(placement.pieces().size() == 2);
    CHECK(placement.pieces()[0].index == 2);
    CHECK(placement.pieces()[0].begin == 8);
    CHECK(placement.pieces()[1].index == 0);
    CHECK(placement.pieces()[1].begin == 40);
    CHECK(placement.pieces()[1].end == 45);
}

TEST_CASE("elements are told by tensor and index, with a name where the tensor is whole") {
    const Layout named = layout.with_names({"first", "second", "third"});
    const Shard whole = Shard::all(named);
    const Placement all = placed(named, whole, {10, 20, 30});
    CHECK(all.where(named, whole, 0) == "tensor 0 (first), index 0");
    CHECK(all.where(named, whole, 29) == "tensor 1 (second), index 19");
    const Shard shard({{40, 5}, {8, 8}});
    CHECK(placed(named, shard, {5, 8}).where(named, shard, 41) == "tensor 0, index 1");
}

TEST_CASE("tensors that are not the shard's are refused") {
    CHECK(refusal({{0, 10}, {10, 20}}, {10}) == "tensors: expected 2, got 1");
    CHECK(refusal({{0, 10}, {10, 20}}, {10, 19}) == "tensor 1: expected 20 elements, got 19");
}

TEST_CASE("shards that leave the model or overlap themselves are refused") {
    CHECK(refusal({{30, 30}}, {30}) == "no exception");
    CHECK(refusal({{31, 30}}, {30}) ==
          "shard: expected extents within 60 elements, got offset 31 and size 30");
    // An end that would overflow.
    CHECK(
        refusal({{~std::uint64_t{0}, 30}}, {30}) ==
        "shard: expected extents within 60 elements, got offset 18446744073709551615 and size 30");
    CHECK(refusal({{20, 10}, {10, 11}}, {10, 11}) ==
          "shard: expected extents that do not overlap, got two at 20");
}
