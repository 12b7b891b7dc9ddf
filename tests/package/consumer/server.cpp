#include "server.hpp"

#include <ferret/reference.hpp>

void apply_message(const ferret::Layout& layout, std::span<const std::byte> message,
                   std::vector<std::vector<float>>& model) {
    const ferret::Reconstructor reconstruct{layout, ferret::SparseSign{}};
    reconstruct(ferret::decode(message), model, /*scale=*/-1.0f);  // model -= V gamma
}
