#include "federated/round/sampling.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace federated {

std::mt19937_64 named_generator(std::uint64_t seed, std::string_view name) {
    std::vector<std::uint32_t> words{static_cast<std::uint32_t>(seed),
                                     static_cast<std::uint32_t>(seed >> 32)};
    for (const char letter : name) words.push_back(static_cast<unsigned char>(letter));
    std::seed_seq sequence(words.begin(), words.end());
    return std::mt19937_64(sequence);
}

std::size_t random_index(std::mt19937_64& generator, std::size_t size) {
    if (size == 0) throw std::invalid_argument("random_index: expected a positive size, got 0");
    // 2^64 mod size numbers at the top would favour the smallest indices.
    const std::uint64_t surplus = (std::numeric_limits<std::uint64_t>::max() % size + 1) % size;
    const std::uint64_t last = std::numeric_limits<std::uint64_t>::max() - surplus;
    std::uint64_t number = generator();
    while (number > last) number = generator();
    return static_cast<std::size_t>(number % size);
}

double random_share(std::mt19937_64& generator) {
    return static_cast<double>(generator() >> 11) * 0x1.0p-53;
}

std::vector<std::size_t> sample_without_replacement(std::mt19937_64& generator,
                                                    std::size_t population, std::size_t count) {
    std::vector<std::size_t> indices(population);
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    count = std::min(count, population);
    for (std::size_t i = 0; i < count; ++i) {
        std::swap(indices[i], indices[i + random_index(generator, population - i)]);
    }
    indices.resize(count);
    return indices;
}

}  // namespace federated
