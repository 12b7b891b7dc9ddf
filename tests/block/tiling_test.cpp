#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/block/tiling.hpp>
#include <vector>

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
