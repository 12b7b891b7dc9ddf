#include <nanobind/stl/filesystem.h>

#include <cstdint>
#include <ferret/protocol/round_log.hpp>
#include <filesystem>
#include <optional>
#include <utility>

#include "arguments.hpp"
#include "module.hpp"
#include "roles.hpp"
#include "tensors.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

/// A log that Python may close.
class OpenLog {
public:
    explicit OpenLog(std::filesystem::path file) { log_.emplace(std::move(file)); }

    ferret::RoundLog& get() {
        if (!log_)
            throw ferret::FileError("round log: expected an open one, got one that is closed");
        return *log_;
    }
    void close() { log_.reset(); }

private:
    std::optional<ferret::RoundLog> log_;
};

using RoundLog = Exclusive<OpenLog>;

void close(RoundLog& log) {
    log.use([](OpenLog& it) { it.close(); });
}

}  // namespace

void bind_round_log(nb::module_& module) {
    nb::class_<RoundLog>(module, "RoundLog",
                         "The broadcasts of all rounds in a file that is only ever appended to, "
                         "from which a follower that "
                         "missed rounds catches up. A context manager.")
        .def(
            "__init__",
            [](RoundLog* self, std::filesystem::path file) {
                without_lock([&] { new (self) RoundLog(std::in_place, std::move(file)); });
            },
            nb::arg("file"), nb::sig("def __init__(self, file: str | os.PathLike[str]) -> None"),
            "Opens the log, or begins one. One process at a time may hold it. What a killed "
            "process left\n"
            "half written at the end is cut off.\n\n"
            "Raises FileError if the file cannot be opened, is held by another, or is no log.")
        .def_prop_ro(
            "rounds",
            [](RoundLog& log) { return log.use([](OpenLog& it) { return it.get().rounds(); }); },
            "How many rounds the log has: 1 to rounds.")
        .def(
            "append",
            [](RoundLog& log, nb::handle broadcast) {
                const MessageArgument message(broadcast);
                log.use([&](OpenLog& it) { it.get().append(message.bytes()); });
            },
            nb::arg("broadcast"), nb::sig("def append(self, broadcast: Message) -> None"),
            "Adds the broadcast of the next round. Once this returns, no power cut takes it "
            "away.\n\n"
            "Raises WireError if it is none, WrongRound if it is not that of the next round; "
            "FileError, and\n"
            "the log is then as it was.")
        .def(
            "broadcast",
            [](RoundLog& log, std::uint64_t round) {
                return to_bytes(log.use([&](OpenLog& it) { return it.get().broadcast(round); }));
            },
            nb::arg("round"),
            "The broadcast of a round.\n\nRaises WrongRound if the log does not have it; "
            "FileError.")
        .def("close", &close, "Closes the file. What comes after raises FileError.")
        .def(
            "__enter__", [](nb::handle self) { return nb::borrow(self); },
            nb::sig("def __enter__(self) -> RoundLog"))
        .def(
            "__exit__", [](RoundLog& log, nb::args) { close(log); },
            nb::sig("def __exit__(self, *error: object) -> None"));
    module.def(
        "catch_up",
        [](Follower& follower, RoundLog& log, const TensorsArgument& model) {
            const Tensors tensors(model, "model", Access::write);
            follower.use_with(log, [&](ferret::Follower<>& behind, OpenLog& it) {
                ferret::catch_up(behind, it.get(), tensors.list());
            });
        },
        nb::arg("follower"), nb::arg("log"), nb::arg("model"),
        "Brings a follower that missed rounds to the last one of the log, the model in place.\n\n"
        "Raises as Follower.apply, for the first round that does not follow; the rounds before it "
        "stay.");
    module.def(
        "fold",
        [](RoundLog& log) { return log.use([](OpenLog& it) { return ferret::fold(it.get()); }); },
        nb::arg("log"),
        "The log as one sketch, where the bases are the same in all rounds ('fixed'): K numbers "
        "for any\n"
        "number of rounds, to be added to the model of round 0 with a scale of 1. Up to rounding "
        "only.\n\n"
        "Raises SketchMismatch if there is no round, or the bases differ.");
}

}  // namespace ferret_python
