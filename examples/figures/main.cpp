/// Computes Figures 6, 7 and 8 of the paper with the library alone, writes them as CSV files for
/// scripts/plot_figures.py, and tells whether they show what they have to.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "figure6.hpp"
#include "figure7.hpp"
#include "figure8.hpp"

namespace figures {
namespace {

/// Says on standard error what is being computed, and then how long it took.
class Step {
public:
    Step(int number, const std::string& what) {
        std::cerr << '[' << number << "/5] " << what << " ... " << std::flush;
    }
    ~Step() {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
        char text[32];
        std::snprintf(text, sizeof text, "%.1f s", seconds.count());
        std::cerr << text << '\n';
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

std::vector<Bar> compute(const std::filesystem::path& folder, const Sizes& sizes) {
    std::filesystem::create_directories(folder);
    std::vector<Bar> bars;
    const auto keep = [&](const std::string& name, const auto& rows, const std::vector<Bar>& some) {
        write_text(folder / (name + ".csv"), as_csv(rows));
        bars.insert(bars.end(), some.begin(), some.end());
    };
    {
        const Step step(1, "figure 6: 1/rho against d");
        const auto rows = figure6();
        keep("figure6", rows, bars_of_figure6(rows));
    }
    {
        const Step step(2, "figure 7: cosine against K");
        const auto rows = figure7(sizes);
        keep("figure7", rows, bars_of_figure7(rows, sizes));
    }
    {
        const Step step(3, "figure 8a: cosine against the steps");
        const auto rows = figure8a(sizes);
        keep("figure8a", rows, bars_of_figure8a(rows, sizes));
    }
    {
        const Step step(4, "figure 8b: cosine against d");
        const auto rows = figure8b(sizes);
        keep("figure8b", rows, bars_of_figure8b(rows));
    }
    {
        const Step step(5, "figure 8c: cosine and time against the blocks");
        const auto rows = figure8c(sizes);
        keep("figure8c", rows, bars_of_figure8c(rows));
    }
    return bars;
}

/// Returns whether all bars are met.
bool report(const std::vector<Bar>& bars) {
    bool met = true;
    for (const Bar& bar : bars) {
        char text[160];
        std::snprintf(text, sizeof text, "%-58s %10.6f  (at most %g)  %s", bar.what.c_str(),
                      bar.measured, bar.limit, bar.met() ? "met" : "MISSED");
        std::cout << text << '\n';
        met = met && bar.met();
    }
    return met;
}

}  // namespace
}  // namespace figures

int main(int argc, char** argv) {
    CLI::App app("Figures 6, 7 and 8 of the Ferret paper as CSV files");
    std::string folder;
    bool quick = false;
    figures::Sizes chosen;
    app.add_option("--out", folder, "Folder of the CSV files")->required();
    app.add_flag("--quick", quick, "Smaller dimensions, for tests");
    app.add_option("--seeds", chosen.seeds, "Seeds of each number")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--first-seed", chosen.first_seed, "The seeds count up from here")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    figures::Sizes sizes = quick ? figures::Sizes::quick() : figures::Sizes::full();
    sizes.seeds = chosen.seeds;
    sizes.first_seed = chosen.first_seed;
    try {
        return figures::report(figures::compute(folder, sizes)) ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "figures: " << error.what() << '\n';
        return 2;
    }
}
