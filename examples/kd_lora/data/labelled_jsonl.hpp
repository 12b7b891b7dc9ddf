#pragma once

#include <cstdint>
#include <filesystem>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// Reads one JSON object a line: "sentence" or "text", a string, and "label", a whole number. Other
/// fields are passed over; blank lines, too. `labels` is the number of classes, 0 where the file itself
/// tells.
/// Throws: FileError naming the line and the field, also where there is no row.
LabelledFile read_labelled_jsonl(const std::filesystem::path& file, std::int64_t labels);

}  // namespace kd_lora
