#include "kd_lora/data/share_walk.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

const std::vector<std::size_t> rows{3, 5, 8, 13, 21, 34, 55, 89, 144, 233};

std::vector<std::size_t> sorted(std::vector<std::size_t> list) {
    std::ranges::sort(list);
    return list;
}

}  // namespace

TEST_CASE("a walk comes by every row before any comes twice") {
    ShareWalk walk(rows, 1, "client 1");
    const auto first = walk.take(10);
    CHECK(sorted(first) == rows);
    CHECK(first != rows);
    const auto second = walk.take(10);
    CHECK(sorted(second) == rows);
    CHECK(second != first);
    CHECK(walk.taken() == 20);
}

TEST_CASE("rounds go on where the last one ended") {
    ShareWalk whole(rows, 1, "client 1");
    ShareWalk walk(rows, 1, "client 1");
    std::vector<std::size_t> pieces;
    for (const std::size_t count : {4u, 4u, 0u, 4u, 13u, 5u}) {
        const auto piece = walk.take(count);
        CHECK(piece.size() == count);
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    CHECK(pieces == whole.take(30));
}

TEST_CASE("a round takes no more than the share") {
    ShareWalk walk(rows, 2, "client 1");
    CHECK(walk.take_at_most(4).size() == 4);
    CHECK(walk.take_at_most(512).size() == 10);
    CHECK(walk.take_at_most(0).size() == 10);
    CHECK(walk.taken() == 24);
}

TEST_CASE("a walk goes to where it was left") {
    ShareWalk walk(rows, 3, "server");
    walk.take(37);
    const auto next = walk.take(8);
    ShareWalk continued(rows, 3, "server");
    continued.go_to(37);
    CHECK(continued.taken() == 37);
    CHECK(continued.take(8) == next);
    continued.go_to(0);
    CHECK(continued.take(45) == ShareWalk(rows, 3, "server").take(45));
}

TEST_CASE("walks differ by seed and name") {
    const auto first = ShareWalk(rows, 1, "client 1").take(10);
    CHECK(ShareWalk(rows, 1, "client 1").take(10) == first);
    CHECK(ShareWalk(rows, 2, "client 1").take(10) != first);
    CHECK(ShareWalk(rows, 1, "client 2").take(10) != first);
}

TEST_CASE("a walk needs rows") {
    CHECK_THROWS_WITH_AS(ShareWalk({}, 1, "client 3"), "walk: expected rows, got none for client 3",
                         std::invalid_argument);
    ShareWalk one({7}, 1, "x");
    CHECK(one.take(3) == std::vector<std::size_t>{7, 7, 7});
}
