#pragma once

#include <torch/torch.h>

#include <string>

#include "hugging_face/weights/safetensors.hpp"

namespace hugging_face {

/// The tensor on the CPU, in `dtype`. Cost: one pass beside reading.
/// Throws: FileError where there is none, or where a number is not finite, in the file or in `dtype`:
/// it names the first.
torch::Tensor read_finite(const SafetensorsReader& reader, const std::string& name,
                          torch::Dtype dtype);

}  // namespace hugging_face
