#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "client.hpp"
#include "measurement.hpp"
#include "options.hpp"
#include "report.hpp"

namespace {

int run(int count, const char* const* arguments) {
    std::optional<int> exit_code;
    const fed_round::Options options = fed_round::parse_options(count, arguments, exit_code);
    if (exit_code) return *exit_code;
    std::ofstream file;
    if (!options.out.empty()) {  // before the rounds, which may take long
        file.open(options.out);
        if (!file) throw std::runtime_error(options.out + ": expected a file that can be written");
    }

    fed_round::Client client = fed_round::make_client(options);
    const auto measurements = fed_round::measure(options, client, [](const std::string& name) {
        std::cerr << "fed_round: " << name << " ..." << std::endl;
    });
    fed_round::print_tables(std::cout, options, client, measurements);
    if (file.is_open()) {
        file << fed_round::to_json(options, client, measurements).dump(2) << '\n';
        if (!file.flush()) throw std::runtime_error(options.out + ": it could not be written");
    }
    const bool failed =
        std::any_of(measurements.begin(), measurements.end(),
                    [](const fed_round::Measurement& one) { return !one.failure.empty(); });
    return failed ? 1 : 0;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run(count, arguments);
    } catch (const std::exception& error) {
        std::cerr << "fed_round: " << error.what() << std::endl;
        return 1;
    }
}
