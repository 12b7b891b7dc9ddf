#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hugging_face {

/// Knows all tensors of a safetensors file, and reads those of dtype F32, F16 or BF16, one at a time.
/// Source: the format section of huggingface/safetensors.
class SafetensorsReader {
public:
    struct Entry {
        std::string_view dtype_name;        ///< as in the file
        std::optional<torch::Dtype> dtype;  ///< none: the format's, but not read here
        std::vector<std::int64_t> shape;
        std::uint64_t begin;  ///< first byte, counted from the start of the file
        std::uint64_t end;
    };

    /// Reads and checks the header: every tensor has a dtype of the format, and every byte of the
    /// file after the header belongs to one tensor. Throws: FileError.
    explicit SafetensorsReader(std::filesystem::path file);

    const std::filesystem::path& file() const { return file_; }

    /// The tensors by name.
    const std::map<std::string, Entry>& entries() const { return entries_; }

    /// The tensor on the CPU, in the file's dtype.
    /// Throws: FileError where there is none of that name, its dtype is not read here, or the file
    /// became shorter.
    torch::Tensor read(const std::string& name) const;

private:
    std::filesystem::path file_;
    std::map<std::string, Entry> entries_;
};

/// Writes the tensors, in the order given, beside `file` and renames, so that `file` is never half
/// written. The names differ.
/// Throws: FileError; std::invalid_argument for a dtype other than float32, float16 and bfloat16.
void write_safetensors(const std::filesystem::path& file,
                       const std::vector<std::pair<std::string, torch::Tensor>>& tensors);

}  // namespace hugging_face
