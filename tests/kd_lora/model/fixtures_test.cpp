#include <cmath>

#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/lora.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/model/sequence_classifier.hpp"
#include "kd_lora/support/classifier_answers.hpp"
#include "kd_lora/support/fixture.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

TEST_SUITE_BEGIN("shared");

TEST_CASE("a BERT gives the known answers") {
    const Json expected = read_expected("tiny-bert");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        const SequenceClassifier model = load_classifier(fixture_folder("tiny-bert"), {dtype});
        check_answers(model, expected.at("batches"), expected.at("sentences"));
    }
}

TEST_CASE("a DistilBERT gives the known answers") {
    const Json expected = read_expected("tiny-distilbert");
    const Json sentences = read_expected("tiny-bert").at("sentences");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        const SequenceClassifier model =
            load_classifier(fixture_folder("tiny-distilbert"), {dtype});
        check_answers(model, expected.at("batches_without_adapter"), sentences);
    }
}

TEST_CASE("a DistilBERT with PEFT's adapter gives the known answers, merged or not") {
    const Json expected = read_expected("tiny-distilbert");
    const Json sentences = read_expected("tiny-bert").at("sentences");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        SequenceClassifier model = load_classifier(fixture_folder("tiny-distilbert"), {dtype});
        load_adapter(model, fixture_folder("tiny-distilbert") / "adapter");
        check_answers(model, expected.at("batches_with_adapter"), sentences);
        merge_lora(model);
        check_answers(model, expected.at("batches_with_adapter"), sentences);
    }
}

TEST_CASE("the gradients of a whole DistilBERT are the known ones") {
    const Json expected = read_expected("tiny-distilbert");
    const Json& distillation = expected.at("distillation");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        const SequenceClassifier model =
            load_classifier(fixture_folder("tiny-distilbert"), {dtype});
        const DistillationRows rows(distillation);
        torch::nn::functional::cross_entropy(model.forward(rows.tokens, rows.mask).logits,
                                             rows.labels)
            .backward();
        check_gradient_norms(model.trained_parameters(), expected.at("full_training_grad_norms"));
    }
}

TEST_SUITE_END();
