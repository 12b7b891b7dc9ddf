#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <ferret/basis/basis.hpp>
#include <set>

TEST_CASE("names and ids of bases lead back to them") {
    std::set<ferret::BasisId> ids;
    for (const auto& [name, id] : ferret::basis_names) {
        const ferret::Basis basis = ferret::parse_basis(name);
        CHECK(ferret::basis_id(basis) == id);
        CHECK(ferret::basis_name(basis) == name);
        CHECK(ferret::basis_name(id) == name);
        ids.insert(id);
    }
    CHECK(ids.size() == std::variant_size_v<ferret::Basis>);
}

TEST_CASE("ids on the wire never change") {
    CHECK(static_cast<int>(ferret::TruncatedNormal<16>::id) == 1);
    CHECK(static_cast<int>(ferret::TruncatedNormal<32>::id) == 2);
    CHECK(static_cast<int>(ferret::Gaussian::id) == 3);
    CHECK(static_cast<int>(ferret::Rademacher::id) == 4);
    CHECK(static_cast<int>(ferret::SparseSign::id) == 5);
}

TEST_CASE("an unknown name is told what names there are") {
    const std::string message = ferret_test::error_message<ferret::UnknownName>(
        [] { static_cast<void>(ferret::parse_basis("normal")); });
    CHECK(ferret_test::contains(message, "truncated-normal-32"));
    CHECK(ferret_test::contains(message, "'normal'"));
    CHECK_THROWS_AS(static_cast<void>(ferret::basis_name(static_cast<ferret::BasisId>(0))),
                    ferret::UnknownName);
    CHECK_THROWS_AS(static_cast<void>(ferret::basis_name(static_cast<ferret::BasisId>(6))),
                    ferret::UnknownName);
}

TEST_CASE("the second moment of an entry") {
    CHECK(ferret::second_moment(ferret::SparseSign{}, 1000, 8) == 0.125);
    CHECK(ferret::second_moment(ferret::Gaussian{}, 1000, 8) == 1.0);
    CHECK(ferret::second_moment(ferret::Rademacher{}, 1000, 8) == 1.0);
    // The large-d limit 1 / (3 d), up to the lattice's 4^-16 and the law's 2 / (15 d).
    CHECK(ferret::second_moment(ferret::TruncatedNormal<16>{}, 1u << 30, 8) * 3.0 * (1u << 30) ==
          doctest::Approx(1.0).epsilon(1e-8));
}
