#include "directions.hpp"

namespace figures {

Directions::Directions(std::size_t dimension, const ferret::Seed& seed)
    : seed_(seed),
      reconstruct_(ferret::Layout::per_tensor({dimension}), ferret::Gaussian{},
                   ferret::Cpu{.threads = 1}) {}

std::vector<double> Directions::direction(std::uint32_t k) const {
    std::vector<double> values(reconstruct_.layout().element_count(), 0.0);
    reconstruct_.add_basis(seed_, k, values, 1.0f);
    return values;
}

void Directions::add(std::span<const float> coordinates, std::vector<double>& point,
                     float scale) const {
    const ferret::Sketch sketch{seed_,
                                ferret::Gaussian::id,
                                reconstruct_.layout().fingerprint(),
                                {static_cast<std::uint32_t>(coordinates.size())},
                                {coordinates.begin(), coordinates.end()}};
    reconstruct_(sketch, point, scale);
}

std::vector<double> normal_point(std::size_t dimension, std::uint64_t seed) {
    return Directions(dimension, {seed, 0}).direction(0);
}

}  // namespace figures
