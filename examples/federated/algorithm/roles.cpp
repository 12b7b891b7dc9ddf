#include "federated/algorithm/roles.hpp"

#include <stdexcept>

namespace federated {

void expect_no_state(std::span<const std::byte> state) {
    if (!state.empty()) {
        throw std::runtime_error("algorithm state: expected none, got " +
                                 std::to_string(state.size()) + " bytes");
    }
}

}  // namespace federated
