#include "fed_llm/data/row_dataset.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "fed_llm/text/prompt.hpp"
#include "federated/round/sampling.hpp"

namespace fed_llm {
namespace {

/// "client 007" where there are hundreds of them.
std::string client_name(std::size_t number, std::size_t clients) {
    const std::string digits = std::to_string(number);
    return "client " + std::string(std::to_string(clients).size() - digits.size(), '0') + digits;
}

std::vector<Client> take_clients(LabelledExamples& rows, const federated::ClientRows& split) {
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

/// For messages about too few examples; nothing where none is too long.
std::string and_too_long(const LabelledExamples& rows) {
    if (rows.too_long == 0) return {};
    return "; " + std::to_string(rows.too_long) + " more are over the length limit";
}

}  // namespace

void LabelledExamples::add(Example example, std::string category) {
    examples.push_back(std::move(example));
    categories.push_back(std::move(category));
}

LabelledExamples encode_rows(const std::vector<InstructionRow>& rows,
                             const hugging_face::Tokenizer& tokenizer,
                             const DatasetSettings& settings, Purpose purpose,
                             const std::string& category) {
    LabelledExamples kept;
    for (const InstructionRow& row : rows) {
        if (settings.on_example) settings.on_example();
        Example example =
            make_example(tokenizer, alpaca_prompt(row.instruction, row.input), row.output);
        if (static_cast<std::int64_t>(example.tokens.size()) > settings.max_length) {
            ++kept.too_long;
            continue;
        }
        kept.add(std::move(example), row.category.empty() ? category : row.category);
    }
    expect_examples(settings, purpose, !kept.examples.empty(), kept.too_long);
    return kept;
}

void expect_examples(const DatasetSettings& settings, Purpose purpose, bool some,
                     std::size_t too_long) {
    if (some) return;
    const std::string count = std::to_string(too_long);
    throw std::invalid_argument(
        settings.name + ": expected " + (purpose == Purpose::training ? "training" : "test") +
        " examples of at most " + std::to_string(settings.max_length) + " tokens (" +
        settings.max_length_by + "), got none: " + count + " of " + count + " are longer");
}

LabelledExamples hold_out_tenth(LabelledExamples& rows, std::uint64_t seed) {
    const std::size_t count = rows.examples.size();
    if (count < 2) {
        throw std::invalid_argument("hold out: expected at least 2 examples, got " +
                                    std::to_string(count) + and_too_long(rows));
    }
    std::mt19937_64 generator = federated::named_generator(seed, "held out");
    std::vector<std::size_t> held = federated::sample_without_replacement(
        generator, count, std::max<std::size_t>(count / 10, 1));
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
    left.too_long = rows.too_long;
    for (std::size_t row = 0; row < count; ++row) {
        if (!is_held[row]) left.add(std::move(rows.examples[row]), rows.categories[row]);
    }
    rows = std::move(left);
    return test;
}

std::vector<Client> make_clients(LabelledExamples rows, const DatasetSettings& settings,
                                 std::size_t clients, federated::Split split) {
    std::mt19937_64 generator = federated::named_generator(settings.seed, "split");
    federated::ClientRows chosen;
    try {
        chosen =
            split == federated::Split::iid
                ? federated::split_iid(rows.examples.size(), clients, generator)
                : federated::split_dirichlet(rows.categories, clients, settings.alpha, generator);
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(error.what() + and_too_long(rows));
    }
    return take_clients(rows, chosen);
}

std::vector<Client> make_client_per_category(LabelledExamples rows) {
    std::vector<Client> clients = take_clients(rows, federated::split_by_category(rows.categories));
    for (Client& client : clients) client.name = client.categories.begin()->first;
    return clients;
}

}  // namespace fed_llm
