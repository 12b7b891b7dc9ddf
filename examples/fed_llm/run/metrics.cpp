#include "run/metrics.hpp"

#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "run/durable_file.hpp"

namespace fed_llm {
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
    const std::string text = read_file(file, max_metrics_bytes);
    std::vector<Line> lines;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         begin = end + 1, end = text.find('\n', begin)) {
        Line line;
        line.text = text.substr(begin, end - begin);
        line.where = "line " + std::to_string(lines.size() + 1);
        line.json = parse_json(line.text, file);
        if (!line.json.is_object()) {
            throw FileError(file, line.where, "an object", describe(line.json));
        }
        lines.push_back(std::move(line));
    }
    return lines;
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
    bool has(const std::string& name) const { return line_.json.contains(name); }

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
        throw FileError(file_, line_.where + ", " + name, expected, describe(got));
    }

    const std::filesystem::path& file_;
    const Line& line_;
};

}  // namespace

Json to_json(const RoundRecord& record) {
    Json participants = Json::array();
    double training = 0.0;
    double projection = 0.0;
    double loss = 0.0;
    double bytes_up = 0.0;
    std::size_t sent = 0;
    for (const ClientRecord& client : record.clients) {
        training += client.training_seconds;
        projection += client.projection_seconds;
        Json participant = {{"name", client.name},
                            {"training_loss", client.training_loss},
                            {"bytes_up", client.bytes_up}};
        if (client.failure.empty()) {
            bytes_up += static_cast<double>(client.bytes_up);
            loss += client.training_loss;
            ++sent;
        } else {
            participant["left_out"] = client.failure;
        }
        participants.push_back(std::move(participant));
    }
    if (sent > 0) {
        bytes_up /= static_cast<double>(sent);
        loss /= static_cast<double>(sent);
    }
    Json json = {{"round", record.round}, {"test_loss", record.test_loss}};
    if (record.round > 0) {
        json["training_loss"] = loss;
        json["server_rate"] = record.server_rate;
    }
    json["clients"] = record.clients.size();
    json["clients_left_out"] = record.clients.size() - sent;
    json["bytes_up_per_client"] = bytes_up;
    json["bytes_down_per_client"] = record.bytes_down;
    json["seconds"] = {{"local_training", training},
                       {"projection", projection},
                       {"aggregation", record.aggregation_seconds},
                       {"evaluation", record.evaluation_seconds}};
    json["participants"] = std::move(participants);
    return json;
}

Json to_json(const AnswerRecord& record) {
    return {{"round", record.round},
            {"rouge_l", record.rouge_l},
            {"rouge_examples", record.examples},
            {"seconds", {{"generation", record.seconds}}}};
}

Metrics read_metrics(const std::filesystem::path& file) {
    Metrics metrics;
    for (const Line& line : whole_lines(file)) {
        const Fields fields(file, line);
        const std::int64_t round = fields.whole("round");
        if (fields.has("rouge_l")) {
            metrics.answers.push_back({.round = round,
                                       .examples = fields.whole("rouge_examples"),
                                       .rouge_l = fields.real("rouge_l"),
                                       .seconds = fields.seconds("generation")});
            continue;
        }
        const auto expected = static_cast<std::int64_t>(metrics.rounds.size());
        if (round != expected || !metrics.answers.empty()) {
            throw FileError(file, line.where + ", round", std::to_string(expected),
                            std::to_string(round));
        }
        metrics.rounds.push_back({.round = round,
                                  .test_loss = fields.real("test_loss"),
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
        throw FileError(file, "rounds",
                        "0 to " + std::to_string(last_round) + ", which the checkpoint is after",
                        std::to_string(metrics.rounds.size()) + " rounds");
    }
    std::string kept;
    for (const Line& line : whole_lines(file)) {
        const bool answers = line.json.contains("rouge_l");
        const bool keep = answers ? keep_answers : Fields(file, line).whole("round") <= last_round;
        if (keep) kept += line.text + "\n";
    }
    replace_durably(file, std::string_view(kept));
}

}  // namespace fed_llm
