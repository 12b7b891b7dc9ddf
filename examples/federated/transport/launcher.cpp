#include "federated/transport/launcher.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace federated {

bool started_by_launcher() {
    constexpr std::array variables{"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
    return std::ranges::any_of(
        variables, [](const char* variable) { return std::getenv(variable) != nullptr; });
}

}  // namespace federated
