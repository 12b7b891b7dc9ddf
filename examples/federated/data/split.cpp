#include "federated/data/split.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <queue>
#include <stdexcept>
#include <utility>

#include "federated/round/sampling.hpp"

namespace federated {
namespace {

constexpr int most_draws = 100;
constexpr double most_alpha = 1e6;
/// Weight of one row in the urn; a client's weight is alpha times that, as a whole number.
constexpr std::uint64_t row_weight = 1'000'000;

using RowsByCategory = std::map<std::string_view, std::vector<std::size_t>>;

RowsByCategory rows_by_category(std::span<const std::string> categories) {
    RowsByCategory rows;
    for (std::size_t row = 0; row < categories.size(); ++row) rows[categories[row]].push_back(row);
    return rows;
}

void expect_rows(std::size_t rows, std::size_t clients, std::size_t rows_per_client) {
    if (clients == 0) throw std::invalid_argument("split: expected at least one client, got 0");
    if (rows / clients < rows_per_client) {
        throw std::invalid_argument("split: expected at least " + std::to_string(rows_per_client) +
                                    " rows for each of " + std::to_string(clients) +
                                    " clients, got " + std::to_string(rows) + " rows in all");
    }
}

/// Clients with less than the average of all rows.
std::vector<std::size_t> small_clients(const ClientRows& clients, std::size_t all_rows) {
    std::vector<std::size_t> small;
    for (std::size_t client = 0; client < clients.size(); ++client) {
        if (clients[client].size() * clients.size() < all_rows) small.push_back(client);
    }
    return small;
}

ClientRows draw_dirichlet(const RowsByCategory& categories, std::size_t all_rows,
                          std::size_t clients, std::uint64_t client_weight,
                          std::mt19937_64& generator) {
    ClientRows split(clients);
    for (const auto& [category, rows] : categories) {
        const std::vector<std::size_t> open = small_clients(split, all_rows);
        const std::uint64_t fresh = client_weight * open.size();
        std::vector<std::size_t> owners;
        for (const std::size_t row : rows) {
            const bool anew = random_index(generator, fresh + row_weight * owners.size()) < fresh;
            owners.push_back(anew ? open[random_index(generator, open.size())]
                                  : owners[random_index(generator, owners.size())]);
            split[owners.back()].push_back(row);
        }
    }
    return split;
}

bool every_client_has(const ClientRows& split, std::size_t fewest) {
    return std::all_of(split.begin(), split.end(),
                       [&](const auto& rows) { return rows.size() >= fewest; });
}

/// Moves random rows of the clients with the most rows to those with fewer than `fewest`.
void fill_up(ClientRows& split, std::size_t fewest, std::mt19937_64& generator) {
    std::priority_queue<std::pair<std::size_t, std::size_t>> largest;
    for (std::size_t client = 0; client < split.size(); ++client) {
        largest.emplace(split[client].size(), client);
    }
    for (std::vector<std::size_t>& poor : split) {
        while (poor.size() < fewest) {
            const std::size_t giver = largest.top().second;
            largest.pop();
            std::vector<std::size_t>& rich = split[giver];
            std::swap(rich[random_index(generator, rich.size())], rich.back());
            poor.push_back(rich.back());
            rich.pop_back();
            largest.emplace(rich.size(), giver);
        }
    }
}

void sort_rows(ClientRows& split) {
    for (std::vector<std::size_t>& rows : split) std::sort(rows.begin(), rows.end());
}

}  // namespace

ClientRows split_iid(std::size_t rows, std::size_t clients, std::mt19937_64& generator) {
    expect_rows(rows, clients, 1);
    ClientRows split(clients);
    std::size_t dealt = 0;
    for (const std::size_t row : sample_without_replacement(generator, rows, rows)) {
        split[dealt++ % clients].push_back(row);
    }
    sort_rows(split);
    return split;
}

ClientRows split_dirichlet(std::span<const std::string> categories, std::size_t clients,
                           double alpha, std::mt19937_64& generator) {
    expect_rows(categories.size(), clients, fewest_client_rows);
    if (!(alpha > 0.0 && alpha <= most_alpha)) {
        throw std::invalid_argument("split: expected an alpha in (0, 1e6], got " +
                                    std::to_string(alpha));
    }
    const auto client_weight = static_cast<std::uint64_t>(
        std::max(1.0, std::round(alpha * static_cast<double>(row_weight))));
    const RowsByCategory by_category = rows_by_category(categories);
    ClientRows split;
    for (int draw = 0; draw < most_draws; ++draw) {
        split = draw_dirichlet(by_category, categories.size(), clients, client_weight, generator);
        if (every_client_has(split, fewest_client_rows)) break;
    }
    fill_up(split, fewest_client_rows, generator);
    sort_rows(split);
    return split;
}

ClientRows split_by_category(std::span<const std::string> categories) {
    ClientRows split;
    for (auto& [category, rows] : rows_by_category(categories)) split.push_back(rows);
    return split;
}

}  // namespace federated
