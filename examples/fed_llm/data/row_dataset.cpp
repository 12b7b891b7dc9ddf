#include "data/row_dataset.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "data/sampling.hpp"
#include "text/prompt.hpp"

namespace fed_llm {
namespace {

/// "client 007" where there are hundreds of them.
std::string client_name(std::size_t number, std::size_t clients) {
    const std::string digits = std::to_string(number);
    return "client " + std::string(std::to_string(clients).size() - digits.size(), '0') + digits;
}

std::vector<Client> take_clients(LabelledExamples& rows, const ClientRows& split) {
    std::vector<Client> clients;
    for (const std::vector<std::size_t>& chosen : split) {
        Client client;
        client.name = client_name(clients.size() + 1, split.size());
        for (const std::size_t row : chosen) {
            ++client.categories[rows.categories[row]];
            client.examples.push_back(std::move(rows.examples[row]));
        }
        clients.push_back(std::move(client));
    }
    return clients;
}

}  // namespace

void LabelledExamples::add(Example example, std::string category) {
    examples.push_back(std::move(example));
    categories.push_back(std::move(category));
}

LabelledExamples encode_rows(const std::vector<InstructionRow>& rows, const Tokenizer& tokenizer,
                             std::int64_t max_length, const std::string& category,
                             std::size_t& dropped) {
    LabelledExamples kept;
    for (const InstructionRow& row : rows) {
        Example example =
            make_example(tokenizer, alpaca_prompt(row.instruction, row.input), row.output);
        if (static_cast<std::int64_t>(example.tokens.size()) > max_length) {
            ++dropped;
            continue;
        }
        kept.add(std::move(example), row.category.empty() ? category : row.category);
    }
    return kept;
}

LabelledExamples hold_out_tenth(LabelledExamples& rows, std::uint64_t seed) {
    const std::size_t count = rows.examples.size();
    if (count < 2) {
        throw std::invalid_argument("hold out: expected at least 2 examples, got " +
                                    std::to_string(count));
    }
    std::mt19937_64 generator = named_generator(seed, "held out");
    std::vector<std::size_t> held =
        sample_without_replacement(generator, count, std::max<std::size_t>(count / 10, 1));
    std::sort(held.begin(), held.end(), [&](std::size_t left, std::size_t right) {
        const int order = rows.categories[left].compare(rows.categories[right]);
        return order != 0 ? order < 0 : left < right;
    });
    std::vector<bool> is_held(count, false);
    LabelledExamples test;
    for (const std::size_t row : held) {
        is_held[row] = true;
        test.add(std::move(rows.examples[row]), rows.categories[row]);
    }
    LabelledExamples left;
    for (std::size_t row = 0; row < count; ++row) {
        if (!is_held[row]) left.add(std::move(rows.examples[row]), rows.categories[row]);
    }
    rows = std::move(left);
    return test;
}

std::vector<Client> make_clients(LabelledExamples rows, const DatasetSettings& settings,
                                 std::size_t clients, Split split) {
    std::mt19937_64 generator = named_generator(settings.seed, "split");
    return take_clients(rows,
                        split == Split::iid
                            ? split_iid(rows.examples.size(), clients, generator)
                            : split_dirichlet(rows.categories, clients, settings.alpha, generator));
}

std::vector<Client> make_client_per_category(LabelledExamples rows) {
    std::vector<Client> clients = take_clients(rows, split_by_category(rows.categories));
    for (Client& client : clients) client.name = client.categories.begin()->first;
    return clients;
}

}  // namespace fed_llm
