#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <ferret/sketch.hpp>
#include <ferret/wire.hpp>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

using ferret::Sketch;
using Coordinates = nb::ndarray<nb::numpy, const float, nb::ndim<1>>;

void make(Sketch* self, const ferret::Seed& seed, const BasisArgument& basis,
          std::uint64_t layout_fingerprint, std::vector<std::uint32_t> bases_per_block,
          std::vector<float> coordinates) {
    Sketch sketch{seed, ferret::basis_id(basis.get()), layout_fingerprint,
                  std::move(bases_per_block), std::move(coordinates)};
    ferret::check_coordinates(sketch, "sketch");
    new (self) Sketch(std::move(sketch));
}

}  // namespace

void bind_sketch(nb::module_& module) {
    nb::class_<Sketch>(
        module, "Sketch",
        "An update in coordinates: all that a client sends. It does not change once it is made.")
        .def("__init__", &make, nb::arg("seed"), nb::arg("basis"), nb::arg("layout_fingerprint"),
             nb::arg("bases_per_block"), nb::arg("coordinates"),
             "bases_per_block: K_l, one a block; coordinates: sum of K_l numbers, block after "
             "block.\n\n"
             "Raises SketchMismatch if the coordinates are not those of the blocks; NonFinite.")
        .def_ro("seed", &Sketch::seed, nb::rv_policy::copy, "What the bases are regenerated from.")
        .def_prop_ro(
            "basis",
            [](const Sketch& sketch) {
                return ferret::parse_basis(ferret::basis_name(sketch.basis));
            },
            "The basis family.")
        .def_ro("layout_fingerprint", &Sketch::layout_fingerprint,
                "Layout.fingerprint of its layout.")
        .def_ro("bases_per_block", &Sketch::bases_per_block, "K_l, one a block.")
        .def_prop_ro(
            "coordinates",
            [](nb::handle_t<Sketch> self) {
                const auto& coordinates = nb::cast<const Sketch&>(self).coordinates;
                return Coordinates(coordinates.data(), {coordinates.size()}, self);
            },
            nb::rv_policy::reference,
            "float32, shape (sum of K_l,), block after block: a read-only view, no copy.")
        .def(
            "scaled",
            [](const Sketch& sketch, float factor) {
                Sketch scaled = sketch;
                scaled.scale(factor);
                return scaled;
            },
            nb::arg("factor"),
            "The sketch with every coordinate multiplied.\n\n"
            "Raises NonFinite if the factor or a product is not finite.")
        .def("__eq__",
             [](const Sketch& sketch, nb::handle other) {
                 return nb::isinstance<Sketch>(other) && sketch == nb::cast<const Sketch&>(other);
             })
        .def("__hash__",
             [](const Sketch& sketch) {
                 return nb::hash(nb::make_tuple(sketch.seed.value, sketch.seed.round,
                                                sketch.layout_fingerprint));
             })
        .def("__repr__",
             [](const Sketch& sketch) {
                 return "Sketch(" + std::to_string(sketch.coordinates.size()) + " coordinates in " +
                        std::to_string(sketch.bases_per_block.size()) + " blocks, basis '" +
                        std::string(ferret::basis_name(sketch.basis)) + "', Seed(" +
                        std::to_string(sketch.seed.value) + ", " +
                        std::to_string(sketch.seed.round) + "))";
             })
        // The float32 message has every bit of a sketch.
        .def("__getstate__", [](const Sketch& sketch) { return to_bytes(ferret::encode(sketch)); })
        .def("__setstate__", [](Sketch* self, nb::bytes message) {
            new (self) Sketch(ferret::decode(MessageArgument(message).bytes()));
        });
    module.def(
        "sum",
        [](const std::vector<Sketch>& sketches, const std::vector<double>& weights) {
            return without_lock([&] { return ferret::sum(sketches, weights); });
        },
        nb::arg("sketches"), nb::arg("weights") = std::vector<double>{},
        "The sketch of the sum of the updates: coordinates add, each sketch's times its weight.\n\n"
        "weights: one a sketch, or none, which counts as ones.\n"
        "Cost: O(number of sketches times K).\n"
        "Raises SketchMismatch if there is no sketch, not one weight a sketch, or bases differ; "
        "NonFinite.");
    module.def(
        "can_add", [](const std::vector<Sketch>& sketches) { return ferret::can_add(sketches); },
        nb::arg("sketches"), "Whether the sketches' coordinates add.");
}

}  // namespace ferret_python
