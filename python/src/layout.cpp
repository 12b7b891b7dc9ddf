#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <ferret/block/layout.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

using ferret::Layout;

std::vector<std::size_t> tensor_sizes(const Layout& layout) {
    std::vector<std::size_t> sizes;
    for (std::size_t t = 0; t < layout.tensor_count(); ++t) sizes.push_back(layout.tensor_size(t));
    return sizes;
}

std::vector<std::size_t> block_sizes(const Layout& layout) {
    std::vector<std::size_t> sizes;
    for (std::size_t l = 0; l < layout.block_count(); ++l) sizes.push_back(layout.block_size(l));
    return sizes;
}

enum class Kind { per_tensor, uniform, grouped };

using State = std::tuple<int, std::vector<std::size_t>, std::size_t, std::vector<std::string>>;

/// What makes this layout again: a kind, the tensors' sizes, the first block's size, and names.
State state_of(const Layout& layout) {
    const std::vector<std::size_t> sizes = tensor_sizes(layout);
    const std::vector<std::size_t> blocks = block_sizes(layout);
    Kind kind = Kind::uniform;
    if (blocks == sizes)
        kind = Kind::per_tensor;
    else if (blocks == block_sizes(Layout::grouped(sizes)))
        kind = Kind::grouped;
    return {static_cast<int>(kind), sizes, blocks.front(), layout.tensor_names()};
}

Layout named(const Layout& layout, std::vector<std::string> names) {
    return names.empty() ? layout : layout.with_names(std::move(names));
}

void restore(Layout* self, const State& state) {
    const auto& [kind, sizes, block_size, names] = state;
    const Layout layout = kind == static_cast<int>(Kind::per_tensor) ? Layout::per_tensor(sizes)
                          : kind == static_cast<int>(Kind::grouped)
                              ? Layout::grouped(sizes)
                              : Layout::uniform(sizes, block_size);
    new (self) Layout(named(layout, names));
}

}  // namespace

void bind_layout(nb::module_& module) {
    nb::class_<Layout>(module, "Layout",
                       "How a model's tensors, laid end to end, are cut into blocks that each have "
                       "bases of their own. "
                       "Blocks may end anywhere; tensors are never copied or moved. `names`, one a "
                       "tensor, are for error "
                       "messages.")
        .def_static(
            "per_tensor",
            [](std::vector<std::size_t> sizes, std::vector<std::string> names) {
                return named(Layout::per_tensor(std::move(sizes)), std::move(names));
            },
            nb::arg("tensor_sizes"), nb::arg("names") = std::vector<std::string>{},
            "One block a tensor.\n\nRaises InvalidLayout if there is no tensor, or an empty one.")
        .def_static(
            "uniform",
            [](std::vector<std::size_t> sizes, std::size_t block_size,
               std::vector<std::string> names) {
                return named(Layout::uniform(std::move(sizes), block_size), std::move(names));
            },
            nb::arg("tensor_sizes"), nb::arg("block_size"),
            nb::arg("names") = std::vector<std::string>{},
            "Blocks of block_size elements regardless of tensors; the last one takes what is "
            "left.\n\n"
            "Raises InvalidLayout, also for a block_size of zero.")
        .def_static(
            "grouped",
            [](std::vector<std::size_t> sizes, std::vector<std::string> names) {
                return named(Layout::grouped(std::move(sizes)), std::move(names));
            },
            nb::arg("tensor_sizes"), nb::arg("names") = std::vector<std::string>{},
            "Consecutive tensors share a block as long as it stays under 0.9 times the median "
            "tensor "
            "size.\n\nRaises InvalidLayout.")
        .def_prop_ro("parameters", &Layout::element_count, "d: elements of all tensors together.")
        .def_prop_ro("tensor_sizes", &tensor_sizes, "Elements of each tensor.")
        .def_prop_ro("block_sizes", &block_sizes, "d_l: elements of each block.")
        .def_prop_ro("blocks", &Layout::block_count, "L: number of blocks.")
        .def_prop_ro("names", &Layout::tensor_names,
                     "The tensors' names; none where none were given.")
        .def_prop_ro(
            "fingerprint", &Layout::fingerprint,
            "What sketches and messages carry to tell whether they belong to this layout: 64 bits "
            "of its block sizes.")
        .def("__eq__",
             [](const Layout& a, nb::handle b) {
                 if (!nb::isinstance<Layout>(b)) return false;
                 const auto& other = nb::cast<const Layout&>(b);
                 return tensor_sizes(a) == tensor_sizes(other) &&
                        block_sizes(a) == block_sizes(other) &&
                        a.tensor_names() == other.tensor_names();
             })
        .def("__hash__", [](const Layout& layout) { return layout.fingerprint() >> 1; })
        .def("__repr__",
             [](const Layout& layout) {
                 return "Layout(" + std::to_string(layout.element_count()) + " parameters in " +
                        std::to_string(layout.tensor_count()) + " tensors, " +
                        std::to_string(layout.block_count()) + " blocks)";
             })
        .def("__getstate__", &state_of)
        .def("__setstate__", &restore);
}

}  // namespace ferret_python
