#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "federated/model/weights.hpp"

namespace federated {

/// All that a run needs to go on after a round, beside its options.
struct Checkpoint {
    std::int64_t round = 0;
    Weights weights;
    std::vector<std::byte> state;  ///< Federation::state()
};

/// The checkpoint as bytes.
///
/// Little-endian: the 8 characters "FEDCKPT2", the round (u64), the size of the state (u64), the
/// state, the weights as encode_tensors, and the CRC-64/XZ of everything before (u64).
std::vector<std::byte> encode(const Checkpoint& checkpoint);

/// Reads it back, bit for bit. `like` has the shapes and types that the weights must have; `file` is named
/// in errors.
/// Throws: FileError for bytes that are cut or altered, std::runtime_error for the weights of another
///         model
Checkpoint decode_checkpoint(std::span<const std::byte> bytes, const Weights& like,
                             const std::filesystem::path& file);

/// Replaces the file, durably: after a crash it holds the old or the new checkpoint, whole.
/// Throws: FileError.
void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

/// decode_checkpoint of a file.
/// Throws: as that; FileError for a file that is missing
Checkpoint load_checkpoint(const std::filesystem::path& file, const Weights& like);

}  // namespace federated
