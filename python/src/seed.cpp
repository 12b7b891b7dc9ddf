#include <nanobind/operators.h>
#include <nanobind/stl/string.h>

#include <cstdint>
#include <ferret/rng/seed.hpp>
#include <string>

#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {

void bind_seed(nb::module_& module) {
    using ferret::Seed;
    nb::class_<Seed>(module, "Seed",
                     "What all random bases of one sketch are regenerated from. Clients that share "
                     "a seed share bases, "
                     "so their sketches add.")
        .def(nb::init<std::uint64_t, std::uint64_t>(), nb::arg("value"), nb::arg("round") = 0,
             "value, round: integers of 64 bits. Fresh bases each round: let `round` count.")
        .def_ro("value", &Seed::value)
        .def_ro("round", &Seed::round)
        .def("derive", &Seed::derive, nb::arg("stream"),
             "An independent seed of the same round, for instance one per client.")
        .def("__eq__",
             [](const Seed& a, nb::handle b) {
                 return nb::isinstance<Seed>(b) && a == nb::cast<Seed>(b);
             })
        .def("__hash__",
             [](const Seed& seed) { return nb::hash(nb::make_tuple(seed.value, seed.round)); })
        .def("__repr__",
             [](const Seed& seed) {
                 return "Seed(" + std::to_string(seed.value) + ", " + std::to_string(seed.round) +
                        ")";
             })
        .def("__reduce__", [](nb::handle self) {
            const auto& seed = nb::cast<const Seed&>(self);
            return nb::make_tuple(self.type(), nb::make_tuple(seed.value, seed.round));
        });
}

}  // namespace ferret_python
