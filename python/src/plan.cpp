#include <nanobind/stl/string.h>

#include <array>
#include <cstdint>
#include <ferret/protocol/plan.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

using ferret::Plan;

constexpr std::array<std::pair<std::string_view, ferret::SeedSharing>, 2> sharings{
    {{"shared", ferret::SeedSharing::shared}, {"per-client", ferret::SeedSharing::per_client}}};
constexpr std::array<std::pair<std::string_view, ferret::SeedRefresh>, 2> refreshes{
    {{"each-round", ferret::SeedRefresh::each_round}, {"fixed", ferret::SeedRefresh::fixed}}};

Plan make_plan(const ferret::Layout& layout, const ferret::BudgetRule& budget,
               const ferret::Basis& basis, std::uint64_t seed, const std::string& sharing,
               const std::string& refresh, ferret::CoordinateFormat up,
               ferret::CoordinateFormat down) {
    ferret::check_total(layout, ferret::total_of(budget));
    return {.layout = layout,
            .basis = basis,
            .budget = budget,
            .seed = seed,
            .sharing = value_of("sharing", sharing, sharings),
            .refresh = value_of("refresh", refresh, refreshes),
            .up = up,
            .down = down};
}

std::string sharing_of(const Plan& plan) {
    return std::string(name_of(plan.sharing, sharings));
}
std::string refresh_of(const Plan& plan) {
    return std::string(name_of(plan.refresh, refreshes));
}

nb::tuple reduce(nb::handle self) {
    const auto& plan = nb::cast<const Plan&>(self);
    return nb::make_tuple(self.type(),
                          nb::make_tuple(plan.layout, plan.budget, plan.basis, plan.seed,
                                         sharing_of(plan), refresh_of(plan), plan.up, plan.down));
}

}  // namespace

void bind_plan(nb::module_& module) {
    nb::class_<Plan>(
        module, "Plan",
        "What all of a federation agree on before its first round. Rounds count from 1.")
        .def(
            "__init__",
            [](Plan* self, const ferret::Layout& layout, const BudgetArgument& budget,
               const BasisArgument& basis, std::uint64_t seed, const std::string& sharing,
               const std::string& refresh, const FormatArgument& up, const FormatArgument& down) {
                new (self) Plan(make_plan(layout, budget.get(), basis.get(), seed, sharing, refresh,
                                          up.get(), down.get()));
            },
            nb::arg("layout"), nb::arg("budget"), nb::arg("basis") = "sparse-sign",
            nb::arg("seed") = 0, nb::arg("sharing") = "shared", nb::arg("refresh") = "each-round",
            nb::arg("up") = "1bit", nb::arg("down") = "1bit",
            "sharing: 'shared', one sketch's bases for all, so that sketches add up, or "
            "'per-client', each\n"
            "its own, so that the projections' errors average out.\n"
            "refresh: whether the bases change 'each-round' or are 'fixed'.\n"
            "up, down: the coordinate formats of clients' messages and of broadcasts.\n\n"
            "Raises InvalidBudget if K does not fit the layout; UnknownName.")
        .def_ro("layout", &Plan::layout, nb::rv_policy::copy)
        .def_ro("budget", &Plan::budget, nb::rv_policy::copy)
        .def_ro("basis", &Plan::basis, nb::rv_policy::copy)
        .def_ro("seed", &Plan::seed)
        .def_prop_ro("sharing", &sharing_of, "'shared' or 'per-client'.")
        .def_prop_ro("refresh", &refresh_of, "'each-round' or 'fixed'.")
        .def_ro("up", &Plan::up, "The format of clients' messages.")
        .def_ro("down", &Plan::down, "The format of broadcasts.")
        .def("seed_of", &Plan::seed_of, nb::arg("round"), nb::arg("client"),
             "The seed that a client's bases of a round come from.")
        .def("__repr__",
             [](nb::handle self) {
                 const auto& plan = nb::cast<const Plan&>(self);
                 const auto text = [](auto&& value) {
                     return std::string(nb::repr(nb::cast(value)).c_str());
                 };
                 return "Plan(" + text(plan.layout) + ", " + text(plan.budget) + ", " +
                        text(plan.basis) + ", seed=" + std::to_string(plan.seed) + ", sharing='" +
                        sharing_of(plan) + "', refresh='" + refresh_of(plan) + "', up='" +
                        std::string(ferret::name_of(plan.up)) + "', down='" +
                        std::string(ferret::name_of(plan.down)) + "')";
             })
        .def("__reduce__", &reduce);
}

}  // namespace ferret_python
