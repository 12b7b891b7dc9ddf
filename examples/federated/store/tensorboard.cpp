#include "federated/store/tensorboard.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <ferret/little_endian.hpp>
#include <optional>

#include "files/durable_file.hpp"
#include "files/file.hpp"

namespace federated {
namespace {

constexpr std::string_view name_start = "events.out.tfevents.";

void append_text(std::vector<std::byte>& bytes, std::string_view text) {
    const auto characters = std::as_bytes(std::span(text));
    bytes.insert(bytes.end(), characters.begin(), characters.end());
}

/// Fields of a protocol buffers message; `number` is the field's in its .proto file.
class Message {
public:
    void add_double(std::uint32_t number, double value) {
        add_key(number, 1);
        ferret::append_little_endian(bytes_, std::bit_cast<std::uint64_t>(value));
    }
    void add_float(std::uint32_t number, float value) {
        add_key(number, 5);
        ferret::append_little_endian(bytes_, std::bit_cast<std::uint32_t>(value));
    }
    void add_int64(std::uint32_t number, std::int64_t value) {
        add_key(number, 0);
        add_varint(static_cast<std::uint64_t>(value));
    }
    void add_text(std::uint32_t number, std::string_view text) {
        add_key(number, 2);
        add_varint(text.size());
        append_text(bytes_, text);
    }
    void add_message(std::uint32_t number, const Message& message) {
        add_key(number, 2);
        add_varint(message.bytes_.size());
        bytes_.insert(bytes_.end(), message.bytes_.begin(), message.bytes_.end());
    }
    const std::vector<std::byte>& bytes() const { return bytes_; }

private:
    void add_key(std::uint32_t number, std::uint32_t wire_type) {
        add_varint(number << 3 | wire_type);
    }
    void add_varint(std::uint64_t value) {
        for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<std::byte>(value | 128));
        bytes_.push_back(static_cast<std::byte>(value));
    }

    std::vector<std::byte> bytes_;
};

/// Rotated and shifted, as TFRecord wants it: checksums of data that holds checksums are weak.
std::uint32_t masked_crc32c(std::span<const std::byte> bytes) {
    return std::rotr(crc32c(bytes), 15) + 0xa282ead8U;
}

std::string framed(const Message& event) {
    std::vector<std::byte> bytes;
    ferret::append_little_endian(bytes, std::uint64_t{event.bytes().size()});
    ferret::append_little_endian(bytes, masked_crc32c(bytes));
    bytes.insert(bytes.end(), event.bytes().begin(), event.bytes().end());
    ferret::append_little_endian(bytes, masked_crc32c(event.bytes()));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The time in the name of an event file of ours.
std::optional<std::int64_t> time_of(const std::string& name) {
    if (!name.starts_with(name_start)) return std::nullopt;
    std::int64_t time = 0;
    const char* const end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + name_start.size(), end, time);
    if (error != std::errc() || std::string_view(rest, end) != ".fed_llm") return std::nullopt;
    return time;
}

/// The folder's event file's, or `now`; the earliest where there are several.
std::int64_t time_of_folder(const std::filesystem::path& folder, std::int64_t now) {
    std::optional<std::int64_t> earliest;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto time = time_of(entry.path().filename().string());
        if (time && (!earliest || *time < *earliest)) earliest = time;
    }
    return earliest.value_or(now);
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes) {
    static constexpr auto table = [] {
        constexpr std::uint32_t reversed_polynomial = 0x82f63b78U;
        std::array<std::uint32_t, 256> entries{};
        for (std::uint32_t i = 0; i < entries.size(); ++i) {
            std::uint32_t entry = i;
            for (int bit = 0; bit < 8; ++bit) {
                entry = (entry & 1U) != 0 ? entry >> 1 ^ reversed_polynomial : entry >> 1;
            }
            entries[i] = entry;
        }
        return entries;
    }();
    std::uint32_t crc = 0xffffffffU;
    for (const std::byte byte : bytes) {
        crc = table[(crc ^ static_cast<std::uint32_t>(byte)) & 255U] ^ crc >> 8;
    }
    return ~crc;
}

std::string event_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars) {
    Message summary;
    for (const Scalar& scalar : scalars) {
        Message value;
        value.add_text(1, scalar.tag);
        value.add_float(2, static_cast<float>(scalar.value));
        summary.add_message(1, value);
    }
    Message event;
    event.add_double(1, wall_time);
    event.add_int64(2, step);
    event.add_message(5, summary);
    return framed(event);
}

std::string opening_record(double wall_time) {
    Message event;
    event.add_double(1, wall_time);
    event.add_text(3, "brain.Event:2");
    return framed(event);
}

TensorBoardLog::TensorBoardLog(const std::filesystem::path& folder, const Metrics& metrics,
                               std::int64_t now) {
    files::create_folder(folder);
    const std::int64_t begin = time_of_folder(folder, now);
    file_ = folder / (std::string(name_start) + std::to_string(begin) + ".fed_llm");
    time_ = static_cast<double>(begin);
    std::string records = opening_record(time_);
    for (const RoundSummary& round : metrics.rounds) records += record(round);
    for (const AnswerRecord& answers : metrics.answers) records += record(answers);
    files::replace_durably(file_, records);
}

void TensorBoardLog::append(const RoundSummary& round) {
    files::append_durably(file_, record(round));
}

void TensorBoardLog::append(const AnswerRecord& answers) {
    files::append_durably(file_, record(answers));
}

namespace {

/// TensorBoard groups by what stands before the slash: "loss/test" for test_loss.
std::string tag_of(const Metric& metric) {
    const std::string words = words_of(metric.name);
    const std::size_t last = words.rfind(' ');
    return last == std::string::npos ? words : words.substr(last + 1) + "/" + words.substr(0, last);
}

}  // namespace

std::string TensorBoardLog::record(const RoundSummary& round) {
    time_ += round.training_seconds + round.projection_seconds + round.aggregation_seconds +
             round.evaluation_seconds;
    bytes_ += round.bytes_up + round.bytes_down;
    std::vector<Scalar> scalars;
    for (const Metric& metric : round.metrics) scalars.push_back({tag_of(metric), metric.value});
    if (round.round > 0) {
        scalars.insert(scalars.end(), {{"loss/training", round.training_loss},
                                       {"bytes/up", round.bytes_up},
                                       {"bytes/down", round.bytes_down},
                                       {"bytes/so far", bytes_},
                                       {"seconds/local training", round.training_seconds},
                                       {"seconds/projection", round.projection_seconds},
                                       {"seconds/aggregation", round.aggregation_seconds}});
    }
    scalars.push_back({"seconds/evaluation", round.evaluation_seconds});
    return event_record(time_, round.round, scalars);
}

std::string TensorBoardLog::record(const AnswerRecord& answers) {
    time_ += answers.seconds;
    std::vector<Scalar> scalars;
    for (const Metric& metric : answers.metrics) {
        scalars.push_back({"answers/" + words_of(metric.name), metric.value});
    }
    return event_record(time_, answers.round, scalars);
}

}  // namespace federated
