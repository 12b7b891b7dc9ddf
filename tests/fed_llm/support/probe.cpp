// Answers the scripts that hold fed_llm against Python packages: one line of JSON in, one out.
//   fed_llm_probe rouge           [hypothesis, reference] -> Rouge-L F1
//   fed_llm_probe logits FOLDER   [token, ...] -> the logits of every position
//   fed_llm_probe answer FOLDER N [token, ...] -> up to N tokens after them, by greedy search, that
//                                 end at config.json's eos_token_id
// and, without reading lines, writes what it has read of a model:
//   fed_llm_probe copy FROM TO
#include <torch/torch.h>

#include <exception>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "fed_llm/model/generate.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/text/rouge.hpp"
#include "hugging_face/tokenizer/end_tokens.hpp"
#include "hugging_face/tokenizer/tokenizer.hpp"

namespace {

using nlohmann::json;
using Answer = std::function<json(const json&)>;

Answer rouge() {
    return [](const json& pair) {
        return json(
            fed_llm::rouge_l_f1(pair.at(0).get<std::string>(), pair.at(1).get<std::string>()));
    };
}

Answer logits(const std::filesystem::path& folder) {
    return [model = fed_llm::load_llama(folder)](const json& line) mutable {
        const torch::NoGradGuard no_grad;
        const auto sequence = line.get<std::vector<std::int64_t>>();
        const torch::Tensor values =
            model->forward(torch::tensor(sequence, torch::kInt64).unsqueeze(0)).contiguous();
        const float* at = values.data_ptr<float>();
        return json(std::vector<float>(at, at + values.numel()));
    };
}

Answer answer(const std::filesystem::path& folder, std::int64_t most) {
    auto model = fed_llm::load_llama(folder);
    const auto ends =
        hugging_face::read_eos_token_ids(folder / "config.json", model->config().vocab_size);
    return [model, ends, most](const json& line) mutable {
        const auto prompt = line.get<std::vector<std::int64_t>>();
        return json(fed_llm::generate_greedy(model, prompt, ends, most));
    };
}

Answer make_answer(const std::vector<std::string>& arguments) {
    if (arguments.size() == 1 && arguments[0] == "rouge") return rouge();
    if (arguments.size() == 2 && arguments[0] == "logits") return logits(arguments[1]);
    if (arguments.size() == 3 && arguments[0] == "answer") {
        return answer(arguments[1], std::stoll(arguments[2]));
    }
    throw std::invalid_argument("expected: rouge, logits FOLDER, answer FOLDER N, or copy FROM TO");
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        if (arguments.size() == 3 && arguments[0] == "copy") {
            const fed_llm::Llama model = fed_llm::load_llama(arguments[1]);
            const hugging_face::Tokenizer tokenizer(arguments[1]);
            fed_llm::save_llama(model, arguments[2]);
            tokenizer.save(arguments[2]);
            hugging_face::EndTokens(arguments[1], tokenizer.eos(), model->config().vocab_size)
                .save(arguments[2]);
            return 0;
        }
        const Answer answer = make_answer(arguments);
        for (std::string line; std::getline(std::cin, line);) {
            std::cout << answer(json::parse(line)).dump() << '\n';
        }
    } catch (const std::exception& error) {
        std::cerr << "fed_llm_probe: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
