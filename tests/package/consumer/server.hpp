#pragma once

#include <cstddef>
#include <ferret/ferret.hpp>
#include <span>
#include <vector>

/// What the receiver of a message does with it.
void apply_message(const ferret::Layout& layout, std::span<const std::byte> message,
                   std::vector<std::vector<float>>& model);
