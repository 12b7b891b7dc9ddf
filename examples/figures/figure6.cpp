#include "figure6.hpp"

#include <ferret/basis/basis.hpp>
#include <limits>
#include <sstream>

namespace figures {

std::vector<InverseSecondMoment> figure6() {
    std::vector<InverseSecondMoment> rows;
    for (const std::string basis : {"truncated-normal", "truncated-normal-32"}) {
        for (std::uint64_t decade = 1; decade <= 1'000'000; decade *= 10) {
            for (const std::uint64_t digit : {1u, 2u, 5u}) {
                const std::uint64_t dimension = digit * decade;
                if (dimension > 1'000'000) break;
                const double rho = ferret::second_moment(ferret::parse_basis(basis), dimension, 1);
                rows.push_back({basis, dimension, 1.0 / rho});
            }
        }
    }
    return rows;
}

std::vector<Bar> bars_of_figure6(const std::vector<InverseSecondMoment>& rows) {
    LargestDeviation deviation;
    for (const InverseSecondMoment& row : rows) {
        if (row.dimension < 1000) continue;
        deviation.add(row.inverse_rho, 3.0 * static_cast<double>(row.dimension));
    }
    return {{"figure 6: 1/rho off 3d, d >= 1e3", deviation.value(), 1e-3}};
}

std::string as_csv(const std::vector<InverseSecondMoment>& rows) {
    std::ostringstream text;
    text.precision(std::numeric_limits<double>::max_digits10);
    text << "basis,dimension,inverse_rho\n";
    for (const InverseSecondMoment& row : rows) {
        text << row.basis << ',' << row.dimension << ',' << row.inverse_rho << '\n';
    }
    return text.str();
}

}  // namespace figures
