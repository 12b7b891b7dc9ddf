#include "fed_llm/data/split_table.hpp"

#include <cstddef>
#include <set>
#include <string_view>

namespace fed_llm {
namespace {

std::string csv_field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (const char letter : text) quoted.append(letter == '"' ? 2 : 1, letter);
    return quoted + '"';
}

}  // namespace

std::string split_table(const std::vector<Client>& clients) {
    std::set<std::string> categories;
    for (const Client& client : clients) {
        for (const auto& [category, count] : client.categories) categories.insert(category);
    }
    std::string table = "client";
    for (const std::string& category : categories) table.append(1, ',').append(csv_field(category));
    table += '\n';
    for (const Client& client : clients) {
        table += csv_field(client.name);
        for (const std::string& category : categories) {
            const auto found = client.categories.find(category);
            const std::size_t count = found == client.categories.end() ? 0 : found->second;
            table.append(1, ',').append(std::to_string(count));
        }
        table += '\n';
    }
    return table;
}

}  // namespace fed_llm
