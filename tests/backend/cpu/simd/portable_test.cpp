#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <ferret/backend/cpu/dense_bases.hpp>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/block/tiling.hpp>
#include <ferret/ferret.hpp>
#include <vector>

// The loops in plain C++, which other processors than this may run, against the best ones here.

namespace cpu = ferret::cpu;
using ferret::tile_size;

namespace {

const ferret::PhiloxKey key{12345, 678};

const cpu::Kernels& plain() {
    return cpu::kernels<cpu::portable::Loops>;
}
const cpu::Kernels& best() {
    return cpu::kernels_of(ferret::best_instruction_set());
}

}  // namespace

TEST_CASE("plain loops: dense families") {
    for (const std::uint64_t dimension : {1ull, 1000ull, 1ull << 22})
        for (const auto& [name, id] : ferret::basis_names) {
            const ferret::Basis basis = ferret::parse_basis(name);
            if (ferret::is_sparse(basis)) continue;
            const auto layout = ferret::Layout::per_tensor({dimension});
            const cpu::WordSource source{key, 0, 5};
            const std::vector<float> tile = ferret_test::simple_update(tile_size);
            const std::vector<float> factors = ferret_test::simple_update(7, 1);
            std::vector<double> plain_sums(7, 1.0), sums(7, 1.0);
            std::vector<float> plain_update = tile, update = tile;
            const cpu::DenseBases plain_bases(plain(), layout, basis);
            const cpu::DenseBases bases(best(), layout, basis);
            plain_bases.dot(source, 2 * tile_size, 7, tile_size, tile.data(), plain_sums.data());
            bases.dot(source, 2 * tile_size, 7, tile_size, tile.data(), sums.data());
            plain_bases.add(source, 2 * tile_size, 7, tile_size, factors.data(),
                            plain_update.data());
            bases.add(source, 2 * tile_size, 7, tile_size, factors.data(), update.data());
            CHECK(plain_sums == sums);
            CHECK(ferret_test::same_bits(plain_update, update));
        }
}

TEST_CASE("plain loops: SparseSign and memory") {
    const std::vector<float> values = ferret_test::simple_update(3007);  // no whole vectors
    const std::size_t count = values.size();
    const auto run = [&](const cpu::Kernels& kernels) {
        cpu::SignWords signs(ferret::SparseSign::Block(key, 3, 2), 1234567 + count);
        constexpr auto dtype = ferret::DType::float32;
        std::vector<float> sums(count + ferret::lanes, 0.5f), model(count, -0.0f), copied(count);
        const cpu::UpdateSource from{values.data(), nullptr, dtype};
        kernels.sparse.add_to_sums(from)(signs, 1234567, from, count, sums.data(), 0);
        cpu::of_dtype(kernels.sparse.add_to_stored, dtype)(signs, 1234567, values.data(), count,
                                                           model.data(), 0);
        cpu::of_dtype(kernels.memory.add, dtype)(model.data(), values.data(), count);
        const cpu::UpdateSource difference{sums.data(), values.data(), dtype};
        kernels.memory.load(difference)(difference, count, copied.data());
        sums.insert(sums.end(), model.begin(), model.end());
        sums.insert(sums.end(), copied.begin(), copied.end());
        sums.push_back(static_cast<float>(kernels.memory.sum_of_squares(values.data(), count)));
        return sums;
    };
    CHECK(ferret_test::same_bits(run(plain()), run(best())));
}
