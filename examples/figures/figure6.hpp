#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bar.hpp"

namespace figures {

/// Figure 6: 1/rho of the truncated normal against d.
struct InverseSecondMoment {
    std::string basis;
    std::uint64_t dimension = 0;
    double inverse_rho = 0.0;
};

/// 1/rho of what is really drawn, on the 16-bit and on the 24-bit lattice, for d from 1 to 1e6.
std::vector<InverseSecondMoment> figure6();

/// 1/rho is within 0.1% of 3d from d = 1000 on.
std::vector<Bar> bars_of_figure6(const std::vector<InverseSecondMoment>& rows);

std::string as_csv(const std::vector<InverseSecondMoment>& rows);

}  // namespace figures
