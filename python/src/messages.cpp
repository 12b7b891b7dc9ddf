#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <ferret/protocol/broadcast.hpp>
#include <ferret/protocol/update_message.hpp>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "module.hpp"

namespace nb = nanobind;

namespace ferret_python {

void bind_messages(nb::module_& module) {
    using ferret::Broadcast;
    using ferret::UpdateMessage;
    nb::class_<UpdateMessage>(module, "UpdateMessage", "What a client sends up in a round.")
        .def_ro("round", &UpdateMessage::round)
        .def_ro("client", &UpdateMessage::client)
        .def_ro("examples", &UpdateMessage::examples, "That it trained on.")
        .def_ro("model_before", &UpdateMessage::model_before,
                "Fingerprint of the model that it began with.")
        .def_ro("sketch", &UpdateMessage::sketch, nb::rv_policy::copy)
        .def("__repr__", [](const UpdateMessage& message) {
            return "UpdateMessage(round " + std::to_string(message.round) + ", client " +
                   std::to_string(message.client) + ")";
        });
    nb::class_<Broadcast>(
        module, "Broadcast",
        "What a server sends to all when it closes a round: what brings a follower "
        "from round r - 1 to r.")
        .def_ro("round", &Broadcast::round)
        .def_ro("model_before", &Broadcast::model_before,
                "Fingerprint of the model that it is for.")
        .def_ro("model_after", &Broadcast::model_after,
                "Fingerprint of the model that it leads to.")
        .def_ro("scale", &Broadcast::scale,
                "Of the sketches' rebuilt sum, which is added to the model.")
        .def_prop_ro(
            "sketches",
            [](const Broadcast& broadcast) {
                nb::typed<nb::list, nb::bytes> sketches;
                for (const std::vector<std::byte>& sketch : broadcast.sketches)
                    sketches.append(to_bytes(sketch));
                return sketches;
            },
            "Messages that decode reads.")
        .def("__repr__", [](const Broadcast& broadcast) {
            return "Broadcast(round " + std::to_string(broadcast.round) + ", " +
                   std::to_string(broadcast.sketches.size()) + " sketches)";
        });
    module.def(
        "decode_update",
        [](nb::handle message, const FormatArgument& format) {
            const MessageArgument argument(message);
            std::optional<ferret::CoordinateFormat> expected;
            if (!format.object.is_none()) expected = format.get();
            return without_lock([&] { return ferret::decode_update(argument.bytes(), expected); });
        },
        nb::arg("message"), nb::arg("format") = nb::none(),
        nb::sig(
            "def decode_update(message: Message, format: CoordinateFormat | str | None = None) -> "
            "UpdateMessage"),
        "Reads a client's update; with a format, only one whose coordinates are of this format.\n\n"
        "Raises WireError, NonFinite.");
    module.def(
        "decode_broadcast",
        [](nb::handle message) {
            const MessageArgument argument(message);
            return without_lock([&] { return ferret::decode_broadcast(argument.bytes()); });
        },
        nb::arg("message"), nb::sig("def decode_broadcast(message: Message) -> Broadcast"),
        "Reads a broadcast; its sketches are not yet looked into.\n\nRaises WireError.");
}

}  // namespace ferret_python
