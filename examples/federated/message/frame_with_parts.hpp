#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ferret/wire/frame.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace federated {

/// Writes a frame of ferret's wire and, after it, parts of any length as they are. The frame's checksum
/// covers the numbers and the parts' sizes, so that long parts, which have checksums of their own or never
/// leave the machine, are not read for another one.
///
/// Little-endian: the size of the frame (u64), the frame, in which each part is its size (u64), and the
/// parts in the same order.
/// Cost: one copy of the parts
class PartsWriter {
public:
    PartsWriter(std::string_view magic, std::uint16_t version) : frame_(magic, version) {}

    template <std::unsigned_integral Integer>
    void number(Integer value) {
        frame_.number(value);
    }

    /// `content` stays where it is until finish.
    void part(std::span<const std::byte> content);

    std::vector<std::byte> finish() &&;

private:
    ferret::FrameWriter frame_;
    std::vector<std::span<const std::byte>> parts_;
};

/// Reads what PartsWriter wrote, field by field. Nothing it gives out was not there.
class PartsReader {
public:
    /// `name` begins the messages of errors.
    /// Throws: ferret::WireError for bytes that do not begin with such a frame
    PartsReader(std::span<const std::byte> bytes, std::string_view magic, std::uint16_t version,
                const std::string& name);

    /// Throws: ferret::Truncated
    template <std::unsigned_integral Integer>
    Integer number() {
        return frame_.number<Integer>();
    }

    /// Throws: ferret::Truncated
    std::span<const std::byte> part();

    /// For the end, where nothing may be left. Throws: ferret::Malformed
    void expect_end() const;

private:
    std::string name_;
    std::span<const std::byte> parts_;
    ferret::FrameReader frame_;
};

}  // namespace federated
