#include "hugging_face/weights/weight_files.hpp"

#include <array>
#include <system_error>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "hugging_face/weights/finite_tensor.hpp"

namespace hugging_face {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* single_name = "model.safetensors";
constexpr const char* index_name = "model.safetensors.index.json";
constexpr std::uint64_t max_index_bytes = 100'000'000;

/// What other programs keep weights in.
constexpr std::array<const char*, 7> other_files{
    "pytorch_model.bin",   "pytorch_model.bin.index.json", "consolidated.safetensors",
    "consolidated.00.pth", "adapter_model.safetensors",    "tf_model.h5",
    "flax_model.msgpack",
};

/// Also true of a link to nowhere, whose reader then tells that it cannot be read.
bool is_there(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::symlink_status(file, ignored).type() !=
           std::filesystem::file_type::not_found;
}

std::string other_weights(const std::filesystem::path& folder) {
    for (const char* name : other_files) {
        if (is_there(folder / name)) {
            return std::string("only ") + name + ", which is not read";
        }
    }
    return "none";
}

bool is_name_in_folder(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string("/\\\0", 3)) == std::string::npos;
}

}  // namespace

bool has_weight_files(const std::filesystem::path& folder) {
    return is_there(folder / single_name) || is_there(folder / index_name);
}

WeightFiles::WeightFiles(const std::filesystem::path& folder, const files::WarningObserver& warn) {
    const std::filesystem::path single = folder / single_name;
    const std::filesystem::path index = folder / index_name;
    if (is_there(single)) {
        listing_ = single;
        add(files_.emplace(single.filename().string(), single).first->second);
        if (warn && is_there(index)) {
            warn(index.string() + " is ignored: the weights are those of " +
                 single.filename().string() + " beside it");
        }
    } else if (is_there(index)) {
        listing_ = index;
        open_index(index);
    } else {
        throw files::FileError(folder, "weights",
                               "model.safetensors or model.safetensors.index.json",
                               other_weights(folder));
    }
    const std::filesystem::path adapter = folder / "adapter_config.json";
    if (warn && is_there(adapter)) {
        warn(adapter.string() + " is ignored: the weights are the model's, without the adapter");
    }
}

void WeightFiles::open_index(const std::filesystem::path& index) {
    const Json json = files::read_json(index, max_index_bytes);
    if (!json.is_object() || !json.contains("weight_map") || !json.at("weight_map").is_object()) {
        throw files::FileError(index, "weight_map", "an object", "none");
    }
    for (const auto& [name, value] : json.at("weight_map").items()) {
        const std::string file = value.is_string() ? value.get<std::string>() : "";
        if (!is_name_in_folder(file)) {
            throw files::FileError(index, "weight_map." + name, "the name of a file in the folder",
                                   files::describe(value));
        }
        auto opened = files_.find(file);
        if (opened == files_.end()) {
            opened = files_.emplace(file, index.parent_path() / file).first;
            add(opened->second);
        }
        if (!opened->second.entries().contains(name)) {
            throw files::FileError(opened->second.file(), name,
                                   "a tensor, by " + index.filename().string(), "none");
        }
    }
}

void WeightFiles::add(const SafetensorsReader& reader) {
    for (const auto& [name, entry] : reader.entries()) {
        const auto [held, added] = tensors_.emplace(name, &reader);
        if (!added) {
            throw files::FileError(reader.file(), name, "a tensor of one file only",
                                   "another in " + held->second->file().filename().string());
        }
    }
}

const SafetensorsReader::Entry* WeightFiles::find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second->entries().at(name);
}

torch::Tensor WeightFiles::read(const std::string& name, torch::Dtype dtype) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw files::FileError(listing_, name, "a tensor", "none");
    return read_finite(*found->second, name, dtype);
}

}  // namespace hugging_face
