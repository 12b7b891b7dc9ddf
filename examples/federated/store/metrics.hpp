#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "federated/round/round_record.hpp"

namespace federated {

/// A line of metrics.jsonl: the round as a JSON object, each metric a field of its own name. Seconds are
/// totals over the round's clients on this machine; bytes are means over the clients that were not left
/// out. A number that is not finite becomes null.
nlohmann::ordered_json to_json(const RoundRecord& record);

/// What a line of metrics.jsonl says, without the clients one by one.
struct RoundSummary {
    std::int64_t round = 0;
    std::vector<Metric> metrics;  ///< NaN where the line has null
    double training_loss = 0.0;   ///< mean over the clients; 0 in round 0, which trains nothing
    std::int64_t clients = 0;
    std::int64_t clients_left_out = 0;
    double bytes_up = 0.0;    ///< of a client
    double bytes_down = 0.0;  ///< of a client
    double training_seconds = 0.0;
    double projection_seconds = 0.0;
    double aggregation_seconds = 0.0;
    double evaluation_seconds = 0.0;
};

/// The last line of a finished run, which has no round of its own.
struct AnswerRecord {
    std::int64_t round = 0;            ///< after which the answers were generated
    std::int64_t examples = 0;         ///< answered
    std::vector<Metric> metrics = {};  ///< of the answers; NaN where the line has null
    double seconds = 0.0;
};

nlohmann::ordered_json to_json(const AnswerRecord& record);

/// What would be read back of the line.
RoundSummary summary_of(const RoundRecord& record);

/// A metrics.jsonl as far as it is whole: a last line that was cut off by a crash is left out.
struct Metrics {
    std::vector<RoundSummary> rounds;   ///< rounds 0, 1, 2, ...
    std::vector<AnswerRecord> answers;  ///< one if the run is finished, otherwise none
};

/// Throws: FileError naming line and field for anything that is no metrics.jsonl.
Metrics read_metrics(const std::filesystem::path& file);

/// Leaves rounds 0 to `last_round` in the file (-1: none), and the answers only if `keep_answers`.
/// Throws: FileError, also if one of these rounds is missing.
void cut_metrics(const std::filesystem::path& file, std::int64_t last_round, bool keep_answers);

}  // namespace federated
