#include "federated/federation/client_sampling.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "federated/round/sampling.hpp"

namespace federated {

std::size_t active_client_count(std::size_t clients, double participation) {
    if (clients == 0) throw std::invalid_argument("client sampling: there are no clients");
    if (!(participation > 0.0 && participation <= 1.0)) {
        throw std::invalid_argument("participation: expected a share in (0, 1], got " +
                                    std::to_string(participation));
    }
    const double share = participation * static_cast<double>(clients);
    return std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(share + 0.5)));
}

std::vector<std::size_t> sample_clients(std::size_t clients, std::size_t count, std::uint64_t seed,
                                        std::int64_t round) {
    if (count == 0 || count > clients) {
        throw std::invalid_argument("client sampling: expected 1 to " + std::to_string(clients) +
                                    " clients per round, got " + std::to_string(count));
    }
    auto generator = named_generator(seed, "clients of round " + std::to_string(round));
    std::vector<std::size_t> sampled = sample_without_replacement(generator, clients, count);
    std::sort(sampled.begin(), sampled.end());
    return sampled;
}

}  // namespace federated
