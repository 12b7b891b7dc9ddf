#include "federated/round/interrupt.hpp"

#include <csignal>

namespace federated {
namespace {

volatile std::sig_atomic_t interrupted = 0;

extern "C" void remember_interrupt(int /*signal*/) {
    interrupted = 1;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void catch_interrupts() {
    interrupted = 0;
    std::signal(SIGINT, remember_interrupt);
    std::signal(SIGTERM, remember_interrupt);
}

void stop_if_interrupted() {
    if (interrupted != 0) throw Interrupted();
}

}  // namespace federated
