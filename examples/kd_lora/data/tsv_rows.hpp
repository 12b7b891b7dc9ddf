#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "kd_lora/data/labelled_example.hpp"
#include "kd_lora/data/text_lines.hpp"

namespace kd_lora {

/// Which of a line's tab-separated fields are read.
struct TsvColumns {
    std::size_t sentence = 0;
    std::size_t label = 1;
    std::size_t count = 2;  ///< how many fields every line has
};

/// The lines of `file` as rows. Nothing is quoted: quotation marks are text, and no field has a tab or
/// a line end in it. `labels` is the number of classes, 0 where the file itself tells.
/// Throws: FileError naming the line and the field, also where there is no line.
LabelledFile tsv_rows(std::span<const TextLine> lines, const TsvColumns& columns,
                      const std::filesystem::path& file, std::int64_t labels);

}  // namespace kd_lora
