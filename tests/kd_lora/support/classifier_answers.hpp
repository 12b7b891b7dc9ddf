#pragma once

#include "kd_lora/model/sequence_classifier.hpp"
#include "kd_lora/support/fixture.hpp"

/// The batch under "distillation" of a fixture.
struct DistillationRows {
    explicit DistillationRows(const Json& distillation)
        : tokens(to_tensor(distillation.at("input_ids")).to(torch::kInt64)), mask(tokens.ne(0)) {
        std::vector<std::int64_t> all;
        for (const Json& row : distillation.at("batch")) all.push_back(row.at(1));
        labels = torch::tensor(all, torch::kInt64);
    }

    torch::Tensor tokens;
    torch::Tensor mask;
    torch::Tensor labels;
};

inline void check_attention(const kd_lora::ClassifierOutput& output, const torch::Tensor& mask,
                            const Json& expected, double tolerance) {
    const auto row = expected.at("row").get<std::int64_t>();
    const std::int64_t length = mask[row].sum().item<std::int64_t>();
    const torch::Tensor real = mask.view({mask.size(0), 1, mask.size(1), 1});
    std::vector<torch::Tensor> sums;
    std::vector<torch::Tensor> means;
    for (const torch::Tensor& map : output.attention) {
        sums.push_back((map.square() * real).sum());
        means.push_back(map[row].mean(0).slice(0, 0, length).slice(1, 0, length));
    }
    const double total = to_tensor(expected.at("sum_of_squares")).max().item<double>();
    CHECK(largest_difference(torch::stack(sums), expected.at("sum_of_squares")) <
          tolerance * total);
    CHECK(largest_difference(torch::stack(means), expected.at("head_mean")) < tolerance);
}

/// Holds the model against batches of expected.json; `sentences` has their tokens.
inline void check_answers(const kd_lora::SequenceClassifier& model, const Json& batches,
                          const Json& sentences) {
    const torch::NoGradGuard no_grad;
    const double most = tolerance(model.options().dtype().toScalarType());
    REQUIRE(!batches.empty());
    for (const Json& batch : batches) {
        const PaddedRows rows = rows_of(batch, sentences);
        const kd_lora::ClassifierOutput output = model.forward(
            rows.tokens, rows.mask, {nullptr, kd_lora::AttentionMaps::before_dropout});
        CHECK(largest_difference(output.logits, batch.at("logits")) < most);
        const torch::Tensor loss =
            torch::nn::functional::cross_entropy(output.logits, labels_of(batch.at("labels")));
        CHECK(std::abs(loss.item<double>() - batch.at("loss").get<double>()) < most);
        const torch::Tensor first = output.hidden.select(1, 0).slice(1, 0, 8);
        CHECK(largest_difference(first, batch.at("cls_first8")) < most);
        const torch::Tensor sum = (output.hidden * rows.mask.unsqueeze(-1)).sum(1);
        const torch::Tensor mean = sum / rows.mask.sum(1, /*keepdim=*/true);
        const torch::Tensor embedding = mean / mean.norm(2, {1}, /*keepdim=*/true);
        CHECK(largest_difference(embedding.slice(1, 0, 8), batch.at("embedding_first8")) < most);
        if (batch.contains("pooler_first8")) {
            CHECK(largest_difference(output.pooled.slice(1, 0, 8), batch.at("pooler_first8")) <
                  most);
        }
        if (batch.contains("attention"))
            check_attention(output, rows.mask, batch.at("attention"), most);
    }
}
