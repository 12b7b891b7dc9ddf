// Answers the script that holds the tokenizers against a Python package: a line of JSON in, one out.
//   hugging_face_probe FOLDER   a text -> {"tokens": [...], "text": the tokens decoded}
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "hugging_face/tokenizer/tokenizer.hpp"

int main(int argc, char** argv) {
    using nlohmann::json;
    try {
        if (argc != 2) throw std::invalid_argument("expected: FOLDER");
        const hugging_face::Tokenizer tokenizer(argv[1]);
        for (std::string line; std::getline(std::cin, line);) {
            const auto tokens = tokenizer.encode(json::parse(line).get<std::string>());
            std::cout << json{{"tokens", tokens}, {"text", tokenizer.decode(tokens)}}.dump()
                      << '\n';
        }
    } catch (const std::exception& error) {
        std::cerr << "hugging_face_probe: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
