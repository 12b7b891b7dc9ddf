#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fed_llm/data/federated_dataset.hpp"

/// JSON objects, one a line.
inline std::string jsonl(const std::vector<nlohmann::ordered_json>& rows) {
    std::string text;
    for (const auto& row : rows) text += row.dump() + "\n";
    return text;
}

/// The references of the examples, in their order.
inline std::vector<std::string> references(const std::vector<fed_llm::Example>& examples) {
    std::vector<std::string> texts;
    for (const fed_llm::Example& example : examples) texts.push_back(example.reference);
    return texts;
}

inline std::size_t example_count(const std::vector<fed_llm::Client>& clients) {
    std::size_t count = 0;
    for (const fed_llm::Client& client : clients) count += client.examples.size();
    return count;
}

/// Whether each client's categories count its examples.
inline bool categories_add_up(const std::vector<fed_llm::Client>& clients) {
    for (const fed_llm::Client& client : clients) {
        std::size_t count = 0;
        for (const auto& [category, examples] : client.categories) count += examples;
        if (count != client.examples.size()) return false;
    }
    return true;
}
