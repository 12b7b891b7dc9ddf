#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// Sentences to learn from, and those that every evaluation is on.
struct DataSet {
    std::vector<LabelledExample> train;
    std::vector<LabelledExample> validation;
    std::int64_t labels = 2;  ///< number of classes
};

/// What load_data_set goes by.
struct DataSetSettings {
    std::string name;            ///< one of data_set_names()
    std::filesystem::path path;  ///< a folder with the data set's files, or a file of one's own
    std::uint64_t seed = 0;      ///< of what is held out
};

/// The names of the data sets that load_data_set knows: cola, sst2, tsv and jsonl.
const std::vector<std::string>& data_set_names();

/// Reads a data set.
///
/// cola and sst2 have two classes; `path` is their folder in GLUE (train.tsv and dev.tsv), or the one
/// that holds it under its published name. GLUE's test files carry no labels and are left alone.
///
/// tsv and jsonl are people's own: a folder with train.tsv and dev.tsv (or validation.tsv), and so for
/// jsonl. The labels of the training file are 0 to n - 1, each there at least once. Without a
/// validation file, or where the path is a file, a random tenth of the rows (rounded down, but at
/// least one) is held out for it, both parts in the file's order.
///
/// Throws: FileError naming the file, the line and the field; std::invalid_argument for an unknown
/// name.
/// Repro: a function of the files, and of the seed where rows are held out.
DataSet load_data_set(const DataSetSettings& settings);

}  // namespace kd_lora
