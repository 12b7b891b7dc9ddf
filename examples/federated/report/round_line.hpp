#pragma once

#include <cstdint>
#include <string>

#include "federated/round/round_record.hpp"

namespace federated {

/// A round of a run of `rounds` in one line: its metrics, bytes and seconds.
std::string round_line(const RoundRecord& record, std::int64_t rounds);

}  // namespace federated
