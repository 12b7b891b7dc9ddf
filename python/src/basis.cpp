#include <nanobind/stl/string.h>

#include <ferret/basis/basis.hpp>
#include <string>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

std::string family_name(const ferret::Basis& basis) {
    return std::string(ferret::basis_name(basis));
}

}  // namespace

ferret::Basis BasisArgument::get() const {
    if (nb::isinstance<ferret::Basis>(object)) return nb::cast<ferret::Basis>(object);
    if (nb::isinstance<nb::str>(object)) return ferret::parse_basis(nb::cast<std::string>(object));
    refuse_type("basis", "a Basis or a name", object);
}

void bind_basis(nb::module_& module) {
    nb::class_<ferret::Basis>(module, "Basis",
                              "A basis family: the distribution of the random vectors.")
        .def(
            "__init__",
            [](ferret::Basis* self, const std::string& name) {
                new (self) ferret::Basis(ferret::parse_basis(name));
            },
            nb::arg("name"),
            "The family of that name.\n\nRaises UnknownName listing those there are.")
        .def_prop_ro("name", &family_name,
                     "As messages' and options' texts have it, such as 'sparse-sign'.")
        .def_prop_ro(
            "is_sparse", [](const ferret::Basis& basis) { return ferret::is_sparse(basis); },
            "Whether an element has an entry in one basis only, so that bases depend on how many "
            "there "
            "are.")
        .def("__eq__",
             [](const ferret::Basis& basis, nb::handle other) {
                 return nb::isinstance<ferret::Basis>(other) &&
                        basis.index() == nb::cast<const ferret::Basis&>(other).index();
             })
        .def("__hash__", [](const ferret::Basis& basis) { return basis.index(); })
        .def("__repr__",
             [](const ferret::Basis& basis) { return "Basis('" + family_name(basis) + "')"; })
        .def("__reduce__", [](nb::handle self) {
            return nb::make_tuple(
                self.type(), nb::make_tuple(family_name(nb::cast<const ferret::Basis&>(self))));
        });
    module.def(
        "SparseSign", [] { return ferret::Basis(ferret::SparseSign{}); },
        "Random signs, each element in one basis: O(d) for any number of bases.");
    module.def(
        "TruncatedNormal",
        [](int bits) {
            if (bits == 16) return ferret::Basis(ferret::TruncatedNormal<16>{});
            if (bits == 32) return ferret::Basis(ferret::TruncatedNormal<32>{});
            throw nb::value_error(("bits: expected 16 or 32, got " + std::to_string(bits)).c_str());
        },
        nb::arg("bits") = 16,
        "The paper's: a normal distribution cut at one standard deviation, from uniforms of 16 or "
        "32 "
        "bits. O(K d).");
    module.def(
        "Gaussian", [] { return ferret::Basis(ferret::Gaussian{}); },
        "Normally distributed entries. O(K d).");
    module.def(
        "Rademacher", [] { return ferret::Basis(ferret::Rademacher{}); },
        "Entries of -1 and 1. O(K d).");
}

}  // namespace ferret_python
