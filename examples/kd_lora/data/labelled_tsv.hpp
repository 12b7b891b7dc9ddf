#pragma once

#include <cstdint>
#include <filesystem>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// Reads tab-separated lines under a header that names the columns: one "sentence" or "text", one
/// "label", others as there are. `labels` is the number of classes, 0 where the file itself tells.
/// Nothing is quoted: quotation marks are text.
/// Throws: FileError naming the line and the field, also where there is no row.
LabelledFile read_labelled_tsv(const std::filesystem::path& file, std::int64_t labels);

}  // namespace kd_lora
