#include "figure8.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "functions.hpp"
#include "rebuild.hpp"
#include "zeroth_order.hpp"

namespace figures {
namespace {

/// One line for each method and number of steps.
std::vector<Measurement> measure_steps(const Sizes& sizes, std::size_t dimension,
                                       std::span<const int> steps, std::uint64_t seed) {
    const std::vector<double> start = normal_point(dimension, seed);
    std::map<std::string, std::vector<std::vector<double>>> zeroth_order;
    for (const auto& [method, redraw] : {std::pair("zeroth-order-same", Redraw::never),
                                         std::pair("zeroth-order-redrawn", Redraw::every_step)}) {
        zeroth_order[method] = zeroth_order_descent<SineSquaredSum>(
            start, steps, sizes.figure8_rate, sizes.figure8_bases, sizes.figure8_perturbation,
            redraw, ferret::Seed{seed, 1}.derive(0).value);
    }

    std::vector<Measurement> rows;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::vector<double> wanted =
            descent<SineSquaredSum>(start, steps[i], sizes.figure8_rate);
        Measurement row{
            .dimension = dimension, .bases = sizes.figure8_bases, .steps = steps[i], .seed = seed};
        for (const ferret::Basis& basis : compared_bases) {
            row.method = ferret::basis_name(basis);
            row.cosine =
                cosine(wanted, rebuild(wanted, basis, sizes.figure8_bases, 1, {seed, 1}).update);
            rows.push_back(row);
        }
        row.perturbation = sizes.figure8_perturbation;
        for (const auto& [method, updates] : zeroth_order) {
            row.method = method;
            row.cosine = cosine(wanted, updates[i]);
            rows.push_back(row);
        }
    }
    return rows;
}

double steps_of(const Measurement& one) {
    return one.steps;
}

double off_theory(const std::vector<Measurement>& measurements,
                  const std::function<double(const Measurement&)>& x) {
    std::map<double, double> expected;
    for (const Measurement& one : measurements) {
        expected[x(one)] = expected_cosine(one.bases, static_cast<double>(one.dimension));
    }
    LargestDeviation deviation;
    for (const auto& [at, mean] : mean_cosines(measurements, "truncated-normal", 0.0, x)) {
        deviation.add(mean, expected.at(at));
    }
    return deviation.value();
}

}  // namespace

std::vector<Measurement> figure8a(const Sizes& sizes) {
    return over_seeds(sizes.first_seed, sizes.seeds, [&](std::uint64_t seed) {
        return measure_steps(sizes, sizes.figure8a_dimension, sizes.figure8a_steps, seed);
    });
}

std::vector<Measurement> figure8b(const Sizes& sizes) {
    return over_seeds(sizes.first_seed, sizes.seeds, [&](std::uint64_t seed) {
        std::vector<Measurement> rows;
        for (const std::size_t dimension : sizes.figure8b_dimensions) {
            const auto some = measure_steps(sizes, dimension, {&sizes.figure8b_steps, 1}, seed);
            rows.insert(rows.end(), some.begin(), some.end());
        }
        return rows;
    });
}

std::vector<Measurement> figure8c(const Sizes& sizes) {
    std::vector<Measurement> rows;
    for (std::size_t i = 0; i < sizes.seeds; ++i) {
        const std::uint64_t seed = sizes.first_seed + i;
        const std::vector<double> wanted = descent<SineSquaredSum>(
            normal_point(sizes.figure8c_dimension, seed), 1, sizes.figure8_rate);
        for (const ferret::Basis& basis : compared_bases) {
            for (const std::size_t blocks : sizes.figure8c_blocks) {
                Rebuilt rebuilt;
                rebuilt.projection_seconds = rebuilt.reconstruction_seconds =
                    std::numeric_limits<double>::infinity();
                for (int repetition = 0; repetition < 5; ++repetition) {
                    Rebuilt again = rebuild(wanted, basis, sizes.figure8c_bases, blocks, {seed, 1});
                    rebuilt.projection_seconds =
                        std::min(rebuilt.projection_seconds, again.projection_seconds);
                    rebuilt.reconstruction_seconds =
                        std::min(rebuilt.reconstruction_seconds, again.reconstruction_seconds);
                    rebuilt.update = std::move(again.update);
                }
                rows.push_back({.method = std::string(ferret::basis_name(basis)),
                                .dimension = sizes.figure8c_dimension,
                                .bases = sizes.figure8c_bases,
                                .blocks = blocks,
                                .seed = seed,
                                .cosine = cosine(wanted, rebuilt.update),
                                .projection_seconds = rebuilt.projection_seconds,
                                .reconstruction_seconds = rebuilt.reconstruction_seconds});
            }
        }
    }
    return rows;
}

std::vector<Bar> bars_of_figure8a(const std::vector<Measurement>& measurements,
                                  const Sizes& sizes) {
    const auto same =
        mean_cosines(measurements, "zeroth-order-same", sizes.figure8_perturbation, steps_of);
    return {
        {"figure 8a: TruncatedNormal off sqrt(K/(K+d))", off_theory(measurements, steps_of), 0.1},
        {"figure 8a: zeroth order with K numbers, last over first",
         same.rbegin()->second / same.begin()->second, 0.5}};
}

std::vector<Bar> bars_of_figure8b(const std::vector<Measurement>& measurements) {
    return {{"figure 8b: TruncatedNormal off sqrt(K/(K+d))",
             off_theory(measurements,
                        [](const Measurement& one) { return static_cast<double>(one.dimension); }),
             0.1}};
}

std::vector<Bar> bars_of_figure8c(const std::vector<Measurement>& measurements) {
    return {{"figure 8c: TruncatedNormal off sqrt(K/(K+d))",
             off_theory(measurements,
                        [](const Measurement& one) { return static_cast<double>(one.blocks); }),
             0.1}};
}

}  // namespace figures
