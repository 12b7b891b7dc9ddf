#include "federation/algorithm.hpp"

#include <stdexcept>

namespace fed_llm {

void Algorithm::restore(std::span<const std::byte> state) {
    if (!state.empty()) {
        throw std::runtime_error("algorithm state: expected none, got " +
                                 std::to_string(state.size()) + " bytes");
    }
}

}  // namespace fed_llm
