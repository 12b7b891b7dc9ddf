#pragma once

#include <string>
#include <string_view>

namespace fed_llm {

/// The Alpaca prompt; with an empty `input`, its form without input. It ends in "### Response:",
/// and the response follows. Source: tatsu-lab/stanford_alpaca, the prompts of its data release.
std::string alpaca_prompt(std::string_view instruction, std::string_view input);

}  // namespace fed_llm
