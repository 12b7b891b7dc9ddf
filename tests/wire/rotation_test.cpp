#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <ferret/wire/rotation.hpp>
#include <limits>
#include <random>
#include <set>
#include <vector>

using ferret::cut_into_chunks;
using ferret::RotatedChunk;
using ferret::rotation_of;

namespace {

using Chunks = std::vector<RotatedChunk>;
using Bases = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("one block is cut into 8192 and then ever smaller powers of two") {
    CHECK(cut_into_chunks(Bases{}) == Chunks{});
    CHECK(cut_into_chunks(Bases{1}) == Chunks{{0, 1, 32}});
    CHECK(cut_into_chunks(Bases{31}) == Chunks{{0, 31, 32}});
    CHECK(cut_into_chunks(Bases{32}) == Chunks{{0, 32, 32}});
    CHECK(cut_into_chunks(Bases{33}) == Chunks{{0, 32, 32}, {32, 1, 32}});
    CHECK(cut_into_chunks(Bases{100}) == Chunks{{0, 64, 64}, {64, 32, 32}, {96, 4, 32}});
    CHECK(cut_into_chunks(Bases{4095}) == Chunks{{0, 2048, 2048},
                                                 {2048, 1024, 1024},
                                                 {3072, 512, 512},
                                                 {3584, 256, 256},
                                                 {3840, 128, 128},
                                                 {3968, 64, 64},
                                                 {4032, 32, 32},
                                                 {4064, 31, 32}});
    CHECK(cut_into_chunks(Bases{8192}) == Chunks{{0, 8192, 8192}});
    CHECK(cut_into_chunks(Bases{3 * 8192 + 40}) == Chunks{{0, 8192, 8192},
                                                          {8192, 8192, 8192},
                                                          {16384, 8192, 8192},
                                                          {24576, 32, 32},
                                                          {24608, 8, 32}});
}

TEST_CASE("blocks are joined until there are 8192 coordinates") {
    // All of a message that has fewer.
    CHECK(cut_into_chunks(Bases{10, 20, 34}) == Chunks{{0, 64, 64}});
    // The block that reaches 8192 belongs to the list; the next list begins with the next block.
    CHECK(cut_into_chunks(Bases{8000, 192, 64}) == Chunks{{0, 8192, 8192}, {8192, 64, 64}});
    CHECK(cut_into_chunks(Bases{8191, 1, 8191, 33}) ==
          Chunks{{0, 8192, 8192}, {8192, 8192, 8192}, {16384, 32, 32}});
    CHECK(cut_into_chunks(Bases{8000, 256, 32, 32}) ==
          Chunks{{0, 8192, 8192}, {8192, 64, 64}, {8256, 64, 64}});
    CHECK(cut_into_chunks(Bases{8192, 32}) == Chunks{{0, 8192, 8192}, {8192, 32, 32}});
}

TEST_CASE("every coordinate is in one chunk, and scales are few") {
    std::mt19937_64 random(7);
    const auto draw = [&](std::uint64_t under) { return random() % under; };
    for (int round = 0; round < 300; ++round) {
        Bases bases;
        std::size_t total = 0;
        const std::uint64_t largest = std::uint64_t{1} << (1 + draw(16));
        for (std::uint64_t block = draw(40); block > 0; --block) {
            bases.push_back(static_cast<std::uint32_t>(1 + draw(largest)));
            total += bases.back();
        }
        const Chunks chunks = cut_into_chunks(bases);
        std::size_t next = 0;
        for (const RotatedChunk& chunk : chunks) {
            REQUIRE(chunk.first == next);
            REQUIRE(chunk.count >= 1);
            REQUIRE(chunk.count <= chunk.size);
            REQUIRE(std::has_single_bit(chunk.size));
            REQUIRE(chunk.size >= ferret::smallest_chunk);
            REQUIRE(chunk.size <= ferret::largest_chunk);
            // Zeros are added to chunks of 32 alone.
            REQUIRE((chunk.count == chunk.size || chunk.size == ferret::smallest_chunk));
            next += chunk.count;
        }
        CHECK(next == total);
        // A list has a chunk for each 8192 and at most 9 others, 4096 to 32 and a last 32.
        CHECK(chunks.size() <= total / 8192 + 9 * (total / 8192 + 1));
    }
}

TEST_CASE("butterflies of the first turn of large chunks skip distances under 16") {
    for (std::size_t size = 32; size <= 8192; size *= 2) {
        CAPTURE(size);
        CHECK(ferret::shortest_distance(0, size) == (size >= 4096 ? 16 : 1));
        CHECK(ferret::shortest_distance(1, size) == 1);
        CHECK(ferret::turn_gain(0, size) == (size >= 4096 ? size / 16 : size));
        CHECK(ferret::turn_gain(1, size) == size);
    }
}

TEST_CASE("turns have keys of their own, other than those of bases") {
    const ferret::Seed seed{42, 7};
    std::set<ferret::PhiloxKey> keys;
    for (std::uint32_t id = 0; id < 256; ++id) keys.insert(basis_key(seed, id));
    for (const unsigned turn : {0u, 1u}) keys.insert(ferret::rotation_key(seed, turn));
    CHECK(keys.size() == 258);
    CHECK(ferret::rotation_key(seed, 0) == ferret::basis_key(seed, 0x100));
    CHECK(ferret::rotation_key(seed, 1) == ferret::basis_key(seed, 0x101));
    CHECK(ferret::rotation_key({42, 8}, 0) != ferret::rotation_key(seed, 0));
}

TEST_CASE("no client has the server's rotation") {
    CHECK(rotation_of(0) == 1);
    CHECK(rotation_of(1) == 2);
    CHECK(rotation_of(0xFFFFFFFE) == 0xFFFFFFFF);
    CHECK(rotation_of(0xFFFFFFFF) == 1);
    CHECK(rotation_of(0x100000000) == 2);
    std::mt19937_64 random(8);
    for (int i = 0; i < 1000; ++i) REQUIRE(rotation_of(random()) != 0);
    CHECK(rotation_of(std::numeric_limits<std::uint64_t>::max()) != 0);
}
