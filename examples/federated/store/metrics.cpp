#include "federated/store/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "files/durable_file.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_metrics_bytes = std::uint64_t{1} << 30;

/// A whole line and what it holds.
struct Line {
    std::string text;
    Json json;
    std::string where;  ///< for errors
};

std::vector<Line> whole_lines(const std::filesystem::path& file) {
    const std::string text = files::read_file(file, max_metrics_bytes);
    std::vector<Line> lines;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
        Line line;
        line.text = text.substr(begin, end - begin);
        line.where = "line " + std::to_string(lines.size() + 1);
        line.json = files::parse_json(line.text, file);
        if (!line.json.is_object()) {
            throw files::FileError(file, line.where, "an object", files::describe(line.json));
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

constexpr std::string_view round_fields[] = {"round",
                                             "training_loss",
                                             "server_rate",
                                             "clients",
                                             "clients_left_out",
                                             "bytes_up_per_client",
                                             "bytes_down_per_client",
                                             "bytes_between_processes",
                                             "seconds",
                                             "participants"};

/// How many were answered, by the name that files have had for it from the beginning.
constexpr const char* answered_field = "rouge_examples";

constexpr std::string_view answer_fields[] = {"round", answered_field, "seconds"};

/// Answers alone take seconds to generate.
bool is_of_answers(const Json& line) {
    const auto seconds = line.find("seconds");
    return seconds != line.end() && seconds->is_object() && seconds->contains("generation");
}

/// Reads fields of one line.
class Fields {
public:
    Fields(const std::filesystem::path& file, const Line& line) : file_(file), line_(line) {}

    std::int64_t whole(const std::string& name) const {
        const Json& value = field(line_.json, name);
        if (!value.is_number_integer()) refuse(name, "a whole number", value);
        return value.get<std::int64_t>();
    }
    /// A number; NaN for null, which is what stands for numbers that are not finite.
    double real(const std::string& name) const { return real(line_.json, name); }
    double seconds(const std::string& name) const {
        return real(field(line_.json, "seconds"), name);
    }
    /// Every number that is none of the line's own fields, in the order of the line.
    std::vector<Metric> metrics(std::span<const std::string_view> own_fields) const {
        std::vector<Metric> metrics;
        for (const auto& [name, value] : line_.json.items()) {
            if (std::ranges::find(own_fields, name) != own_fields.end()) continue;
            metrics.push_back({name, real(name)});
        }
        if (metrics.empty()) refuse("metrics", "at least one", line_.json);
        return metrics;
    }

private:
    const Json& field(const Json& object, const std::string& name) const {
        if (!object.is_object() || !object.contains(name)) refuse(name, "a value", {});
        return object[name];
    }
    double real(const Json& object, const std::string& name) const {
        const Json& value = field(object, name);
        if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
        if (!value.is_number()) refuse(name, "a number", value);
        return value.get<double>();
    }
    [[noreturn]] void refuse(const std::string& name, const std::string& expected,
                             const Json& got) const {
        throw files::FileError(file_, line_.where + ", " + name, expected, files::describe(got));
    }

    const std::filesystem::path& file_;
    const Line& line_;
};

}  // namespace

RoundSummary summary_of(const RoundRecord& record) {
    RoundSummary summary{.round = record.round,
                         .metrics = record.metrics,
                         .clients = static_cast<std::int64_t>(record.clients.size()),
                         .bytes_down = static_cast<double>(record.bytes_down),
                         .aggregation_seconds = record.aggregation_seconds,
                         .evaluation_seconds = record.evaluation_seconds};
    for (const ClientRecord& client : record.clients) {
        summary.training_seconds += client.training_seconds;
        summary.projection_seconds += client.projection_seconds;
        if (client.failure.empty()) {
            summary.bytes_up += static_cast<double>(client.bytes_up);
            summary.training_loss += client.training_loss;
        } else {
            ++summary.clients_left_out;
        }
    }
    const auto sent = static_cast<double>(summary.clients - summary.clients_left_out);
    if (sent > 0.0) {
        summary.bytes_up /= sent;
        summary.training_loss /= sent;
    }
    return summary;
}

Json to_json(const RoundRecord& record) {
    const RoundSummary summary = summary_of(record);
    Json json = {{"round", summary.round}};
    for (const Metric& metric : record.metrics) json[metric.name] = metric.value;
    if (record.round > 0) {
        json["training_loss"] = summary.training_loss;
        json["server_rate"] = record.server_rate;
    }
    json["clients"] = summary.clients;
    json["clients_left_out"] = summary.clients_left_out;
    json["bytes_up_per_client"] = summary.bytes_up;
    json["bytes_down_per_client"] = record.bytes_down;
    if (record.bytes_between_processes > 0) {
        json["bytes_between_processes"] = record.bytes_between_processes;
    }
    json["seconds"] = {{"local_training", summary.training_seconds},
                       {"projection", summary.projection_seconds},
                       {"aggregation", summary.aggregation_seconds},
                       {"evaluation", summary.evaluation_seconds}};
    Json& participants = json["participants"] = Json::array();
    for (const ClientRecord& client : record.clients) {
        participants.push_back({{"name", client.name},
                                {"training_loss", client.training_loss},
                                {"bytes_up", client.bytes_up}});
        if (!client.failure.empty()) participants.back()["left_out"] = client.failure;
    }
    return json;
}

Json to_json(const AnswerRecord& record) {
    Json json = {{"round", record.round}};
    for (const Metric& metric : record.metrics) json[metric.name] = metric.value;
    json[answered_field] = record.examples;
    json["seconds"] = {{"generation", record.seconds}};
    return json;
}

Metrics read_metrics(const std::filesystem::path& file) {
    Metrics metrics;
    for (const Line& line : whole_lines(file)) {
        const Fields fields(file, line);
        const std::int64_t round = fields.whole("round");
        if (is_of_answers(line.json)) {
            metrics.answers.push_back({.round = round,
                                       .examples = fields.whole(answered_field),
                                       .metrics = fields.metrics(answer_fields),
                                       .seconds = fields.seconds("generation")});
            continue;
        }
        const auto expected = static_cast<std::int64_t>(metrics.rounds.size());
        if (round != expected || !metrics.answers.empty()) {
            throw files::FileError(file, line.where + ", round", std::to_string(expected),
                                   std::to_string(round));
        }
        metrics.rounds.push_back({.round = round,
                                  .metrics = fields.metrics(round_fields),
                                  .training_loss = round > 0 ? fields.real("training_loss") : 0.0,
                                  .clients = fields.whole("clients"),
                                  .clients_left_out = fields.whole("clients_left_out"),
                                  .bytes_up = fields.real("bytes_up_per_client"),
                                  .bytes_down = fields.real("bytes_down_per_client"),
                                  .training_seconds = fields.seconds("local_training"),
                                  .projection_seconds = fields.seconds("projection"),
                                  .aggregation_seconds = fields.seconds("aggregation"),
                                  .evaluation_seconds = fields.seconds("evaluation")});
    }
    return metrics;
}

void cut_metrics(const std::filesystem::path& file, std::int64_t last_round, bool keep_answers) {
    const Metrics metrics = read_metrics(file);
    if (static_cast<std::int64_t>(metrics.rounds.size()) <= last_round) {
        throw files::FileError(
            file, "rounds",
            "0 to " + std::to_string(last_round) + ", which the checkpoint is after",
            std::to_string(metrics.rounds.size()) + " rounds");
    }
    std::string kept;
    for (const Line& line : whole_lines(file)) {
        const bool keep = is_of_answers(line.json)
                              ? keep_answers
                              : Fields(file, line).whole("round") <= last_round;
        if (keep) kept += line.text + "\n";
    }
    files::replace_durably(file, std::string_view(kept));
}

}  // namespace federated
