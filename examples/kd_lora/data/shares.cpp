#include "kd_lora/data/shares.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <stdexcept>

#include "federated/round/sampling.hpp"

namespace kd_lora {
namespace {

constexpr std::int64_t all_percent = 100;

void expect_percent(std::int64_t percent, std::int64_t most) {
    if (percent < 0 || percent > most) {
        throw std::invalid_argument("public share: expected 0 to " + std::to_string(most) +
                                    " percent, got " + std::to_string(percent));
    }
}

std::vector<std::size_t> rows_between(std::size_t begin, std::size_t end) {
    std::vector<std::size_t> rows(end - begin);
    std::iota(rows.begin(), rows.end(), begin);
    return rows;
}

federated::ClientRows cut_clients(std::size_t rows, const ShareSettings& settings) {
    const auto clients = static_cast<std::int64_t>(settings.clients);
    const std::int64_t left = all_percent - settings.public_percent;
    const auto cut = [&](std::int64_t client) {
        return row_at_percent(rows, settings.public_percent + client * left / clients);
    };
    federated::ClientRows shares;
    for (std::int64_t client = 0; client < clients; ++client) {
        shares.push_back(rows_between(cut(client), cut(client + 1)));
        if (shares.back().empty()) {
            throw std::invalid_argument(
                "contiguous split: expected a row for each client, got none for client " +
                std::to_string(client + 1) + " of " + std::to_string(clients) + ", of " +
                std::to_string(rows) + " rows in whole percents, of which the server has " +
                std::to_string(settings.public_percent));
        }
    }
    return shares;
}

/// The rows that the public share leaves, split at random.
federated::ClientRows draw_clients(std::span<const LabelledExample> examples,
                                   const std::vector<std::size_t>& server,
                                   const ShareSettings& settings) {
    std::vector<std::size_t> left;
    const std::vector<std::size_t> all = rows_between(0, examples.size());
    std::ranges::set_difference(all, server, std::back_inserter(left));
    std::mt19937_64 generator = federated::named_generator(settings.seed, "split");
    federated::ClientRows shares;
    if (settings.split == Split::iid) {
        shares = federated::split_iid(left.size(), settings.clients, generator);
    } else {
        std::vector<std::string> labels;
        for (const std::size_t row : left) labels.push_back(std::to_string(examples[row].label));
        shares = federated::split_dirichlet(labels, settings.clients, settings.alpha, generator);
    }
    for (std::vector<std::size_t>& share : shares) {
        for (std::size_t& row : share) row = left[row];
    }
    return shares;
}

}  // namespace

std::int64_t default_public_percent(std::size_t clients) {
    if (clients == 0) throw std::invalid_argument("shares: expected at least one client, got 0");
    return all_percent / (static_cast<std::int64_t>(clients) + 1);
}

std::size_t row_at_percent(std::size_t rows, std::int64_t percent) {
    expect_percent(percent, all_percent);
    const std::size_t hundredths = rows * static_cast<std::size_t>(percent);
    const std::size_t row = hundredths / 100;
    const std::size_t rest = hundredths % 100;
    return row + (rest > 50 || (rest == 50 && row % 2 == 1) ? 1 : 0);
}

std::vector<std::size_t> public_share(std::size_t rows, const ShareSettings& settings) {
    const std::size_t count = row_at_percent(rows, settings.public_percent);
    if (settings.split == Split::contiguous) return rows_between(0, count);
    std::mt19937_64 generator = federated::named_generator(settings.seed, "public share");
    std::vector<std::size_t> share = federated::sample_without_replacement(generator, rows, count);
    std::ranges::sort(share);
    return share;
}

Shares make_shares(std::span<const LabelledExample> examples, const ShareSettings& settings) {
    if (settings.clients == 0)
        throw std::invalid_argument("shares: expected at least one client, got 0");
    expect_percent(settings.public_percent, all_percent - 1);
    Shares shares;
    shares.server = public_share(examples.size(), settings);
    shares.clients = settings.split == Split::contiguous
                         ? cut_clients(examples.size(), settings)
                         : draw_clients(examples, shares.server, settings);
    return shares;
}

std::vector<std::size_t> label_counts(std::span<const LabelledExample> examples,
                                      std::span<const std::size_t> rows, std::int64_t labels) {
    std::vector<std::size_t> counts(static_cast<std::size_t>(labels));
    for (const std::size_t row : rows) ++counts.at(static_cast<std::size_t>(examples[row].label));
    return counts;
}

std::string share_table(std::span<const LabelledExample> examples, const Shares& shares,
                        std::int64_t labels) {
    std::string table = "share";
    for (std::int64_t label = 0; label < labels; ++label) table += ',' + std::to_string(label);
    table += '\n';
    const auto add = [&](const std::string& name, const std::vector<std::size_t>& rows) {
        table += name;
        for (const std::size_t count : label_counts(examples, rows, labels)) {
            table += ',' + std::to_string(count);
        }
        table += '\n';
    };
    add("server", shares.server);
    for (std::size_t client = 0; client < shares.clients.size(); ++client) {
        add("client " + std::to_string(client + 1), shares.clients[client]);
    }
    return table;
}

}  // namespace kd_lora
