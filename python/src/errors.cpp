#include <ferret/error.hpp>

#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

template <class Error>
nb::object bind_error(nb::module_& module, const char* name, nb::handle base, const char* doc) {
    nb::object error = nb::exception<Error>(module, name, base);
    error.attr("__doc__") = doc;
    return error;
}

}  // namespace

/// The tree of ferret/error.hpp. The last that is bound is asked first: a class comes after its base.
void bind_errors(nb::module_& module) {
    const nb::object error =
        bind_error<ferret::Error>(module, "Error", PyExc_Exception,
                                  "Base of every exception of ferret's. The text says what was "
                                  "expected, what came and where.");
    bind_error<ferret::InvalidLayout>(
        module, "InvalidLayout", error,
        "A layout that describes no model: no tensors, an empty tensor, a block size of zero.");
    bind_error<ferret::InvalidBudget>(module, "InvalidBudget", error,
                                      "A budget that the blocks cannot take: under two bases a "
                                      "block, or more bases than elements.");
    bind_error<ferret::LayoutMismatch>(module, "LayoutMismatch", error,
                                       "Tensors or a sketch that do not fit the layout.");
    bind_error<ferret::NonFinite>(
        module, "NonFinite", error,
        "An infinite or not-a-number value in an update, a coordinate or a scale.");
    bind_error<ferret::SketchMismatch>(
        module, "SketchMismatch", error,
        "Sketches that do not share seed, layout and basis family, or whose parts contradict each "
        "other.");
    bind_error<ferret::UnknownName>(
        module, "UnknownName", error,
        "A name that stands for no basis family, budget rule, coordinate format, ...");
    bind_error<ferret::Unsupported>(
        module, "Unsupported", error,
        "Something that this machine cannot do, such as an instruction set it does not have.");
    bind_error<ferret::WrongRound>(module, "WrongRound", error,
                                   "A message of another round than the one that is open.");
    bind_error<ferret::ModelMismatch>(
        module, "ModelMismatch", error,
        "A model that is not, bit for bit, the one that a message is about.");
    bind_error<ferret::Duplicate>(module, "Duplicate", error,
                                  "A second message of a client in one round.");
    bind_error<ferret::WrongStep>(module, "WrongStep", error,
                                  "A message or call of another step of a secure round than the "
                                  "one that is open.");
    bind_error<ferret::TooFewClients>(
        module, "TooFewClients", error,
        "A secure round in which fewer clients are left than its threshold.");
    bind_error<ferret::UnsafeRequest>(module, "UnsafeRequest", error,
                                      "A request that would let a server learn more than a sum.");
    bind_error<ferret::FileError>(
        module, "FileError", error,
        "A file that cannot be read or written, or that is not what it should be.");
    const nb::object wire = bind_error<ferret::WireError>(
        module, "WireError", error, "Base of what can be wrong with a received message.");
    bind_error<ferret::Truncated>(module, "Truncated", wire,
                                  "A message shorter than it says, or longer.");
    bind_error<ferret::UnsupportedVersion>(
        module, "UnsupportedVersion", wire,
        "A message that is no ferret message, or one of another version.");
    bind_error<ferret::ChecksumMismatch>(module, "ChecksumMismatch", wire,
                                         "A message whose checksum is not that of its content.");
    bind_error<ferret::Forged>(module, "Forged", wire,
                               "A message whose signature or seal is not that of its sender.");
    bind_error<ferret::Malformed>(
        module, "Malformed", wire,
        "A message whose fields contradict each other or claim impossible sizes.");
}

}  // namespace ferret_python
