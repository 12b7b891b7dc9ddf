#include "fed_llm/text/prompt.hpp"

namespace fed_llm {

std::string alpaca_prompt(std::string_view instruction, std::string_view input) {
    std::string prompt = "Below is an instruction that describes a task";
    prompt += input.empty() ? ". " : ", paired with an input that provides further context. ";
    prompt += "Write a response that appropriately completes the request.";
    prompt.append("\n\n### Instruction:\n").append(instruction);
    if (!input.empty()) prompt.append("\n\n### Input:\n").append(input);
    prompt += "\n\n### Response:";
    return prompt;
}

}  // namespace fed_llm
