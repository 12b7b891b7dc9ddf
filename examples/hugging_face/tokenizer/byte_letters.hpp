#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hugging_face {

/// The bytes that a token of a byte-level vocabulary stands for. Such vocabularies write every byte
/// as a letter: printable bytes of Latin-1 as themselves, the other 68, in order, as U+0100 and on.
/// Nothing where the token has a character outside these 256, or is no UTF-8.
/// Source: Radford et al., "Language Models are Unsupervised Multitask Learners" (GPT-2), and its
/// release.
std::optional<std::string> bytes_of_letters(std::string_view token);

}  // namespace hugging_face
