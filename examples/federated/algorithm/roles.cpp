#include "federated/algorithm/roles.hpp"

#include <stdexcept>

namespace federated {

void expect_no_state(std::span<const std::byte> state) {
    if (!state.empty()) {
        throw std::runtime_error("algorithm state: expected none, got " +
                                 std::to_string(state.size()) + " bytes");
    }
}

void expect_messages(std::size_t received, std::string_view algorithm) {
    if (received == 0) {
        throw std::logic_error(std::string(algorithm) +
                               ": to close a round, expected at least one message, got none");
    }
}

}  // namespace federated
