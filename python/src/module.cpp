#include "module.hpp"

// In an order in which what a signature names is there before it.
NB_MODULE(_ferret, module) {
    using namespace ferret_python;
    module.doc() = "ferret's C++ library; import ferret, which has it all.";
    module.attr("__version__") = FERRET_VERSION;
    bind_errors(module);
    bind_cpu(module);
    bind_seed(module);
    bind_layout(module);
    bind_basis(module);
    bind_budget(module);
    bind_coordinate_format(module);
    bind_sketch(module);
    bind_projection(module);
    bind_wire(module);
    bind_messages(module);
    bind_plan(module);
    bind_roles(module);
    bind_round_log(module);
    bind_noise(module);
}
