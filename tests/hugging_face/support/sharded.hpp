#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "hugging_face/weights/safetensors.hpp"

/// Splits the weights over two files with an index, in place of model.safetensors.
inline void write_sharded(const std::filesystem::path& folder,
                          const std::vector<std::pair<std::string, torch::Tensor>>& weights) {
    const auto middle = weights.begin() + static_cast<std::ptrdiff_t>(weights.size() / 2);
    nlohmann::ordered_json map = nlohmann::ordered_json::object();
    const auto write = [&](const char* name, auto begin, auto end) {
        for (auto tensor = begin; tensor != end; ++tensor) map[tensor->first] = name;
        hugging_face::write_safetensors(folder / name, {begin, end});
    };
    write("model-00001-of-00002.safetensors", weights.begin(), middle);
    write("model-00002-of-00002.safetensors", middle, weights.end());
    files::write_file(
        folder / "model.safetensors.index.json",
        nlohmann::ordered_json{{"metadata", {{"total_size", 0}}}, {"weight_map", map}}.dump());
    std::filesystem::remove(folder / "model.safetensors");
}
