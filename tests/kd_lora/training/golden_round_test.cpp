#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "kd_lora/distillation/mutual_distillation.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/support/fixture.hpp"
#include "kd_lora/training/hugging_face_adamw.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

/// The fixture's round, step by step: two clients tune the student, which is averaged; then the
/// teacher learns alone, and both from each other. No dropout, batches of four.
class GoldenRound {
public:
    explicit GoldenRound(torch::Dtype dtype)
        : dtype_(dtype),
          golden_(read_expected("tiny-distilbert").at("golden_round")),
          teacher_(load_classifier(fixture_folder("tiny-bert"), {dtype})),
          student_(load_classifier(fixture_folder("tiny-distilbert"), {dtype})) {
        load_adapter(student_, fixture_folder("tiny-distilbert") / "adapter");
    }

    void check() {
        average_clients();
        check_norms("averaged_norms");
        check_logits(student_, golden_.at("averaged_test_logits"));
        check_losses(teacher_epoch(), golden_.at("teacher_losses"));
        check_losses(distillation_epoch(), golden_.at("distillation_losses"));
        check_norms("final_student_norms");
        check_logits(student_, golden_.at("final_student").at("logits"));
        check_logits(teacher_, golden_.at("final_teacher").at("logits"));
    }

private:
    struct Batch {
        PaddedRows rows;
        torch::Tensor labels;
    };

    std::vector<Batch> batches_of(const std::string& part, std::size_t size) const {
        const Json& range = golden_.at("parts").at(part);
        std::vector<Batch> batches;
        const auto end = range.at(1).get<std::size_t>();
        for (auto begin = range.at(0).get<std::size_t>(); begin < end; begin += size) {
            std::vector<std::vector<std::int64_t>> rows;
            std::vector<std::int64_t> labels;
            for (std::size_t i = begin; i < std::min(begin + size, end); ++i) {
                const Json& example = golden_.at("examples").at(i);
                rows.push_back(example.at("ids").get<std::vector<std::int64_t>>());
                labels.push_back(example.at("label").get<std::int64_t>());
            }
            batches.push_back({PaddedRows(rows), torch::tensor(labels, torch::kInt64)});
        }
        return batches;
    }

    static std::vector<torch::Tensor> tensors_of(const SequenceClassifier& model) {
        std::vector<torch::Tensor> tensors;
        for (const NamedParameter& parameter : model.trained_parameters()) {
            tensors.push_back(parameter.tensor);
        }
        return tensors;
    }

    /// Goes through the part once; `decays` to zero, batch by batch. The losses.
    std::vector<double> epoch(const std::string& part, std::vector<torch::Tensor> tuned,
                              bool decays,
                              const std::function<torch::Tensor(const Batch&)>& loss_of) const {
        const auto batches = batches_of(part, 4);
        // The fixture was made with PyTorch's AdamW at transformers' epsilon.
        HuggingFaceAdamW optimizer({torch::optim::OptimizerParamGroup(std::move(tuned))}, rate_,
                                   EpsilonPlace::after_correction);
        auto& options =
            static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups()[0].options());
        std::vector<double> losses;
        for (std::size_t i = 0; i < batches.size(); ++i) {
            const double left = 1.0 - static_cast<double>(i) / static_cast<double>(batches.size());
            if (decays) options.lr(rate_ * left);
            optimizer.zero_grad();
            const torch::Tensor loss = loss_of(batches[i]);
            loss.backward();
            optimizer.step();
            losses.push_back(loss.item<double>());
        }
        optimizer.zero_grad();
        return losses;
    }

    static torch::Tensor cross_entropy(const SequenceClassifier& model, const Batch& batch) {
        return torch::nn::functional::cross_entropy(
            model.forward(batch.rows.tokens, batch.rows.mask).logits, batch.labels);
    }

    void average_clients() {
        const auto tuned = tensors_of(student_);
        std::vector<torch::Tensor> start;
        std::vector<torch::Tensor> sum;
        for (const torch::Tensor& tensor : tuned) {
            start.push_back(tensor.detach().clone());
            sum.push_back(torch::zeros_like(start.back()));
        }
        const double examples[] = {8.0, 6.0};
        for (std::size_t client = 0; client < 2; ++client) {
            const torch::NoGradGuard no_grad;
            for (std::size_t i = 0; i < tuned.size(); ++i) tuned[i].copy_(start[i]);
            {
                const at::AutoGradMode with_gradient(true);
                check_losses(
                    epoch("client_" + std::to_string(client), tuned, false,
                          [&](const Batch& batch) { return cross_entropy(student_, batch); }),
                    golden_.at("client_losses").at(client));
            }
            for (std::size_t i = 0; i < tuned.size(); ++i) {
                sum[i].add_(tuned[i], examples[client] / 14.0);
            }
        }
        const torch::NoGradGuard no_grad;
        for (std::size_t i = 0; i < tuned.size(); ++i) tuned[i].copy_(sum[i]);
    }

    std::vector<double> teacher_epoch() {
        return epoch("public", tensors_of(teacher_), true,
                     [&](const Batch& batch) { return cross_entropy(teacher_, batch); });
    }

    std::vector<double> distillation_epoch() {
        auto tuned = tensors_of(teacher_);
        for (const torch::Tensor& tensor : tensors_of(student_)) tuned.push_back(tensor);
        const ForwardSettings with_maps{nullptr, AttentionMaps::before_dropout};
        return epoch("public", std::move(tuned), true, [&](const Batch& batch) {
            return mutual_distillation_loss(
                       student_.forward(batch.rows.tokens, batch.rows.mask, with_maps),
                       teacher_.forward(batch.rows.tokens, batch.rows.mask, with_maps),
                       batch.rows.mask, batch.labels)
                .total;
        });
    }

    double most() const { return dtype_ == torch::kFloat64 ? 1e-9 : 2e-5; }

    void check_losses(const std::vector<double>& losses, const Json& expected) const {
        REQUIRE(losses.size() == expected.size());
        for (std::size_t i = 0; i < losses.size(); ++i) {
            CHECK(std::abs(losses[i] - expected.at(i).get<double>()) < most());
        }
    }

    void check_norms(const char* field) const {
        for (const NamedParameter& parameter : student_.trained_parameters()) {
            const double expected = golden_.at(field).at(parameter.name).get<double>();
            CHECK(std::abs(parameter.tensor.norm().item<double>() - expected) < most());
        }
    }

    void check_logits(const SequenceClassifier& model, const Json& expected) const {
        const torch::NoGradGuard no_grad;
        const auto batches = batches_of("test", 8);
        REQUIRE(batches.size() == 1);
        const PaddedRows& rows = batches[0].rows;
        CHECK(largest_difference(model.forward(rows.tokens, rows.mask).logits, expected) < most());
    }

    static constexpr double rate_ = 0.001;
    torch::Dtype dtype_;
    Json golden_;
    SequenceClassifier teacher_;
    SequenceClassifier student_;
};

}  // namespace

TEST_SUITE_BEGIN("shared");

TEST_CASE("model, loss and optimiser give the known round of FedKD-LoRA") {
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) GoldenRound(dtype).check();
}

TEST_SUITE_END();
