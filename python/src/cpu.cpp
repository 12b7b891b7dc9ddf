#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <ferret/backend/cpu/cpu.hpp>
#include <string>

#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {

void bind_cpu(nb::module_& module) {
    nb::class_<ferret::Cpu>(module, "Cpu",
                            "The processor as a backend: how many threads, and which vector "
                            "instructions. No bit depends on "
                            "either.")
        .def(
            "__init__",
            [](ferret::Cpu* self, int threads, const std::optional<std::string>& instruction_set) {
                if (threads < 0)
                    throw nb::value_error(
                        ("threads: expected 0 or more, got " + std::to_string(threads)).c_str());
                ferret::InstructionSet set = ferret::default_instruction_set();
                if (instruction_set) {
                    set = value_of("instruction set", *instruction_set,
                                   ferret::instruction_set_names);
                    ferret::check_supported(set);
                }
                new (self) ferret::Cpu{threads, set};
            },
            nb::arg("threads") = 0, nb::kw_only(), nb::arg("instruction_set") = nb::none(),
            "threads: 0 takes as many as OpenMP would.\n"
            "instruction_set: 'portable', 'neon', 'avx2' or 'avx512'; None: what the "
            "environment's\n"
            "FERRET_INSTRUCTION_SET names, or else the best that the processor has.\n\n"
            "Raises UnknownName, or Unsupported for what this processor does not have.")
        .def_ro("threads", &ferret::Cpu::threads, "Threads; 0: as many as OpenMP would take.")
        .def_prop_ro(
            "instruction_set",
            [](const ferret::Cpu& cpu) {
                return std::string(ferret::instruction_set_name(cpu.instruction_set));
            },
            "The name of the vector instructions.")
        .def("__repr__", [](const ferret::Cpu& cpu) {
            return "Cpu(" + std::to_string(cpu.threads) + ", instruction_set='" +
                   std::string(ferret::instruction_set_name(cpu.instruction_set)) + "')";
        });
}

}  // namespace ferret_python
