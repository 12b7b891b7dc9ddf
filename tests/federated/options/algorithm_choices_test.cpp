#include "federated/options/algorithm_choices.hpp"

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("the library takes every basis and budget rule that can be chosen") {
    REQUIRE(basis_choices().size() == 1 + ferret::basis_names.size());
    for (const std::string& name : basis_choices()) {
        if (name != automatic) CHECK(ferret::basis_name(ferret::parse_basis(name)) == name);
    }
    REQUIRE(budget_rule_choices().size() == ferret::budget_rule_names.size());
    for (const std::string& name : budget_rule_choices()) {
        CHECK(ferret::total_of(ferret::parse_budget_rule(name, 12)) == 12);
    }
}
