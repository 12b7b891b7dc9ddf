#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "../compiled.hpp"
#include "../partial_sketch.hpp"

namespace ferret {

/// Writes what a shard sends; docs/wire.md has the format.
/// Cost:   47 + 4 L bytes, 12 a run, and 8 for each of its bases. Against the model's bytes: a run of
///         one segment takes 8 K_l for 4 MiB of floats with a dense basis, and at most a 32nd of them
///         with SparseSign; the run that a block begins with takes 8 K_l, however long it is.
/// Throws: SketchMismatch if the sums are not those of the part's runs; NonFinite for a sum that is
///         not a finite number
/// Repro:  the same bytes on every machine
std::vector<std::byte> encode(const PartialSketch& part);

/// Reads such a message. Whether it fits a layout and the other shards' is for `combine` to find.
/// Cost:   memory in proportion to the message
/// Throws: WireError; NonFinite for a sum that is not a finite number
PartialSketch decode_partial_sketch(std::span<const std::byte> bytes);

/// Writes what a shard sends of its norms; docs/wire.md has the format.
/// Cost:   26 bytes, and 20 a run
/// Throws: SketchMismatch if there is not one sum a run; NonFinite for a sum that is not a finite
///         number
/// Repro:  the same bytes on every machine
std::vector<std::byte> encode(const PartialNorms& part);

/// Reads such a message.
/// Cost:   memory in proportion to the message
/// Throws: WireError; NonFinite for a sum that is not a finite number
PartialNorms decode_partial_norms(std::span<const std::byte> bytes);

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "partial_sketch.inl"
#endif
