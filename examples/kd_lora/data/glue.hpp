#pragma once

#include <cstdint>
#include <filesystem>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// Reads CoLA's train.tsv or dev.tsv: source, label, the author's mark and the sentence, between tabs
/// and without a header. `labels` is the number of classes. Nothing is quoted: quotation marks are text.
/// Throws: FileError naming the line and the field, also where there is no row.
/// Source: Warstadt et al., arXiv 1805.12471; as in GLUE, arXiv 1804.07461.
LabelledFile read_cola(const std::filesystem::path& file, std::int64_t labels);

/// Reads SST-2's train.tsv or dev.tsv as GLUE has them: a header, then sentence and label with a tab
/// between. Nothing is quoted.
/// Throws: FileError naming the line and the field, also where there is no row.
/// Source: Socher et al., EMNLP 2013; as in GLUE, arXiv 1804.07461.
LabelledFile read_sst2(const std::filesystem::path& file, std::int64_t labels);

}  // namespace kd_lora
