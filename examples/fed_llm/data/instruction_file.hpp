#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace fed_llm {

/// A task in words and its answer.
struct InstructionRow {
    std::string instruction;
    std::string input;  ///< what the instruction is about; may be empty
    std::string output;
    std::string category;  ///< kind of task; may be empty
};

/// The names that a data set gives to the fields. A name that is empty stands for a field that the
/// data set does not have.
struct InstructionFields {
    std::string instruction = "instruction";
    std::string input = "input";  ///< rows may leave it out, or have null
    std::string output = "output";
    std::string category;  ///< rows may leave it out, or have null
};

/// Reads a JSON object from each line that is not blank or, where the file begins with "[", a JSON
/// list of objects. Other fields are passed over; of a field that a row has twice, the last counts.
/// Throws: FileError naming the line or row and the field, also where there is no row.
std::vector<InstructionRow> read_rows(const std::filesystem::path& file,
                                      const InstructionFields& fields);

/// The path itself where it is no folder; otherwise the first of the files that is in it.
/// Throws: FileError naming these files where the folder has none.
std::filesystem::path find_data_file(const std::filesystem::path& path,
                                     std::initializer_list<std::string_view> files);

}  // namespace fed_llm
