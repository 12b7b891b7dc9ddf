#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "federated/options/choice.hpp"

namespace federated {

/// How the rows of a data set come to clients.
enum class Split {
    by_dataset,  ///< as the data set's publication does it
    dirichlet,   ///< each client has its own mixture of categories
    iid          ///< each client has a random sample of all
};

inline constexpr Choice<Split> splits[] = {
    {"auto", Split::by_dataset}, {"dirichlet", Split::dirichlet}, {"iid", Split::iid}};

/// The rows of each client, in ascending order. Every row belongs to one client.
using ClientRows = std::vector<std::vector<std::size_t>>;

/// Random samples whose sizes differ by one at most.
/// Throws: std::invalid_argument for 0 clients, or fewer rows than clients.
/// Repro: a function of the generator's state; integers only.
ClientRows split_iid(std::size_t rows, std::size_t clients, std::mt19937_64& generator);

/// Fewest rows of a client after split_dirichlet.
inline constexpr std::size_t fewest_client_rows = 10;

/// Gives the rows of each category to clients in proportions drawn from a symmetric Dirichlet
/// distribution. `categories` holds each row's category. The smaller `alpha`, the fewer clients
/// share a category.
///
/// Math: in the order of the categories' names, a category's rows go to the clients that have less
/// than the average number of rows so far, as a Polya urn with `alpha` balls for each of these
/// clients gives them out: the law of multinomial counts with Dirichlet(alpha) proportions. The
/// public code rounds the proportions instead of drawing by them. As there, the whole is drawn
/// again until every client has fewest_client_rows; after 100 draws, clients that lack rows get
/// them from the clients with the most.
/// Cost: O(rows + clients) a draw.
/// Throws: std::invalid_argument for 0 clients, an alpha outside (0, 1e6], or fewer than
/// fewest_client_rows rows a client.
/// Repro: a function of the generator's state, the categories and alpha in steps of 1e-6; integers
/// only, so the same on every platform.
/// Source: Hsu et al., arXiv 1909.06335; the restriction to small clients and the fewest rows as in
/// the public code of FedKSeed (arXiv 2312.06353).
ClientRows split_dirichlet(std::span<const std::string> categories, std::size_t clients,
                           double alpha, std::mt19937_64& generator);

/// A client for each category, in the order of their names.
ClientRows split_by_category(std::span<const std::string> categories);

}  // namespace federated
