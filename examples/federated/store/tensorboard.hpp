#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "federated/store/metrics.hpp"

namespace federated {

/// A number at a step, for TensorBoard.
struct Scalar {
    std::string tag;
    double value = 0.0;  ///< kept as float
};

/// CRC-32C (Castagnoli), as iSCSI's. Source: RFC 3720, B.4.
std::uint32_t crc32c(std::span<const std::byte> bytes);

/// A record of an event file that holds the scalars of one step: TFRecord framing (length, masked
/// CRC-32C of both parts, little-endian) around an Event message of protocol buffers.
/// Source: TensorFlow's record_writer and event.proto, summary.proto.
std::string event_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars);

/// The record that opens every event file.
std::string opening_record(double wall_time);

/// A run as TensorBoard reads it: one event file in a folder, a function of metrics.jsonl and the
/// time of its making, which its name holds.
///
/// An event's time is that plus the seconds measured up to its round, so that the axis of relative
/// time shows computing time, whatever breaks the run had.
class TensorBoardLog {
public:
    /// Takes up the folder's event file, or makes one named after `now`, seconds since 1970.
    /// What a file holds beyond `metrics` goes away. Throws: FileError.
    TensorBoardLog(const std::filesystem::path& folder, const Metrics& metrics, std::int64_t now);

    /// Appends, durably. Throws: FileError.
    void append(const RoundSummary& round);
    void append(const AnswerRecord& answers);

    const std::filesystem::path& file() const { return file_; }

private:
    std::string record(const RoundSummary& round);
    std::string record(const AnswerRecord& answers);

    std::filesystem::path file_;
    double time_ = 0.0;
    double bytes_ = 0.0;
};

}  // namespace federated
