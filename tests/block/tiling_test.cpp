#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/block/tiling.hpp>
#include <vector>

using ferret::Layout;

TEST_CASE("segments cover a block in order") {
    const std::vector<ferret::Segment> segments = ferret::segments_of(3, 2500, 1000);
    REQUIRE(segments.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(segments[i].block == 3);
        CHECK(segments[i].begin == 1000 * i);
        CHECK(segments[i].end == std::min<std::uint64_t>(1000 * (i + 1), 2500));
    }
    CHECK(ferret::segments_of(0, 1000, 1000).size() == 1);
    CHECK(ferret::segments_of(0, 1, 1000).size() == 1);
}

TEST_CASE("sparse segments are whole chunks, as many as a dense segment holds") {
    CHECK(ferret::sparse_segment_size(4096) == ferret::dense_segment_size);
    CHECK(ferret::sparse_segment_size(4095) == 256 * 4095);
    CHECK(ferret::sparse_segment_size(ferret::dense_segment_size + 1) ==
          ferret::dense_segment_size + 1);
}

TEST_CASE("segments depend on the basis, and for SparseSign on how many bases a block has") {
    const Layout layout = Layout::per_tensor({5000000, 70000000, 100});
    const std::vector<std::uint32_t> bases{3, 40000, 7};
    using Sizes = std::vector<std::uint64_t>;
    const Sizes dense(3, ferret::dense_segment_size);
    CHECK(ferret::segment_sizes(layout, ferret::Gaussian{}, bases) == dense);
    CHECK(ferret::segment_sizes(layout, ferret::Gaussian{}) == dense);
    CHECK(ferret::norm_segment_sizes(layout) == dense);
    CHECK(ferret::segment_sizes(layout, ferret::SparseSign{}, bases) ==
          Sizes{256 * 4095, 64 * 40000, 256 * 4095});
    // Not known before the bases are: nothing of a block is cut.
    CHECK(ferret::segment_sizes(layout, ferret::SparseSign{}) == Sizes{5000000, 70000000, 100});
    CHECK_THROWS_AS(
        static_cast<void>(ferret::segment_sizes(layout, ferret::SparseSign{}, {bases.data(), 2})),
        ferret::LayoutMismatch);
    CHECK_THROWS_AS(static_cast<void>(ferret::segment_sizes(layout, ferret::SparseSign{},
                                                            std::vector<std::uint32_t>{3, 0, 7})),
                    ferret::InvalidBudget);
}
