#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hugging_face/weights/safetensors.hpp"
#include "kd_lora/distillation/mutual_distillation.hpp"
#include "kd_lora/support/classifier_answers.hpp"

/// The loss's variants by the fixtures' names.
inline kd_lora::MutualDistillation variant_named(const std::string& name) {
    using namespace kd_lora;
    if (name == "raw_public") return public_mutual_distillation;
    if (name == "reverse_public") {
        return {.attention = AttentionLoss::padded, .detach_divisor = false};
    }
    if (name == "reverse_masked") return {};
    if (name == "forward_masked") return {.kl = KlKind::forward};
    throw std::out_of_range(name);
}

/// Holds loss, parts and gradients of one variant against the known ones.
inline void check_distillation(const kd_lora::SequenceClassifier& student,
                               const kd_lora::SequenceClassifier& teacher, const Json& distillation,
                               const std::string& name, const Json& expected) {
    const DistillationRows rows(distillation);
    const kd_lora::ForwardSettings with_maps{nullptr, kd_lora::AttentionMaps::before_dropout};
    const kd_lora::MutualLoss loss =
        kd_lora::mutual_distillation_loss(student.forward(rows.tokens, rows.mask, with_maps),
                                          teacher.forward(rows.tokens, rows.mask, with_maps),
                                          rows.mask, rows.labels, variant_named(name));
    const double most = tolerance(student.options().dtype().toScalarType());
    const auto check = [&](const torch::Tensor& got, const Json& known) {
        CHECK(std::abs(got.item<double>() - known.get<double>()) < most);
    };
    check(loss.total, expected.at("loss"));
    const Json& parts = expected.at("parts");
    check(loss.student_cross_entropy, parts.at("s_ce"));
    check(loss.teacher_cross_entropy, parts.at("t_ce"));
    check(loss.student_kl, parts.at("s_kl"));
    check(loss.teacher_kl, parts.at("t_kl"));
    check(loss.attention, parts.at("att"));
    loss.total.backward();
    check_gradient_norms(student.trained_parameters(), expected.at("student_grad_norms"));
    check_gradient_norms(teacher.trained_parameters(), expected.at("teacher_grad_norms"));
}

/// Copies a DistilBERT and its adapter without the layers above the bottom one.
inline void keep_bottom_layer(const std::filesystem::path& from, const std::filesystem::path& to) {
    const auto copy = [&](const std::string& file) {
        const hugging_face::SafetensorsReader reader(from / file);
        std::vector<std::pair<std::string, torch::Tensor>> kept;
        for (const auto& [name, entry] : reader.entries()) {
            if (name.find(".layer.") == std::string::npos ||
                name.find(".layer.0.") != std::string::npos) {
                kept.emplace_back(name, reader.read(name));
            }
        }
        std::filesystem::create_directories((to / file).parent_path());
        hugging_face::write_safetensors(to / file, kept);
    };
    copy("model.safetensors");
    copy("adapter/adapter_model.safetensors");
    files::write_file(to / "adapter" / "adapter_config.json",
                      files::read_file(from / "adapter" / "adapter_config.json", 100'000));
    Json config = files::read_json(from / "config.json", 100'000);
    config["n_layers"] = 1;
    files::write_file(to / "config.json", config.dump());
}
