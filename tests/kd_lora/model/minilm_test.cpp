#include <filesystem>
#include <iostream>

#include "hugging_face/weights/safetensors.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/support/classifier_answers.hpp"
#include "kd_lora/support/distillation_answers.hpp"
#include "kd_lora/support/fixture.hpp"
#include "support/doctest.hpp"

// Real weights: FERRET_MINILM_DIR/teacher and /student, as scripts/convert_minilm.py writes them.

using namespace kd_lora;

namespace {

/// Tells ctest where there are none.
bool are_there() {
    const std::filesystem::path made = FERRET_MINILM_DIR;
    for (const std::filesystem::path& folder :
         {made / "teacher", made / "student", fixture_folder("minilm-expected")}) {
        if (std::filesystem::is_directory(folder)) continue;
        std::cout << "skipped: there is no folder " << folder << '\n';
        return false;
    }
    return true;
}

SequenceClassifier load_teacher(torch::Dtype dtype) {
    SequenceClassifier teacher =
        load_classifier(std::filesystem::path(FERRET_MINILM_DIR) / "teacher", {dtype});
    const hugging_face::SafetensorsReader head(fixture_folder("minilm-expected") /
                                               "teacher_head.safetensors");
    const torch::NoGradGuard no_grad;
    teacher.projections().back()->weight.copy_(head.read("classifier.weight"));
    teacher.projections().back()->bias.copy_(head.read("classifier.bias"));
    return teacher;
}

SequenceClassifier load_student(torch::Dtype dtype) {
    SequenceClassifier student =
        load_classifier(std::filesystem::path(FERRET_MINILM_DIR) / "student", {dtype});
    load_adapter(student, fixture_folder("minilm-expected") / "student_adapter");
    return student;
}

}  // namespace

TEST_SUITE_BEGIN("minilm");

TEST_CASE("MiniLM and its student give the known answers") {
    if (!are_there()) return;
    const Json expected = read_expected("minilm-expected");
    const Json& sentences = expected.at("sentences");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        check_answers(load_teacher(dtype), expected.at("teacher").at("batches"), sentences);
        check_answers(load_student(dtype), expected.at("student").at("batches"), sentences);
    }
}

TEST_CASE("mutual distillation of MiniLM gives the known losses and gradients") {
    if (!are_there()) return;
    const Json distillation = read_expected("minilm-expected").at("distillation");
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) {
        for (const auto& [name, expected] : distillation.at("teacher_6_student_3").items()) {
            INFO(name);
            check_distillation(load_student(dtype), load_teacher(dtype), distillation, name,
                               expected);
        }
    }
}

TEST_SUITE_END();
