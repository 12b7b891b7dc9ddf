// Answers the scripts that hold the tokenizers against a Python package: a line of JSON in, one out.
//   hugging_face_probe FOLDER   a text -> {"tokens": [...], "text": the tokens decoded}
//   hugging_face_probe --word-piece FOLDER   a text, or two in a list ->
//                                            {"tokens": [...], "types": [...]}
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "hugging_face/tokenizer/tokenizer.hpp"
#include "hugging_face/tokenizer/word_piece.hpp"

namespace {

using nlohmann::json;

json encode(const hugging_face::Tokenizer& tokenizer, const json& text) {
    const auto tokens = tokenizer.encode(text.get<std::string>());
    return {{"tokens", tokens}, {"text", tokenizer.decode(tokens)}};
}

json encode(const hugging_face::WordPiece& tokenizer, const json& texts) {
    if (texts.is_array()) {
        const auto pair =
            tokenizer.encode(texts.at(0).get<std::string>(), texts.at(1).get<std::string>());
        return {{"tokens", pair.tokens}, {"types", pair.types}};
    }
    const auto tokens = tokenizer.encode(texts.get<std::string>());
    return {{"tokens", tokens}, {"types", std::vector<int>(tokens.size(), 0)}};
}

template <typename Tokenizer>
void answer(const Tokenizer& tokenizer) {
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << encode(tokenizer, json::parse(line)).dump() << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const bool word_piece = argc == 3 && std::string(argv[1]) == "--word-piece";
        if (word_piece) {
            answer(hugging_face::WordPiece(argv[2]));
        } else if (argc == 2) {
            answer(hugging_face::Tokenizer(argv[1]));
        } else {
            throw std::invalid_argument("expected: [--word-piece] FOLDER");
        }
    } catch (const std::exception& error) {
        std::cerr << "hugging_face_probe: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
