#include "roles.hpp"

#include <nanobind/stl/string.h>

#include <array>
#include <cstdint>
#include <ferret/protocol/client.hpp>
#include <ferret/protocol/server.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "arguments.hpp"
#include "module.hpp"
#include "names.hpp"
#include "tensors.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

using Client = ferret::Client<>;
using Server = Exclusive<ferret::Server<>>;

constexpr std::array<std::pair<std::string_view, ferret::Weighting>, 2> weightings{
    {{"equal", ferret::Weighting::equal}, {"by-examples", ferret::Weighting::by_examples}}};

void bind_client(nb::module_& module) {
    nb::class_<Client>(module, "Client",
                       "A client's part in a round. It keeps nothing from one round to the next.")
        .def(
            "__init__",
            [](Client* self, const ferret::Plan& plan, std::uint64_t number,
               const ferret::Cpu* backend) {
                new (self) Client(plan, number, backend_or_default(backend));
            },
            nb::arg("plan"), nb::arg("number"), nb::kw_only(), nb::arg("backend") = nb::none(),
            "number: 64 bits that tell this client from the others.")
        .def(
            "__call__",
            [](const Client& client, std::uint64_t round, const TensorsArgument& before,
               const TensorsArgument& after, std::uint64_t examples) {
                const Tensors first(before, "before", Access::read);
                const Tensors second(after, "after", Access::read);
                return to_bytes(without_lock(
                    [&] { return client(round, first.list(), second.list(), examples); }));
            },
            nb::arg("round"), nb::arg("before"), nb::arg("after"), nb::arg("examples") = 1,
            "The message for the server, from the round's model and what training made of it.\n\n"
            "before, after: the layout's tensors, read in place.\n"
            "Cost: one projection, and one reading of `before` for its fingerprint. Other threads "
            "run.\n"
            "Raises LayoutMismatch; TypeError; NonFinite naming tensor and index.");
}

void bind_server(nb::module_& module) {
    nb::class_<Server>(module, "Server",
                       "The server's part: collects the messages of a round and closes it with a "
                       "broadcast, whose bytes its own copy of the model follows too.")
        .def(
            "__init__",
            [](Server* self, const ferret::Plan& plan, const TensorsArgument& model,
               const std::string& weighting, std::uint64_t rounds, const ferret::Cpu* backend) {
                const Tensors tensors(model, "model", Access::read);
                const ferret::Weighting weights = value_of("weighting", weighting, weightings);
                const ferret::Cpu cpu = backend_or_default(backend);
                without_lock([&] {
                    new (self) Server(std::in_place, plan, tensors.list(), weights, rounds, cpu);
                });
            },
            nb::arg("plan"), nb::arg("model"), nb::arg("weighting") = "equal",
            nb::arg("rounds") = 0, nb::kw_only(), nb::arg("backend") = nb::none(),
            "model: the layout's tensors, of which only the fingerprint is kept.\n"
            "weighting: whether updates count 'equal' or 'by-examples'.\n"
            "rounds: how many the model has behind it.\n\n"
            "Raises LayoutMismatch, TypeError, UnknownName.")
        .def_prop_ro(
            "round", [](Server& server) { return server.use([](auto& it) { return it.round(); }); },
            "The round that messages are taken for.")
        .def_prop_ro(
            "received",
            [](Server& server) { return server.use([](auto& it) { return it.received(); }); },
            "How many clients have answered in this round.")
        .def(
            "receive",
            [](Server& server, nb::handle update) {
                const MessageArgument message(update);
                server.use([&](auto& it) { it.receive(message.bytes()); });
            },
            nb::arg("update"), nb::sig("def receive(self, update: Message) -> None"),
            "Takes one client's message.\n\n"
            "Raises WireError or NonFinite for a message that is none; WrongRound; ModelMismatch "
            "if it began\n"
            "with another model; LayoutMismatch or SketchMismatch for another plan's; Duplicate "
            "for a client\n"
            "that has answered. The round then goes on as if the message had not come.")
        .def(
            "close",
            [](Server& server, const TensorsArgument& model, float rate) {
                const Tensors tensors(model, "model", Access::write);
                return to_bytes(
                    server.use([&](auto& it) { return it.close(tensors.list(), rate); }));
            },
            nb::arg("model"), nb::arg("rate"),
            "Ends the round with whoever has answered: model -= rate times the mean of the rebuilt "
            "updates.\n"
            "Returns the broadcast for all followers.\n\n"
            "model: the layout's tensors, written in place.\n"
            "Cost: one reconstruction, and two readings of the model. Other threads run.\n"
            "Raises ModelMismatch if it is not the round's model; NonFinite. Round and model are "
            "then as they\n"
            "were.");
}

void bind_follower(nb::module_& module) {
    nb::class_<Follower>(
        module, "Follower",
        "Whoever keeps the round's model: goes from round to round by broadcasts, and "
        "finds out in the round where it happens if its model is not the server's.")
        .def(
            "__init__",
            [](Follower* self, const ferret::Plan& plan, std::uint64_t rounds,
               const ferret::Cpu* backend) {
                new (self) Follower(std::in_place, plan, rounds, backend_or_default(backend));
            },
            nb::arg("plan"), nb::arg("rounds") = 0, nb::kw_only(), nb::arg("backend") = nb::none(),
            "rounds: how many the model has behind it.")
        .def_prop_ro(
            "round",
            [](Follower& follower) { return follower.use([](auto& it) { return it.round(); }); },
            "The last round that the model has behind it.")
        .def(
            "apply",
            [](Follower& follower, nb::handle broadcast, const TensorsArgument& model) {
                const MessageArgument message(broadcast);
                const Tensors tensors(model, "model", Access::write);
                follower.use([&](auto& it) { it.apply(message.bytes(), tensors.list()); });
            },
            nb::arg("broadcast"), nb::arg("model"),
            nb::sig("def apply(self, broadcast: Message, model: Tensors) -> None"),
            "Brings the model to the next round, in place.\n\n"
            "Cost: one reconstruction, and two readings of the model. Other threads run.\n"
            "Raises WireError, NonFinite, LayoutMismatch or SketchMismatch for a broadcast that no "
            "server of\n"
            "this plan makes; WrongRound for another than the next; ModelMismatch if the model is "
            "not the one\n"
            "that the broadcast is for. The model is then untouched. ModelMismatch also if what "
            "came out is\n"
            "not the server's: the model is then of no use.");
}

}  // namespace

void bind_roles(nb::module_& module) {
    bind_client(module);
    bind_server(module);
    bind_follower(module);
}

}  // namespace ferret_python
