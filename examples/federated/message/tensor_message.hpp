#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "federated/model/weights.hpp"

namespace federated {

/// Tensors as bytes: what FedAvg sends and a checkpoint holds.
///
/// Little-endian: the 8 characters "FEDTENS1"; the number of tensors (u32); for each tensor its
/// type (u32: 1 float32, 2 float64, 3 float16, 4 bfloat16), its number of dimensions (u32) and
/// its sizes (u64 each); then the elements of all tensors, one after the other; then the CRC-64/XZ
/// (u64) of everything before it.
///
/// Throws: std::invalid_argument for a type not named above.
/// Repro: a round trip keeps every bit.
std::vector<std::byte> encode_tensors(const Weights& tensors);

/// Appends encode_tensors(tensors) to the bytes, without a second copy of the tensors.
void append_tensors(std::vector<std::byte>& bytes, const Weights& tensors);

/// The size of encode_tensors(tensors), without encoding. Cost: O(number of tensors).
std::size_t encoded_size(const Weights& tensors);

/// The tensors of a message. `like` says how many there must be, of which shape and type, and on
/// which device; nothing is allocated before the message agrees with it. `what` names the message in errors.
/// Throws: std::runtime_error for a message that is cut, altered, or holds something else.
Weights decode_tensors(std::span<const std::byte> message, const Weights& like,
                       std::string_view what);

}  // namespace federated
