#include <cmath>
#include <string>

#include "kd_lora/distillation/mutual_distillation.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/support/distillation_answers.hpp"
#include "kd_lora/support/fixture.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;

TEST_SUITE_BEGIN("shared");

TEST_CASE(
    "mutual distillation of a DistilBERT with adapters gives the known losses and gradients") {
    const Json distillation = read_expected("tiny-distilbert").at("distillation");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        for (const auto& [name, expected] : distillation.at("teacher_2_student_2").items()) {
            INFO(name);
            const SequenceClassifier teacher =
                load_classifier(fixture_folder("tiny-bert"), {dtype});
            SequenceClassifier student =
                load_classifier(fixture_folder("tiny-distilbert"), {dtype});
            load_adapter(student, fixture_folder("tiny-distilbert") / "adapter");
            check_distillation(student, teacher, distillation, name, expected);
        }
    }
}

TEST_CASE("a student of one layer learns from the top of two") {
    const Json distillation = read_expected("tiny-distilbert").at("distillation");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        for (const auto& [name, expected] : distillation.at("teacher_2_student_1").items()) {
            INFO(name);
            const TemporaryFolder folder;
            keep_bottom_layer(fixture_folder("tiny-distilbert"), folder.path());
            const SequenceClassifier teacher =
                load_classifier(fixture_folder("tiny-bert"), {dtype});
            SequenceClassifier student = load_classifier(folder.path(), {dtype});
            load_adapter(student, folder.path() / "adapter");
            check_distillation(student, teacher, distillation, name, expected);
        }
    }
}

TEST_SUITE_END();
