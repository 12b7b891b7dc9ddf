#pragma once

#include <nanobind/nanobind.h>

/// The parts of the module, one a file.
namespace ferret_python {

void bind_errors(nanobind::module_& module);
void bind_cpu(nanobind::module_& module);
void bind_seed(nanobind::module_& module);
void bind_layout(nanobind::module_& module);
void bind_basis(nanobind::module_& module);
void bind_budget(nanobind::module_& module);
void bind_coordinate_format(nanobind::module_& module);
void bind_sketch(nanobind::module_& module);
void bind_projection(nanobind::module_& module);
void bind_wire(nanobind::module_& module);
void bind_messages(nanobind::module_& module);
void bind_plan(nanobind::module_& module);
void bind_roles(nanobind::module_& module);
void bind_round_log(nanobind::module_& module);
void bind_noise(nanobind::module_& module);

}  // namespace ferret_python
