#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <ferret/projector.hpp>
#include <ferret/protocol/unlikeness.hpp>
#include <ferret/reconstructor.hpp>
#include <ferret/wire.hpp>
#include <random>
#include <vector>

using namespace ferret;

namespace {

constexpr std::size_t elements = 20000;
constexpr std::size_t clients = 8;

/// Updates that share a part of their energy: h = 1 / (share + (1 - share) / clients), exactly that of the
/// numbers they are made of.
std::vector<std::vector<float>> updates(double share) {
    std::mt19937_64 generator(7);
    std::normal_distribution<float> normal;
    std::vector<float> common(elements);
    for (float& value : common) value = normal(generator);
    std::vector<std::vector<float>> all(clients, std::vector<float>(elements));
    for (auto& update : all)
        for (std::size_t i = 0; i < elements; ++i)
            update[i] = static_cast<float>(std::sqrt(share)) * common[i] +
                        static_cast<float>(std::sqrt(1.0 - share)) * normal(generator);
    return all;
}

double energy_of(const std::vector<float>& update) {
    double sum = 0.0;
    for (const float value : update) sum += static_cast<double>(value) * static_cast<double>(value);
    return sum;
}

double true_unlikeness(const std::vector<std::vector<float>>& all) {
    double mean_energy = 0.0;
    std::vector<float> mean(elements, 0.0f);
    for (const auto& update : all) {
        mean_energy += energy_of(update) / clients;
        for (std::size_t i = 0; i < elements; ++i) mean[i] += update[i] / float{clients};
    }
    return mean_energy / energy_of(mean);
}

/// What a server makes of it, over sketches of 2000 coordinates of one bit.
double estimate(const std::vector<std::vector<float>>& all, const ferret::Basis& basis,
                bool shared) {
    constexpr auto format = ferret::CoordinateFormat::one_bit;
    const double rounding = ferret::normal_noise(format);
    const ferret::Layout layout = ferret::Layout::per_tensor({elements});
    const ferret::Projector project{layout, basis, ferret::Uniform{2000}};
    std::vector<ferret::Sketch> sketches;
    for (std::size_t i = 0; i < clients; ++i) {
        const ferret::Seed seed{3, 1};
        const ferret::Sketch sketch = project(all[i], shared ? seed : seed.derive(i));
        sketches.push_back(
            ferret::decode(ferret::encode(sketch, format, ferret::rotation_of(i)), format));
    }
    UpdateEnergies energies = client_energies(sketches, layout, basis, rounding);
    if (shared) {
        ferret::Sketch mean = ferret::sum(sketches);
        mean.scale(1.0f / float{clients});
        energies.of_mean = energy_of_mean_sketch(energies, update_energy(mean, layout, basis, 0.0),
                                                 clients, rounding);
    } else {
        std::vector<float> mean(elements, 0.0f);
        ferret::Reconstructor{layout, basis}(std::span<const ferret::Sketch>(sketches), mean,
                                             1.0f / float{clients});
        energies.of_mean = energy_of_rebuilt_mean(energies, energy_of(mean), clients, rounding);
    }
    return unlikeness_of(energies, clients);
}

}  // namespace

TEST_CASE("how unlike clients are is told from sketches of few bits") {
    for (const double share : {1.0, 0.5, 0.2}) {
        const auto all = updates(share);
        const double truth = true_unlikeness(all);
        for (const ferret::Basis& basis :
             {ferret::Basis(ferret::SparseSign{}), ferret::Basis(ferret::Rademacher{})})
            for (const bool shared : {true, false}) {
                CAPTURE(share);
                CAPTURE(shared);
                CAPTURE(std::string(ferret::basis_name(basis)));
                // Energies of 2000 coordinates are off by sqrt(2 / 2000) = 3%, the mean's through its noise
                // by a few times that.
                CHECK(estimate(all, basis, shared) == doctest::Approx(truth).epsilon(0.25));
            }
    }
}

TEST_CASE("it stays within what there can be") {
    CHECK(unlikeness_of({.of_clients = 1.0, .of_mean = 2.0}, 5) == 1.0);
    CHECK(unlikeness_of({.of_clients = 1.0, .of_mean = 0.25}, 5) == 4.0);
    CHECK(unlikeness_of({.of_clients = 1.0, .of_mean = 0.01}, 5) == 5.0);
    CHECK(unlikeness_of({.of_clients = 1.0, .of_mean = -0.5}, 5) == 5.0);
    CHECK(unlikeness_of({.of_clients = 0.0, .of_mean = 0.0}, 5) == 1.0);
}

TEST_CASE("numbers behind a coordinate are weighted by the blocks' energies") {
    const ferret::Layout layout = ferret::Layout::per_tensor({100, 40});
    const ferret::Sketch sketch{
        {}, ferret::SparseSign::id, layout.fingerprint(), {10, 20}, std::vector<float>(30, 0.0f)};
    ferret::Sketch first = sketch, both = sketch;
    first.coordinates[3] = 2.0f;
    both.coordinates[3] = both.coordinates[15] = 2.0f;
    const ferret::Basis basis = ferret::SparseSign{};
    CHECK(client_energies({&first, 1}, layout, basis, 0.0).per_coordinate == doctest::Approx(10.0));
    CHECK(client_energies({&both, 1}, layout, basis, 0.0).per_coordinate == doctest::Approx(6.0));
    CHECK(client_energies({&sketch, 1}, layout, basis, 0.0).per_coordinate == 1.0);
}
