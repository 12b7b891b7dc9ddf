#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace fed_llm {

/// Writes small tasks on words and numbers in the layout and schema of Natural Instructions v2.8
/// (tasks/*.json, splits/default/*.txt), so that load_natural_instructions reads them: the
/// program's data where nothing is downloaded. The test tasks ask for what the training tasks
/// taught in another form. Repro: the files are a function of the arguments. Throws: FileError
/// where the folder cannot be written.
void write_synthetic_tasks(const std::filesystem::path& folder, std::uint64_t seed,
                           std::size_t instances_per_task = 100);

}  // namespace fed_llm
