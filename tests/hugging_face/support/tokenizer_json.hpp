#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "files/file.hpp"

/// tokenizer/stored_tokenizers.json: small tokenizers by the family whose steps they have, each with
/// "tokenizer", a tokenizer.json, and "answers", what the Python package tokenizers makes of some
/// texts. tokenizer/against_tokenizers.py --store writes it.
inline const nlohmann::ordered_json& stored_tokenizers() {
    static const nlohmann::ordered_json stored =
        files::read_json(std::filesystem::path(EXAMPLE_TEST_SOURCES) /
                             "hugging_face/tokenizer/stored_tokenizers.json",
                         1 << 20);
    return stored;
}
