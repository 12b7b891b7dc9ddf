// What a grid that all clients share costs in error against a scale of each client's own, at as many bits:
//     common_grid_error [clients]

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ferret/secure/grid.hpp>
#include <ferret/wire/few_bits.hpp>
#include <random>
#include <span>
#include <vector>

namespace {

constexpr std::size_t coordinates = 4096;
constexpr int trials = 20;

/// The clients' coordinates: one normal vector for all, or one each; equally long, or with lengths whose
/// logarithm is normal with a deviation of 0.7 (nine in ten within a factor of 10 of each other).
std::vector<std::vector<float>> updates(std::size_t clients, bool alike, bool spread,
                                        std::mt19937& generator) {
    std::normal_distribution<float> normal;
    std::vector<float> common(coordinates);
    for (float& c : common) c = normal(generator);
    std::vector<std::vector<float>> all;
    for (std::size_t i = 0; i < clients; ++i) {
        std::vector<float> own = common;
        if (!alike)
            for (float& c : own) c = normal(generator);
        const float length = spread ? std::exp(0.7f * normal(generator)) : 1.0f;
        for (float& c : own) c *= length;
        all.push_back(std::move(own));
    }
    return all;
}

/// Energy of the mean's error, times the number of clients, over the mean of their energies: what one
/// client's rounding adds to its own energy, where roundings average out.
struct Noise {
    double error = 0.0;
    double energy = 0.0;

    void add(const std::vector<std::vector<float>>& all, std::span<const double> sums) {
        const auto clients = static_cast<double>(all.size());
        for (std::size_t k = 0; k < coordinates; ++k) {
            double exact = 0.0;
            for (const std::vector<float>& one : all) {
                exact += static_cast<double>(one[k]);
                energy += static_cast<double>(one[k]) * static_cast<double>(one[k]) / clients;
            }
            error += (sums[k] - exact) * (sums[k] - exact) / clients;
        }
    }
    double ratio() const { return error / energy; }
};

void measure(std::size_t clients, bool alike, bool spread, ferret::CoordinateFormat format) {
    const std::uint32_t bases[] = {coordinates};
    const std::vector<ferret::RotatedChunk> chunks = ferret::cut_into_chunks(bases);
    const unsigned bits = ferret::bits_of(format);
    std::mt19937 generator(1);
    Noise own_scale, common_grid;
    double clipped = 0.0;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const auto all = updates(clients, alike, spread, generator);
        const ferret::Seed seed{42, trial};
        std::vector<double> sums(coordinates, 0.0);
        std::vector<float> decoded(coordinates);
        double squares = 0.0;
        for (std::size_t i = 0; i < clients; ++i) {
            const ferret::Rotation rotation{seed, ferret::rotation_of(i)};
            ferret::decode_few_bits(
                ferret::encode_few_bits(all[i], chunks, format, rotation, {}, "bench"), chunks,
                format, rotation, {}, "bench", decoded);
            for (std::size_t k = 0; k < coordinates; ++k) {
                sums[k] += static_cast<double>(decoded[k]);
                squares += static_cast<double>(all[i][k]) * static_cast<double>(all[i][k]);
            }
        }
        own_scale.add(all, sums);

        // The last round's deviation, of clients like these.
        const auto deviation =
            static_cast<float>(std::sqrt(squares / static_cast<double>(clients * coordinates)));
        const ferret::secure::CommonGrid grid =
            ferret::secure::grid_of(bits, std::span(&deviation, 1));
        std::vector<std::uint32_t> integers(ferret::secure::grid_length(chunks, bits), 0);
        for (std::size_t i = 0; i < clients; ++i) {
            const auto one =
                ferret::secure::round_to_grid(all[i], chunks, grid, seed, i, {}, "bench");
            for (std::size_t k = 0; k < integers.size(); ++k) integers[k] += one[k];
        }
        const auto mean = ferret::secure::read_grid(integers, clients, chunks, grid, seed, {});
        for (std::size_t k = 0; k < coordinates; ++k)
            sums[k] = static_cast<double>(mean.coordinates[k]) * static_cast<double>(clients);
        common_grid.add(all, sums);
        clipped += mean.clipped / trials;
    }
    std::printf(
        "%u bits  %-6s  %-7s  own scale %9.3g  common grid %9.3g  ratio %5.2f  clipped %.3g\n",
        bits, alike ? "alike" : "unlike", spread ? "spread" : "equal", own_scale.ratio(),
        common_grid.ratio(), common_grid.ratio() / own_scale.ratio(), clipped);
}

}  // namespace

int main(int count, char** arguments) {
    const auto clients = static_cast<std::size_t>(count > 1 ? std::atoi(arguments[1]) : 10);
    if (clients < 1 || clients > 256) {
        std::puts("expected 1 to 256 clients");
        return 1;
    }
    for (const bool alike : {false, true})
        for (const bool spread : {false, true})
            for (const auto& [name, format] : ferret::coordinate_format_names)
                if (ferret::is_rotated(format)) measure(clients, alike, spread, format);
}
