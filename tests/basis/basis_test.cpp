#include "support/dense_families.hpp"
#include "support/updates.hpp"
#include "support/word_grid.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <ferret/basis/basis.hpp>
#include <set>
#include <string>

using ferret_test::for_each_dense_family;

namespace {

constexpr std::uint64_t dimensions[] = {1, 10, 4096, 1000000};
constexpr std::uint32_t extreme_words[] = {0u,          1u,          0x7FFFu,     0x8000u,
                                           0x7FFFFFFFu, 0x80000000u, 0xAAAAAAAAu, 0xFFFFFFFFu};

}  // namespace

TEST_CASE("names and ids of bases lead back to them") {
    std::set<ferret::BasisId> ids;
    for (const ferret::Basis& basis : ferret::all_bases) {
        const ferret::BasisId id = ferret::basis_id(basis);
        const std::string_view name = ferret::basis_name(basis);
        CHECK(ferret::basis_name(id) == name);
        CHECK(ferret::parse_basis(name).index() == basis.index());
        CHECK(ferret::basis_names[basis.index()].first == name);
        CHECK(ferret::basis_names[basis.index()].second == id);
        ids.insert(id);
    }
    CHECK(ids.size() == std::variant_size_v<ferret::Basis>);
}

TEST_CASE("names and ids on the wire never change") {
    const auto check = [](const ferret::Basis& basis, int id, std::string_view name) {
        CHECK(static_cast<int>(ferret::basis_id(basis)) == id);
        CHECK(ferret::basis_name(basis) == name);
    };
    check(ferret::TruncatedNormal<16>{}, 1, "truncated-normal");
    check(ferret::TruncatedNormal<32>{}, 2, "truncated-normal-32");
    check(ferret::Gaussian{}, 3, "gaussian");
    check(ferret::Rademacher{}, 4, "rademacher");
    check(ferret::SparseSign{}, 5, "sparse-sign");
}

TEST_CASE("an unknown name or id is told which there are") {
    const std::string message = ferret_test::error_message<ferret::UnknownName>(
        [] { static_cast<void>(ferret::parse_basis("normal")); });
    CHECK(message.starts_with("basis: expected one of truncated-normal truncated-normal-32 "));
    CHECK(message.ends_with(", got 'normal'"));
    const auto name_of = [](int id) {
        return ferret_test::error_message<ferret::UnknownName>(
            [=] { static_cast<void>(ferret::basis_name(static_cast<ferret::BasisId>(id))); });
    };
    CHECK(name_of(0).starts_with("basis id: expected one of 1 2 3 4 5"));
    CHECK(name_of(0).ends_with(", got 0"));
    CHECK(name_of(255).ends_with(", got 255"));
}

TEST_CASE("a visitor gets the family that was chosen, and its answer comes back") {
    int calls = 0;
    auto count_and_name = [&]<class F>(F) {
        ++calls;
        return F::name;
    };
    for (const ferret::Basis& basis : ferret::all_bases)
        CHECK(ferret::visit_basis(basis, count_and_name) == ferret::basis_name(basis));
    CHECK(calls == static_cast<int>(ferret::basis_count));
    int& same = ferret::visit_basis(ferret::SparseSign{}, [&](auto) -> int& { return calls; });
    CHECK(&same == &calls);
}

TEST_CASE("sparse families are told from dense ones") {
    CHECK(ferret::is_sparse(ferret::SparseSign{}));
    CHECK(ferret::is_sparse(ferret::SparseSign::id));
    CHECK_FALSE(ferret::is_sparse(static_cast<ferret::BasisId>(255)));
    for_each_dense_family([]<class F>(F family) {
        CAPTURE(F::name);
        CHECK_FALSE(ferret::is_sparse(ferret::Basis{family}));
        CHECK_FALSE(ferret::is_sparse(F::id));
    });
}

