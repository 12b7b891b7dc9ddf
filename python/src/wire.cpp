#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <ferret/wire.hpp>
#include <vector>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {

MessageArgument::MessageArgument(nb::handle object) {
    if (!nb::isinstance<nb::bytes>(object)) {
        if (PyObject_CheckBuffer(object.ptr()) == 0) refuse_type("message", "bytes", object);
        owner_ = nb::steal(PyBytes_FromObject(object.ptr()));
        if (!owner_.is_valid()) throw nb::python_error();
    } else {
        owner_ = nb::borrow(object);
    }
    const auto bytes = nb::borrow<nb::bytes>(owner_);
    bytes_ = {static_cast<const std::byte*>(bytes.data()), bytes.size()};
}

void bind_wire(nb::module_& module) {
    module.def(
        "encode",
        [](const ferret::Sketch& sketch, const FormatArgument& format, std::uint32_t rotation) {
            const ferret::CoordinateFormat chosen = format.get();
            return to_bytes(without_lock([&] { return ferret::encode(sketch, chosen, rotation); }));
        },
        nb::arg("sketch"), nb::arg("format") = "float32", nb::arg("rotation") = 0,
        "The sketch as a message.\n\n"
        "rotation: of few bits; rotation_of(client) of the client that sends, 0 for a server.\n"
        "Cost: 44 + 4 L bytes, and 4 K ('float32'), 2 K + 4 L ('int16'), or about K b / 8 for b "
        "bits.\n"
        "Raises NonFinite for a coordinate that is too large for few bits; UnknownName for the "
        "format.");
    module.def(
        "decode",
        [](nb::handle message, const FormatArgument& format) {
            const MessageArgument argument(message);
            if (format.object.is_none())
                return without_lock([&] { return ferret::decode(argument.bytes()); });
            const ferret::CoordinateFormat expected = format.get();
            return without_lock([&] { return ferret::decode(argument.bytes(), expected); });
        },
        nb::arg("message"), nb::arg("format") = nb::none(),
        nb::sig(
            "def decode(message: Message, format: CoordinateFormat | str | None = None) -> Sketch"),
        "Reads a message; with a format, only one of this format.\n\n"
        "Cost: memory in proportion to the message: every size that it claims is checked first.\n"
        "Raises Truncated, UnsupportedVersion, ChecksumMismatch, Malformed (all WireError); "
        "NonFinite.");
    module.def(
        "encoded_size",
        [](const std::vector<std::uint32_t>& bases_per_block, const FormatArgument& format) {
            return ferret::encoded_size(bases_per_block, format.get());
        },
        nb::arg("bases_per_block"), nb::arg("format"),
        "Bytes of the message of a sketch with so many bases in each block.");
    module.def(
        "rotation_of", &ferret::rotation_of, nb::arg("client"),
        "The rotation that a client's coordinates of few bits travel with; a server's is 0.");
}

}  // namespace ferret_python
