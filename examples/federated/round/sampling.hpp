#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace federated {

/// A generator that is a function of the seed and the name alone.
/// Repro: the same on every platform, as std::seed_seq and std::mt19937_64 are specified bit by
/// bit.
std::mt19937_64 named_generator(std::uint64_t seed, std::string_view name);

/// An index below `size`, each as likely as the others. The standard distributions differ between
/// libraries; this does not.
/// Throws: std::invalid_argument for size 0.
std::size_t random_index(std::mt19937_64& generator, std::size_t size);

/// A number of [0, 1), a multiple of 2^-53, from one draw.
/// Repro: the same on every platform.
double random_share(std::mt19937_64& generator);

/// `count` different indices below `population`, in the order drawn; all of them, shuffled, where
/// count is not smaller.
/// Cost: O(population).
std::vector<std::size_t> sample_without_replacement(std::mt19937_64& generator,
                                                    std::size_t population, std::size_t count);

}  // namespace federated
