// Answers the scripts that hold kd_lora's models against Python packages: one line of JSON in, one out.
//   kd_lora_model_probe logits FOLDER [ADAPTER]   [[token, ...], ...], padded with 0 -> [[logit, ...], ...]
// and, without reading lines, writes what it has read of a model or of its adapter:
//   kd_lora_model_probe copy FROM TO
//   kd_lora_model_probe copy-adapter FOLDER FROM TO
#include <torch/torch.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"

namespace {

using nlohmann::json;
using Rows = std::vector<std::vector<std::int64_t>>;

json logits(const kd_lora::SequenceClassifier& model, Rows rows) {
    std::size_t length = 0;
    for (const auto& row : rows) length = std::max(length, row.size());
    std::vector<std::int64_t> tokens;
    for (auto& row : rows) {
        row.resize(length, 0);
        tokens.insert(tokens.end(), row.begin(), row.end());
    }
    const torch::NoGradGuard no_grad;
    const auto height = static_cast<std::int64_t>(rows.size());
    const torch::Tensor batch = torch::tensor(tokens, torch::kInt64).view({height, -1});
    const torch::Tensor values = model.forward(batch, batch.ne(0)).logits.contiguous();
    json answer = json::array();
    for (std::int64_t i = 0; i < height; ++i) {
        const float* const at = values[i].data_ptr<float>();
        answer.push_back(std::vector<float>(at, at + values.size(1)));
    }
    return answer;
}

void run(const std::vector<std::string>& arguments) {
    const std::string command = arguments.empty() ? "" : arguments[0];
    if (command == "copy" && arguments.size() == 3) {
        kd_lora::save_classifier(kd_lora::load_classifier(arguments[1]), arguments[2]);
    } else if (command == "copy-adapter" && arguments.size() == 4) {
        kd_lora::SequenceClassifier model = kd_lora::load_classifier(arguments[1]);
        const auto settings = kd_lora::load_adapter(model, arguments[2]);
        kd_lora::save_adapter(model, settings, arguments[3], arguments[1]);
    } else if (command == "logits" && (arguments.size() == 2 || arguments.size() == 3)) {
        kd_lora::SequenceClassifier model = kd_lora::load_classifier(arguments[1]);
        if (arguments.size() == 3) kd_lora::load_adapter(model, arguments[2]);
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << logits(model, json::parse(line).get<Rows>()).dump() << '\n';
        }
    } else {
        throw std::invalid_argument(
            "expected: logits FOLDER [ADAPTER], copy FROM TO, or copy-adapter FOLDER FROM TO");
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::cerr << "kd_lora_model_probe: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
