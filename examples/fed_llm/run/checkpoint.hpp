#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "federation/weights.hpp"

namespace fed_llm {

/// All that a run needs to go on after a round, beside its options.
struct Checkpoint {
    std::int64_t round = 0;
    Weights weights;
    std::vector<std::byte> state;  ///< Algorithm::state()
};

/// Replaces the file, durably: after a crash it holds the old or the new checkpoint, whole.
///
/// Little-endian: the 8 characters "FEDCKPT1", the round (u64), the size of the state (u64), the
/// state, the weights as encode_tensors, and the CRC-64/XZ of everything before (u64).
/// Throws: FileError.
void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint);

/// Reads it back, bit for bit. `like` has the shapes and types that the weights must have.
/// Throws: FileError for a file that is missing, cut or altered, std::runtime_error for the weights
/// of another model.
Checkpoint load_checkpoint(const std::filesystem::path& file, const Weights& like);

}  // namespace fed_llm
