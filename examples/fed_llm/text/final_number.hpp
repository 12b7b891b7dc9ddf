#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fed_llm {

/// The final number of an answer in the form of GSM8K: the first number after the first "####";
/// without "####", the last number of the text. Nothing where there is no such number.
///
/// A number is an optional '-', digits with commas between them, and an optional '.' with digits.
/// It is returned without commas, without zeros before and after it that say nothing, and "0" for
/// "-0", so that equal numbers are equal texts: "1,080.50" becomes "1080.5".
/// Source: the answer format of Cobbe et al., arXiv 2110.14168, whose code reads only what follows
/// "####"; the last number for answers of another form is common practice (FederatedScope-LLM,
/// arXiv 2309.00363).
std::optional<std::string> final_number(std::string_view answer);

}  // namespace fed_llm
