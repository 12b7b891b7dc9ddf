#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "file/file.hpp"

/// text/stored_tokenizers.json: small tokenizers by the family whose steps they have, each with
/// "tokenizer", a tokenizer.json, and "answers", what the Python package tokenizers makes of some
/// texts. text/against_tokenizers.py --store writes it.
inline const nlohmann::ordered_json& stored_tokenizers() {
    static const nlohmann::ordered_json stored = fed_llm::read_json(
        std::filesystem::path(FED_LLM_TEST_SOURCES) / "text/stored_tokenizers.json", 1 << 20);
    return stored;
}
