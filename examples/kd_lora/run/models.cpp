#include "kd_lora/run/models.hpp"

#include <sstream>
#include <string>

#include "federated/projection/model_fingerprint.hpp"
#include "federated/store/hexadecimal.hpp"
#include "kd_lora/model/classifier_folder.hpp"

namespace kd_lora {
namespace {

/// The names between commas.
std::vector<std::string> names_in(const std::string& text) {
    std::vector<std::string> names;
    std::istringstream stream(text);
    for (std::string name; std::getline(stream, name, ',');) {
        if (!name.empty()) names.push_back(name);
    }
    return names;
}

SequenceClassifier load(const Options& options, const std::filesystem::path& folder,
                        std::int64_t labels, const files::WarningObserver& warn) {
    return load_classifier(
        folder,
        {.device = torch::Device(options.device), .labels = labels, .head_seed = options.seed},
        warn);
}

}  // namespace

LoraSettings lora_settings(const Options& options) {
    return {.rank = options.lora_rank,
            .alpha = options.lora_alpha,
            .dropout = options.lora_dropout,
            .targets = names_in(options.lora_targets),
            .whole = names_in(options.lora_whole)};
}

SequenceClassifier load_student(const Options& options, const std::filesystem::path& folder,
                                std::int64_t labels, const files::WarningObserver& warn) {
    SequenceClassifier student = load(options, folder, labels, warn);
    if (has_adapters(scheme_of(options))) {
        add_lora(student, lora_settings(options), options.seed);
    }
    return student;
}

SequenceClassifier load_teacher(const Options& options, const std::filesystem::path& folder,
                                std::int64_t labels, const files::WarningObserver& warn) {
    return load(options, folder, labels, warn);
}

std::string fingerprint_of(const SequenceClassifier& model) {
    std::vector<torch::Tensor> tensors;
    for (const NamedParameter& parameter : model.parameters()) tensors.push_back(parameter.tensor);
    return federated::hexadecimal(federated::model_fingerprint(tensors));
}

}  // namespace kd_lora
