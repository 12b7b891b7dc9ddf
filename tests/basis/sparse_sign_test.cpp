#include "support/statistics.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <vector>

using ferret::SparseSign;

TEST_CASE("every element belongs to exactly one basis and V^T V is diagonal") {
    constexpr std::size_t size = 100;
    const auto layout = ferret::Layout::per_tensor({size});
    for (const std::uint32_t bases : {2u, 3u, 7u, 50u, 99u, 100u}) {
        CAPTURE(bases);
        std::vector<std::vector<double>> columns(bases);
        for (std::uint32_t k = 0; k < bases; ++k)
            for (std::uint64_t i = 0; i < size; ++i)
                columns[k].push_back(
                    ferret::reference::entry(SparseSign{}, layout, {42, 7}, 0, bases, k, i));
        for (std::size_t i = 0; i < size; ++i) {
            double absolute = 0.0;
            for (const auto& column : columns) absolute += std::abs(column[i]);
            CHECK(absolute == 1.0);
        }
        for (std::uint32_t a = 0; a < bases; ++a) {
            for (std::uint32_t b = 0; b < bases; ++b) {
                double product = 0.0;
                for (std::size_t i = 0; i < size; ++i) product += columns[a][i] * columns[b][i];
                if (a != b) CHECK(product == 0.0);
                if (a == b) CHECK(product >= std::floor(size / static_cast<double>(bases)));
                if (a == b) CHECK(product <= std::ceil(size / static_cast<double>(bases)));
            }
        }
    }
}

TEST_CASE("chunks are whole multiples of K of up to 4096 elements") {
    const auto chunk_size = [](std::uint32_t bases) {
        CHECK(SparseSign::Block({1, 2}, 0, bases).chunk_size() == SparseSign::chunk_size(bases));
        return SparseSign::chunk_size(bases);
    };
    CHECK(chunk_size(2) == 4096);
    CHECK(chunk_size(3) == 4095);
    CHECK(chunk_size(2048) == 4096);
    CHECK(chunk_size(2049) == 2049);
    CHECK(chunk_size(4096) == 4096);
    CHECK(chunk_size(4097) == 4097);
    CHECK(chunk_size(0xFFFFFFFF) == 0xFFFFFFFF);
}

TEST_CASE("within a chunk bases follow one another, from the rotation on") {
    const SparseSign::Block block({1, 2}, 3, 5);
    for (std::uint64_t element = 0; element < 3 * block.chunk_size(); ++element) {
        const std::uint64_t chunk = element / block.chunk_size();
        const std::uint64_t within = element % block.chunk_size();
        if (block.basis_of(element) != (block.rotation(chunk) + within) % 5)
            FAIL("element " << element);
    }
}

TEST_CASE("rotations are uniform") {
    // Confidence 1 - 1e-6 each.
    for (const std::uint32_t bases : {2u, 5u, 64u, 1000u}) {
        CAPTURE(bases);
        std::vector<std::size_t> counts(bases, 0);
        const SparseSign::Block block(ferret::basis_key({42, 7}, 5), 0, bases);
        for (std::uint64_t chunk = 0; chunk < 200 * std::uint64_t{bases}; ++chunk)
            ++counts.at(block.rotation(chunk));
        CHECK(ferret_test::chi_square(counts) <= ferret_test::chi_square_bound(bases - 1.0));
    }
}

TEST_CASE("rotations reach both ends of the largest K") {
    const std::uint32_t bases = 0xFFFFFFFF;
    const SparseSign::Block block({1, 2}, 0, bases);
    std::uint64_t largest = 0;
    std::uint64_t smallest = bases;
    for (std::uint64_t chunk = 0; chunk < 1000; ++chunk) {
        largest = std::max(largest, block.rotation(chunk));
        smallest = std::min(smallest, block.rotation(chunk));
    }
    CHECK(largest < bases);
    // Of 1000 uniform numbers none in a hundredth at the end: 0.99^1000 = 4e-5.
    CHECK(largest > bases / 100 * 99);
    CHECK(smallest < bases / 100);
}

TEST_CASE("with as many bases as elements nothing is lost") {
    for (const std::size_t size : {2u, 3u, 100u, 4097u, 10000u}) {
        CAPTURE(size);
        const auto layout = ferret::Layout::per_tensor({size});
        const std::vector<float> delta = ferret_test::simple_update(size);
        const ferret::Sketch sketch =
            ferret::Projector{layout, SparseSign{}, ferret::Uniform{size}}(delta, {42, 7});
        std::vector<float> model(size, 0.0f);
        ferret::Reconstructor{layout, SparseSign{}}(sketch, model, 1.0f);
        CHECK(model == delta);
    }
}
