#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fed_llm {

/// The programming language of a coding task: the `input` where it is the name of one and nothing
/// else (the layout of rosetta_alpaca.json), otherwise the language that the instruction names
/// first.
///
/// Names are words of their own, in any case of letters, digits after them included ("python3");
/// C, Go and R count only in that case of letters, and after "in" or before "code", "function",
/// "language", "program" or "script". Nothing where no language is named.
/// Cost: length of the instruction times the number of languages.
std::optional<std::string> programming_language(std::string_view instruction,
                                                std::string_view input);

}  // namespace fed_llm
