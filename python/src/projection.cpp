#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <ferret/projector.hpp>
#include <ferret/protocol/model_fingerprint.hpp>
#include <ferret/reconstructor.hpp>
#include <span>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"
#include "tensors.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

using Projector = ferret::Projector<>;
using Reconstructor = ferret::Reconstructor<>;

ferret::Sketch project(const Projector& projector, const TensorsArgument& before,
                       const TensorsArgument& after, const ferret::Seed& seed) {
    const Tensors first(before, "before", Access::read);
    const Tensors second(after, "after", Access::read);
    return without_lock([&] { return projector(first.list(), second.list(), seed); });
}

ferret::Sketch project_delta(const Projector& projector, const TensorsArgument& delta,
                             const ferret::Seed& seed) {
    const Tensors tensors(delta, "delta", Access::read);
    return without_lock([&] { return projector(tensors.list(), seed); });
}

ferret::Sketch project_with_bases(const Projector& projector, const TensorsArgument& delta,
                                  std::vector<std::uint32_t> bases_per_block,
                                  const ferret::Seed& seed) {
    const Tensors tensors(delta, "delta", Access::read);
    return without_lock([&] {
        return projector.project_shard(tensors.list(), ferret::Shard::all(projector.layout()),
                                       std::move(bases_per_block), seed);
    });
}

void reconstruct(const Reconstructor& reconstructor, nb::handle sketches,
                 const TensorsArgument& model, float scale) {
    std::vector<ferret::Sketch> list;
    if (nb::isinstance<ferret::Sketch>(sketches))
        list.push_back(nb::cast<const ferret::Sketch&>(sketches));
    else if (!nb::try_cast(sketches, list))
        refuse_type("sketches", "a Sketch or a sequence of them", sketches);
    const Tensors tensors(model, "model", Access::write);
    without_lock(
        [&] { reconstructor(std::span<const ferret::Sketch>(list), tensors.list(), scale); });
}

}  // namespace

void bind_projection(nb::module_& module) {
    nb::class_<Projector>(module, "Projector", "The client's side: an update becomes a sketch.")
        .def(
            "__init__",
            [](Projector* self, const ferret::Layout& layout, const BasisArgument& basis,
               const BudgetArgument& budget, const ferret::Cpu* backend) {
                new (self)
                    Projector(layout, basis.get(), budget.get(), backend_or_default(backend));
            },
            nb::arg("layout"), nb::arg("basis"), nb::arg("budget"), nb::kw_only(),
            nb::arg("backend") = nb::none(),
            "Raises InvalidBudget if K is under two bases a block or over d; UnknownName.")
        .def_prop_ro("layout", &Projector::layout, nb::rv_policy::copy)
        .def("__call__", &project, nb::arg("before"), nb::arg("after"), nb::arg("seed"),
             "Projects delta = before - after onto the bases of the seed, without ever storing "
             "delta.\n\n"
             "before, after: the layout's tensors, d elements each, read in place.\n"
             "Cost: O(d) time for SparseSign, O(K d) for the others; O(K) memory. Other threads "
             "run.\n"
             "Raises LayoutMismatch if the tensors do not fit the layout; TypeError for what is no "
             "tensor;\n"
             "NonFinite naming tensor and index. The same bits on every machine, for any number of "
             "threads.")
        .def("__call__", &project_delta, nb::arg("delta"), nb::arg("seed"),
             "Projects delta itself.")
        .def("with_bases", &project_with_bases, nb::arg("delta"), nb::arg("bases_per_block"),
             nb::arg("seed"),
             "Projects delta with so many bases in each block, whatever the budget.\n\n"
             "Raises LayoutMismatch if there is not one number a block; InvalidBudget; as a call.");
    nb::class_<Reconstructor>(
        module, "Reconstructor",
        "The other side, of server and clients alike: sketches become an update of "
        "the model.")
        .def(
            "__init__",
            [](Reconstructor* self, const ferret::Layout& layout, const BasisArgument& basis,
               const ferret::Cpu* backend) {
                new (self) Reconstructor(layout, basis.get(), backend_or_default(backend));
            },
            nb::arg("layout"), nb::arg("basis"), nb::kw_only(), nb::arg("backend") = nb::none(),
            "Raises UnknownName.")
        .def_prop_ro("layout", &Reconstructor::layout, nb::rv_policy::copy)
        .def("__call__", &reconstruct, nb::arg("sketches"), nb::arg("model"), nb::arg("scale"),
             nb::sig(
                 "def __call__(self, sketches: Sketch | Sequence[Sketch], model: Tensors, scale: "
                 "float) -> None"),
             "Adds scale times the rebuilt sum of the sketches to the model in place. delta = "
             "before - \n"
             "after, so a server subtracts: scale is minus its rate.\n\n"
             "model: the layout's tensors, d elements, written in place.\n"
             "Cost: O(d) time a sketch for SparseSign, O(K d) for the others. Other threads run.\n"
             "Raises LayoutMismatch, SketchMismatch, NonFinite or TypeError, with the model "
             "untouched.");
    module.def(
        "model_fingerprint",
        [](const ferret::Layout& layout, const TensorsArgument& model, const ferret::Cpu* backend) {
            const Tensors tensors(model, "model", Access::read);
            const ferret::Cpu cpu = backend_or_default(backend);
            return without_lock(
                [&] { return ferret::model_fingerprint(layout, tensors.list(), cpu); });
        },
        nb::arg("layout"), nb::arg("model"), nb::kw_only(), nb::arg("backend") = nb::none(),
        "64 bits that two machines compare to know whether their models are the same, bit for "
        "bit.\n\n"
        "Cost: one pass over the model, at the speed of memory. Other threads run.\n"
        "Raises LayoutMismatch, TypeError.");
}

}  // namespace ferret_python
