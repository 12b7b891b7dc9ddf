#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fed_llm {

/// The final number of an answer in the form of GSM8K: the first number after the first "####";
/// without "####", the last number of the text. Nothing where there is no such number.
///
/// A number is digits with commas between them and perhaps a '.' with digits, before or without them.
/// A minus before it, perhaps with spaces or a currency sign between, is its sign; but where a digit,
/// a letter or a closing bracket stands before the minus, it is a range, a subtraction or a hyphen,
/// and "- " at the beginning of a further line is a bullet. The number is returned without commas,
/// without zeros before and after it that say nothing, and "0" for "-0", so that equal numbers are
/// equal texts: "-$1,080.50" becomes "-1080.5".
/// Source: the answer format of Cobbe et al., arXiv 2110.14168, whose code reads only what follows
/// "####"; the last number for answers of another form is common practice (FederatedScope-LLM,
/// arXiv 2309.00363).
std::optional<std::string> final_number(std::string_view answer);

}  // namespace fed_llm
