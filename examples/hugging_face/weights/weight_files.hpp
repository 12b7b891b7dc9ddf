#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>

#include "files/warning_observer.hpp"
#include "hugging_face/weights/safetensors.hpp"

namespace hugging_face {

/// Whether the folder has weights that WeightFiles would open.
bool has_weight_files(const std::filesystem::path& folder);

/// The tensors of a Hugging Face folder: model.safetensors, or model.safetensors.index.json and the
/// files it names.
class WeightFiles {
public:
    /// Reads and checks the index and the headers.
    /// Throws: FileError, which names what else the folder has where it has no such files. Warns of
    /// files beside them that another reader would take.
    explicit WeightFiles(const std::filesystem::path& folder,
                         const files::WarningObserver& warn = {});
    WeightFiles(const WeightFiles&) = delete;  // tensors() points into files_
    WeightFiles& operator=(const WeightFiles&) = delete;

    /// The file that says which tensors there are.
    const std::filesystem::path& listing() const { return listing_; }

    /// All tensors by name, and the file that holds each.
    const std::map<std::string, const SafetensorsReader*>& tensors() const { return tensors_; }

    /// The tensor's header entry, or nullptr where there is no such tensor.
    const SafetensorsReader::Entry* find(const std::string& name) const;

    /// The tensor on the CPU, in `dtype`. Cost: one pass beside reading.
    /// Throws: FileError where there is none, or where a number is not finite, in the file or in
    /// `dtype`: it names the first.
    torch::Tensor read(const std::string& name, torch::Dtype dtype) const;

private:
    void open_index(const std::filesystem::path& index);
    void add(const SafetensorsReader& reader);

    std::filesystem::path listing_;
    std::map<std::string, SafetensorsReader> files_;  // by name; their addresses stay
    std::map<std::string, const SafetensorsReader*> tensors_;
};

}  // namespace hugging_face
