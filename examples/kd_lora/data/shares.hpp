#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "federated/data/split.hpp"
#include "federated/options/choice.hpp"
#include "kd_lora/data/labelled_example.hpp"

namespace kd_lora {

/// How training rows come to the server and to clients.
enum class Split {
    contiguous,  ///< one stretch of the file after the other, as the public code cuts it
    iid,         ///< each share is a random sample of all
    dirichlet    ///< the server has a random sample; each client has its own mixture of labels
};

inline constexpr federated::Choice<Split> splits[] = {
    {"contiguous", Split::contiguous}, {"iid", Split::iid}, {"dirichlet", Split::dirichlet}};

/// What make_shares goes by.
struct ShareSettings {
    Split split = Split::contiguous;
    std::size_t clients = 4;
    std::int64_t public_percent = 20;  ///< of the rows, for the server
    double alpha = 0.5;                ///< of a Dirichlet split
    std::uint64_t seed = 0;            ///< of a random split
};

/// Rows of the training set, each in one share at most.
struct Shares {
    std::vector<std::size_t> server;  ///< the public share
    federated::ClientRows clients;
};

/// The public share that the public code takes where it is told none: 100 / (clients + 1), rounded down.
/// Throws: std::invalid_argument for 0 clients.
std::int64_t default_public_percent(std::size_t clients);

/// The row at which `percent` of the rows end, a half rounded to even. Source: Hugging Face datasets'
/// "train[a%:b%]".
std::size_t row_at_percent(std::size_t rows, std::int64_t percent);

/// The public share alone, which does not go by the number of clients; all rows at 100 percent.
/// Math: the first row_at_percent(rows, public_percent) rows; of a random order where the split is
/// random, and then sorted.
/// Throws: std::invalid_argument for a percentage outside 0 to 100.
/// Repro: a function of the number of rows, the percentage and, where the split is random, the seed.
std::vector<std::size_t> public_share(std::size_t rows, const ShareSettings& settings);

/// All shares: the public one, and the clients' of the other rows.
///
/// Math: contiguous cuts at whole percents: client r of N has the rows between row_at_percent at
/// P + (r - 1)(100 - P) div N and at P + r (100 - P) div N, P being public_percent. iid and dirichlet
/// split what the public share leaves, as federated/data/split.hpp says, by label.
/// Throws: std::invalid_argument for 0 clients, a percentage outside 0 to 99, and a share of a client
/// that would be empty; what federated::split_dirichlet throws.
/// Repro: a function of the labels and the settings.
Shares make_shares(std::span<const LabelledExample> examples, const ShareSettings& settings);

/// How many of these rows are of each label.
std::vector<std::size_t> label_counts(std::span<const LabelledExample> examples,
                                      std::span<const std::size_t> rows, std::int64_t labels);

/// Shares against labels as CSV: a header of "share" and the labels, then a line for the server's and
/// for each client's share.
std::string share_table(std::span<const LabelledExample> examples, const Shares& shares,
                        std::int64_t labels);

}  // namespace kd_lora
