#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace federated {

/// How many of `clients` take part in a round at this share: the nearest whole number, at least 1.
/// Throws: std::invalid_argument unless 0 < participation <= 1 and clients > 0.
std::size_t active_client_count(std::size_t clients, double participation);

/// The clients of a round, drawn without replacement, in ascending order.
///
/// Cost: O(clients). Throws: std::invalid_argument unless 0 < count <= clients.
/// Repro: depends only on the arguments, on every platform.
std::vector<std::size_t> sample_clients(std::size_t clients, std::size_t count, std::uint64_t seed,
                                        std::int64_t round);

}  // namespace federated
