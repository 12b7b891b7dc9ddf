#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hugging_face/tokenizer/tokenizer.hpp"

namespace fed_llm {

/// A prompt and the response to learn.
struct Example {
    std::vector<std::int64_t> tokens;  ///< BOS if the tokenizer has one, prompt, response, EOS
    std::size_t prompt_length = 0;     ///< tokens before the response
    std::string reference;             ///< the response as text
};

/// Encodes prompt and response apart, so that generation starts from the very tokens that training
/// saw.
Example make_example(const hugging_face::Tokenizer& tokenizer, std::string_view prompt,
                     std::string response);

}  // namespace fed_llm
