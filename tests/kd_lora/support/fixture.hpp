#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "files/file.hpp"
#include "support/doctest.hpp"

// Models with known answers: shared/models/{tiny-bert,tiny-distilbert,minilm-expected}.

using Json = nlohmann::ordered_json;

inline std::filesystem::path fixture_folder(const std::string& name) {
    return std::filesystem::path(FERRET_SHARED_DIR) / "models" / name;
}

inline Json read_expected(const std::string& name) {
    return files::read_json(fixture_folder(name) / "expected.json", 10'000'000);
}

/// Rows of tokens, padded with 0 to the longest.
struct PaddedRows {
    explicit PaddedRows(const std::vector<std::vector<std::int64_t>>& rows) {
        std::size_t length = 0;
        for (const auto& row : rows) length = std::max(length, row.size());
        const auto height = static_cast<std::int64_t>(rows.size());
        tokens = torch::zeros({height, static_cast<std::int64_t>(length)}, torch::kInt64);
        mask = torch::zeros_like(tokens);
        for (std::int64_t i = 0; i < height; ++i) {
            const auto& row = rows[static_cast<std::size_t>(i)];
            const auto size = static_cast<std::int64_t>(row.size());
            tokens[i].slice(0, 0, size).copy_(torch::tensor(row, torch::kInt64));
            mask[i].slice(0, 0, size).fill_(1);
        }
    }

    torch::Tensor tokens;
    torch::Tensor mask;
};

/// The sentences of a batch in expected.json.
inline PaddedRows rows_of(const Json& batch, const Json& sentences) {
    std::vector<std::vector<std::int64_t>> rows;
    for (const Json& index : batch.at("sentences")) {
        rows.push_back(
            sentences.at(index.get<std::size_t>()).at("ids").get<std::vector<std::int64_t>>());
    }
    return PaddedRows(rows);
}

/// Numbers of any number of dimensions.
inline torch::Tensor to_tensor(const Json& numbers) {
    if (!numbers.is_array()) return torch::tensor(numbers.get<double>(), torch::kFloat64);
    std::vector<torch::Tensor> parts;
    for (const Json& part : numbers) parts.push_back(to_tensor(part));
    return torch::stack(parts);
}

inline torch::Tensor labels_of(const Json& labels) {
    return torch::tensor(labels.get<std::vector<std::int64_t>>(), torch::kInt64);
}

inline double largest_difference(const torch::Tensor& got, const Json& expected) {
    const torch::Tensor wide = to_tensor(expected);
    REQUIRE(got.sizes() == wide.sizes());
    return (got.detach().to(torch::kFloat64) - wide).abs().max().item<double>();
}

/// What the fixtures are held to: they have thirteen digits, and float32 has roundings of 6e-8.
inline double tolerance(torch::Dtype dtype) {
    return dtype == torch::kFloat64 ? 1e-9 : 1e-5;
}

/// Norms of gradients by name: all of them, and no others.
template <typename Parameters>
void check_gradient_norms(const Parameters& parameters, const Json& expected) {
    REQUIRE(parameters.size() == expected.size());
    for (const auto& parameter : parameters) {
        INFO(parameter.name);
        REQUIRE(expected.contains(parameter.name));
        const double norm = expected.at(parameter.name).template get<double>();
        REQUIRE(parameter.tensor.grad().defined());
        const double got = parameter.tensor.grad().norm().template item<double>();
        // Keys' biases have a gradient of nothing but roundings.
        CHECK(std::abs(got - norm) <= 1e-4 * norm + 1e-6);
    }
}
