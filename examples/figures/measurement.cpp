#include "measurement.hpp"

#include <ferret/ferret.hpp>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "rebuild.hpp"

namespace figures {

std::vector<Measurement> over_seeds(
    std::uint64_t first, std::size_t count,
    const std::function<std::vector<Measurement>(std::uint64_t)>& measure) {
    std::vector<std::vector<Measurement>> by_seed(count);
    ferret::parallel_for(ferret::Cpu{}, count,
                         [&](std::size_t i) { by_seed[i] = measure(first + i); });
    std::vector<Measurement> all;
    for (const std::vector<Measurement>& some : by_seed) {
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

std::map<double, double> mean_cosines(std::span<const Measurement> measurements,
                                      const std::string& method, double perturbation,
                                      const std::function<double(const Measurement&)>& x) {
    std::map<double, double> sums;
    std::map<double, double> counts;
    for (const Measurement& one : measurements) {
        if (one.method != method || one.perturbation != perturbation) continue;
        sums[x(one)] += one.cosine;
        counts[x(one)] += 1.0;
    }
    for (auto& [at, sum] : sums) sum /= counts[at];
    return sums;
}

std::string as_csv(std::span<const Measurement> measurements) {
    std::ostringstream text;
    text.precision(std::numeric_limits<double>::max_digits10);
    text << "method,perturbation,dimension,bases,blocks,steps,seed,cosine,expected_cosine,"
            "projection_seconds,reconstruction_seconds\n";
    for (const Measurement& one : measurements) {
        text << one.method << ',' << one.perturbation << ',' << one.dimension << ',' << one.bases
             << ',' << one.blocks << ',' << one.steps << ',' << one.seed << ',' << one.cosine << ','
             << expected_cosine(one.bases, static_cast<double>(one.dimension)) << ','
             << one.projection_seconds << ',' << one.reconstruction_seconds << '\n';
    }
    return text.str();
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text << std::flush;
    if (!stream) throw std::runtime_error(file.string() + ": expected to write it, but cannot");
}

}  // namespace figures
