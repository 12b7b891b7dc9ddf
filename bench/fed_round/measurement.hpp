#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client.hpp"
#include "round.hpp"

namespace fed_round {

/// One algorithm's rounds.
struct Measurement {
    std::string algorithm;
    std::string basis;  ///< empty but for Ferret
    std::vector<RoundOutcome> rounds;
    std::optional<std::int64_t> peak_memory;  ///< bytes, over all of the rounds
    std::string failure;                      ///< why there are no rounds; empty if there are

    /// The round of median total, so that its phases add up. Of an even number, the slower one.
    const RoundOutcome& median() const;
};

/// Times the options' algorithms one after the other, each from newly drawn weights, after a round
/// with as little work as there can be. What one of them throws, for instance for want of memory,
/// becomes its failure and does not keep the others from running. `on_start` is told each one's name.
std::vector<Measurement> measure(const Options& options, Client& client,
                                 const std::function<void(const std::string&)>& on_start);

}  // namespace fed_round
