#include <nanobind/stl/vector.h>

#include <cstddef>
#include <ferret/protocol/round_noise.hpp>
#include <ferret/protocol/sketch_noise.hpp>
#include <vector>

#include "arguments.hpp"
#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {

void bind_noise(nb::module_& module) {
    module.def(
        "round_unlikeness",
        [](const ferret::Plan& plan, const std::vector<ferret::Sketch>& sketches) {
            return without_lock([&] { return ferret::round_unlikeness(plan, sketches); });
        },
        nb::arg("plan"), nb::arg("sketches"),
        "How unlike a round's clients are: the mean of their updates' energies over the energy of "
        "their mean,\n"
        "told from the sketches of their messages. 1: alike, and what is returned where sketches "
        "do not add;\n"
        "the number of clients: nothing in common.\n\n"
        "Cost: O(number of sketches times K). Raises SketchMismatch, LayoutMismatch.");
    module.def("round_noise", &ferret::round_noise, nb::arg("plan"), nb::arg("clients"),
               nb::arg("unlikeness") = 1.0,
               "The noise of the model's update when a server closes a round of so many clients, "
               "relative\n"
               "to the energy of the mean update.");
    module.def(
        "damping", &ferret::damping_of, nb::arg("noise"), nb::arg("parameters"),
        "The share of a rebuilt update that a model of so many parameters follows: what fed_llm's\n"
        "server multiplies its rate by.");
}

}  // namespace ferret_python