TEST_CASE("the second moment of an entry") {
    CHECK(ferret::second_moment(ferret::SparseSign{}, 1000, 8) == 0.125);
    CHECK(ferret::second_moment(ferret::Gaussian{}, 1000, 8) == 1.0);
    CHECK(ferret::second_moment(ferret::Rademacher{}, 1000, 8) == 1.0);
    // The large-d limit 1 / (3 d), up to the lattice's 4^-16 and the law's 2 / (15 d).
    CHECK(ferret::second_moment(ferret::TruncatedNormal<16>{}, 1u << 30, 8) * 3.0 * (1u << 30) ==
          doctest::Approx(1.0).epsilon(1e-8));
}

TEST_CASE("dense families: raw values have mean 0 and the second moment that is stated") {
    for_each_dense_family([]<class F>(F) {
        CAPTURE(F::name);
        for (const std::uint64_t dimension : dimensions) {
            CAPTURE(dimension);
            const typename F::Block block(dimension);
            REQUIRE(block.amplitude() > 0.0);
            std::array<double, 2> sums{};
            std::array<double, 2> squares{};
            for (std::uint32_t i = 0; i < ferret_test::word_grid_size; ++i) {
                const std::array<float, 2> values =
                    block.raw_values(ferret_test::grid_word0(i), ferret_test::grid_word1(i), 0);
                for (const std::size_t half : {0u, 1u}) {
                    const auto value = static_cast<double>(values[half]);
                    sums[half] += value;
                    squares[half] += value * value;
                }
            }
            const double root = std::sqrt(block.raw_second_moment());
            for (const std::size_t half : {0u, 1u}) {
                CAPTURE(half);
                CHECK(std::abs(sums[half] / ferret_test::word_grid_size) <= 1e-4 * root);
                CHECK(squares[half] / ferret_test::word_grid_size ==
                      doctest::Approx(block.raw_second_moment()).epsilon(1e-4));
            }
            CHECK(ferret::second_moment(F{}, dimension, 3) ==
                  block.amplitude() * block.amplitude() * block.raw_second_moment());
        }
    });
}

TEST_CASE("dense families: raw values are finite for any words, signs where they are said to be") {
    for_each_dense_family([]<class F>(F) {
        CAPTURE(F::name);
        bool all_signs = true;
        for (const std::uint64_t dimension : dimensions) {
            const typename F::Block block(dimension);
            for (const std::uint32_t word0 : extreme_words) {
                for (const std::uint32_t word1 : extreme_words) {
                    for (unsigned part = 0; part < F::parts_per_word; ++part) {
                        const std::array<float, 2> values = block.raw_values(word0, word1, part);
                        if (!std::isfinite(values[0]) || !std::isfinite(values[1]))
                            FAIL("words " << word0 << " and " << word1 << ", part " << part);
                        const auto sign = [part](std::uint32_t word) {
                            return (word << part) & 0x80000000u ? -1.0f : 1.0f;
                        };
                        all_signs =
                            all_signs && values[0] == sign(word0) && values[1] == sign(word1);
                    }
                }
            }
        }
        CHECK(all_signs == F::raw_values_are_signs);
    });
}

TEST_CASE("dense families: elements that share a word share none of its bits") {
    for_each_dense_family([]<class F>(F) {
        CAPTURE(F::name);
        const typename F::Block block(100);
        constexpr unsigned bits = 32 / F::parts_per_word;
        for (unsigned changed = 0; changed < F::parts_per_word; ++changed) {
            // Part 0 has the highest bits.
            const std::uint32_t mask = (0xFFFFFFFFu >> (32 - bits)) << (32 - bits * (changed + 1));
            for (const std::uint32_t word : {0x12345678u, 0xDEADBEEFu}) {
                for (unsigned part = 0; part < F::parts_per_word; ++part) {
                    CAPTURE(part);
                    const bool same = block.raw_values(word, word, part) ==
                                      block.raw_values(word ^ mask, word ^ mask, part);
                    CHECK(same == (part != changed));
                }
            }
        }
    });
}
