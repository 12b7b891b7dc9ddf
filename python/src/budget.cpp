#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <ferret/block/budget.hpp>
#include <ferret/wire/most_coordinates.hpp>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

std::string rule_name(const ferret::BudgetRule& rule) {
    return std::string(ferret::budget_rule_names[rule.index()]);
}

template <class Rule>
void bind_rule(nb::module_& module, const char* name, const char* doc) {
    module.def(
        name, [](std::uint64_t total) { return ferret::BudgetRule(Rule{total}); }, nb::arg("total"),
        doc);
}

ferret::BudgetRule budget_for_bytes(const ferret::Layout& layout, std::uint64_t bytes,
                                    const FormatArgument& format, const std::string& rule) {
    const ferret::CoordinateFormat chosen = format.get();
    const std::optional<std::uint64_t> most =
        without_lock([&] { return ferret::most_coordinates(rule, layout, chosen, bytes); });
    if (!most)
        throw ferret::InvalidBudget(
            ferret::error_text({"bytes: expected room for the fewest coordinates of ",
                                layout.block_count(), " blocks, got ", bytes}));
    return ferret::parse_budget_rule(rule, *most);
}

}  // namespace

ferret::BudgetRule BudgetArgument::get() const {
    if (nb::isinstance<ferret::BudgetRule>(object)) return nb::cast<ferret::BudgetRule>(object);
    refuse_type("budget", "a Budget, such as Uniform(4096)", object);
}

void bind_budget(nb::module_& module) {
    using ferret::BudgetRule;
    nb::class_<BudgetRule>(module, "Budget",
                           "K, and the rule by which it is spread over the blocks. Every rule "
                           "spends exactly K, gives each "
                           "block at least 2 bases and at most d_l (a block of one element: 1).")
        .def(
            "__init__",
            [](BudgetRule* self, const std::string& rule, std::uint64_t total) {
                new (self) BudgetRule(ferret::parse_budget_rule(rule, total));
            },
            nb::arg("rule"), nb::arg("total"),
            "The rule of that name with K = total.\n\nRaises UnknownName listing those there are.")
        .def_prop_ro("rule", &rule_name, "The rule's name.")
        .def_prop_ro("total", &ferret::total_of, "K: bases of all blocks together.")
        .def_prop_ro("depends_on_update", &ferret::depends_on_update,
                     "Whether the rule looks at the update, so that K_l differ between clients.")
        .def(
            "expected_bases",
            [](const BudgetRule& rule, const ferret::Layout& layout) {
                return ferret::expected_bases(rule, layout);
            },
            nb::arg("layout"),
            "K_l of each block; for a rule that looks at the update, of one whose entries are all "
            "of like "
            "size.\n\nRaises InvalidBudget.")
        .def("__eq__",
             [](const BudgetRule& rule, nb::handle other) {
                 if (!nb::isinstance<BudgetRule>(other)) return false;
                 const auto& second = nb::cast<const BudgetRule&>(other);
                 return rule.index() == second.index() &&
                        ferret::total_of(rule) == ferret::total_of(second);
             })
        .def("__hash__",
             [](const BudgetRule& rule) {
                 return nb::hash(nb::make_tuple(rule.index(), ferret::total_of(rule)));
             })
        .def("__repr__",
             [](const BudgetRule& rule) {
                 return "Budget('" + rule_name(rule) + "', " +
                        std::to_string(ferret::total_of(rule)) + ")";
             })
        .def("__reduce__", [](nb::handle self) {
            const auto& rule = nb::cast<const BudgetRule&>(self);
            return nb::make_tuple(self.type(),
                                  nb::make_tuple(rule_name(rule), ferret::total_of(rule)));
        });
    bind_rule<ferret::Uniform>(module, "Uniform", "K / L bases a block.");
    bind_rule<ferret::Proportional>(module, "Proportional",
                                    "Bases in proportion to a block's size.");
    bind_rule<ferret::NormShare>(
        module, "NormShare", "Bases in proportion to the norm of a block's update: the paper's.");
    bind_rule<ferret::MinimumError>(
        module, "MinimumError",
        "Bases in proportion to sqrt(d_l) times the norm of a block's update: the least error.");
    module.def(
        "budget_for_bytes", &budget_for_bytes, nb::arg("layout"), nb::arg("bytes"),
        nb::arg("format") = "1bit", nb::arg("rule") = "uniform",
        "The largest budget whose sketch takes at most so many bytes, as encode(sketch, format) "
        "writes it; a client's update message adds 54.\n\n"
        "Raises InvalidBudget if not even the fewest bases fit; UnknownName.");
}

}  // namespace ferret_python
