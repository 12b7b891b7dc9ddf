#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace figures {

/// How well one method rebuilt one update: a line of figure7.csv to figure8c.csv.
struct Measurement {
    std::string method = {};    ///< a basis' name, or zeroth-order- and how
    double perturbation = 0.0;  ///< of zeroth-order methods
    std::size_t dimension = 0;
    std::uint32_t bases = 0;  ///< K; directions of zeroth-order methods
    std::size_t blocks = 1;
    int steps = 1;  ///< whose sum is the update
    std::uint64_t seed = 0;
    double cosine = 0.0;  ///< between the update and the rebuilt one
    double projection_seconds = 0.0;
    double reconstruction_seconds = 0.0;
};

/// Calls measure(seed) for `count` seeds from `first` on, each on a processor of its own, and
/// returns all measurements in the seeds' order.
std::vector<Measurement> over_seeds(
    std::uint64_t first, std::size_t count,
    const std::function<std::vector<Measurement>(std::uint64_t)>& measure);

/// The mean cosine over the seeds of a method's measurements, by the number that the figure's x
/// axis shows.
std::map<double, double> mean_cosines(std::span<const Measurement> measurements,
                                      const std::string& method, double perturbation,
                                      const std::function<double(const Measurement&)>& x);

/// A line of column names, then a line a measurement. `expected_cosine` is among them.
std::string as_csv(std::span<const Measurement> measurements);

/// Throws: std::runtime_error naming the file if it cannot be written.
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace figures
