#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <vector>

// The loops in plain C++, which other processors than this may run, against the best ones here.

namespace cpu = ferret::cpu;
using ferret::tile_size;
using Plain = cpu::portable::Loops;

namespace {

const ferret::PhiloxKey key{12345, 678};

template <ferret::DenseBasis B>
void check_dense(std::uint64_t dimension) {
    const typename B::Block law(dimension);
    const cpu::TileSource source{key, 3, 5, 2 * tile_size};
    const std::vector<float> tile = ferret_test::simple_update(tile_size);
    const std::vector<float> factors = ferret_test::simple_update(7, 1);
    std::vector<double> plain_sums(7, 1.0), sums(7, 1.0);
    std::vector<float> plain_update = tile, update = tile;
    Plain::Dense<B>::dot(law, source, 7, tile_size, tile.data(), plain_sums.data());
    Plain::Dense<B>::add(law, source, 7, tile_size, factors.data(), plain_update.data());
    cpu::with_loops(ferret::best_instruction_set(), [&]<class Loops>(Loops) {
        Loops::template Dense<B>::dot(law, source, 7, tile_size, tile.data(), sums.data());
        Loops::template Dense<B>::add(law, source, 7, tile_size, factors.data(), update.data());
    });
    CHECK(plain_sums == sums);
    CHECK(ferret_test::same_bits(plain_update, update));
}

}  // namespace

TEST_CASE("plain loops: dense bases") {
    for (const std::uint64_t dimension : {1ull, 1000ull, 1ull << 22}) {
        check_dense<ferret::TruncatedNormal<16>>(dimension);
        check_dense<ferret::TruncatedNormal<32>>(dimension);
        check_dense<ferret::Gaussian>(dimension);
        check_dense<ferret::Rademacher>(dimension);
    }
}

TEST_CASE("plain loops: SparseSign and memory") {
    const std::vector<float> values = ferret_test::simple_update(3007);  // no whole vectors
    const std::size_t count = values.size();
    const cpu::SignSource signs{key, 3};
    const auto run = [&]<class Loops>(Loops) {
        std::vector<float> sums(count + ferret::lanes, 0.5f), model(count, -0.0f), copied(count);
        Loops::add_signed(signs, 1234567, cpu::Values<float>{values.data()}, count,
                          cpu::Sums{sums.data()}, 0);
        Loops::add_signed(signs, 1234567, cpu::Values<float>{values.data()}, count,
                          cpu::Stored<float>{model.data()}, 0);
        Loops::add(model.data(), values.data(), count);
        Loops::copy(cpu::Difference<float>{sums.data(), values.data()}, count, copied.data());
        sums.insert(sums.end(), model.begin(), model.end());
        sums.insert(sums.end(), copied.begin(), copied.end());
        sums.push_back(static_cast<float>(Loops::sum_of_squares(values.data(), count)));
        return sums;
    };
    CHECK(
        ferret_test::same_bits(run(Plain{}), cpu::with_loops(ferret::best_instruction_set(), run)));
}
