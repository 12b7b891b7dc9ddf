#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../crc64.hpp"
#include "../error.hpp"
#include "../error_text.hpp"
#include "../little_endian.hpp"

namespace ferret {

/// Writes one frame: four letters, a version, fields, and a checksum of all of it.
class FrameWriter {
public:
    FrameWriter(std::string_view magic, std::uint16_t version) {
        for (const char letter : magic) bytes_.push_back(static_cast<std::byte>(letter));
        number(version);
    }

    template <std::unsigned_integral Integer>
    void number(Integer value) {
        append_little_endian(bytes_, value);
    }
    void number(float value) { number(std::bit_cast<std::uint32_t>(value)); }

    /// The length as 64 bits, and the bytes.
    void bytes(std::span<const std::byte> content) {
        number(std::uint64_t{content.size()});
        bare_bytes(content);
    }

    /// The bytes alone: whoever reads them knows how many there are.
    void bare_bytes(std::span<const std::byte> content) {
        bytes_.insert(bytes_.end(), content.begin(), content.end());
    }

    /// All that was written so far, for signatures.
    std::span<const std::byte> content() const { return bytes_; }

    /// The frame, with its checksum.
    std::vector<std::byte> finish() && {
        append_little_endian(bytes_, crc64(bytes_));
        return std::move(bytes_);
    }

private:
    std::vector<std::byte> bytes_;
};

/// Reads a frame field by field. Nothing it gives out was not there, and nothing is allocated.
class FrameReader {
public:
    /// `name` begins the messages of errors.
    /// Throws: Truncated, UnsupportedVersion, ChecksumMismatch (all WireError)
    FrameReader(std::span<const std::byte> frame, std::string_view magic, std::uint16_t version,
                std::string name)
        : FrameReader(frame, magic, version, std::move(name),
                      magic.size() + sizeof version + checksum_size) {
        expect_checksum();
    }

    /// The same for a frame of at least `smallest` bytes whose reader wants to tell wrong sizes from
    /// damage: it reads fields first, and then calls expect_checksum.
    /// Throws: Truncated, UnsupportedVersion
    static FrameReader before_checksum(std::span<const std::byte> frame, std::string_view magic,
                                       std::uint16_t version, std::string name,
                                       std::size_t smallest) {
        return {frame, magic, version, std::move(name), smallest};
    }

    /// Throws: ChecksumMismatch
    void expect_checksum() const {
        const std::size_t content = frame_.size() - checksum_size;
        if (crc64(frame_.first(content)) != read_little_endian<std::uint64_t>(frame_, content))
            throw ChecksumMismatch(error_text({name_, ": the checksum of ", frame_.size(),
                                               " bytes is not that of their content"}));
    }

    /// What begins the messages of errors.
    const std::string& name() const { return name_; }

    /// All that was read so far, for signatures.
    std::span<const std::byte> content() const {
        return frame_.first(frame_.size() - checksum_size - left_.size());
    }

    /// Bytes that no field was read from yet.
    std::size_t left() const { return left_.size(); }

    /// Throws: Truncated
    template <std::unsigned_integral Integer>
    Integer number() {
        expect(sizeof(Integer));
        const auto value = read_little_endian<Integer>(left_, 0);
        left_ = left_.subspan(sizeof(Integer));
        return value;
    }
    /// Throws: Truncated
    float real() { return std::bit_cast<float>(number<std::uint32_t>()); }

    /// Throws: Truncated
    std::span<const std::byte> bytes() { return bare_bytes(number<std::uint64_t>()); }

    /// Bytes without their length.
    /// Throws: Truncated
    std::span<const std::byte> bare_bytes(std::uint64_t size) {
        expect(size);
        const auto content = left_.first(static_cast<std::size_t>(size));
        left_ = left_.subspan(static_cast<std::size_t>(size));
        return content;
    }

    /// For the end, where nothing may be left.
    /// Throws: Malformed
    void expect_end() const {
        if (!left_.empty())
            throw Malformed(
                error_text({name_, ": expected its end, got ", left_.size(), " bytes more"}));
    }

private:
    static constexpr std::size_t checksum_size = 8;

    FrameReader(std::span<const std::byte> frame, std::string_view magic, std::uint16_t version,
                std::string name, std::size_t smallest)
        : name_(std::move(name)), frame_(frame), left_(frame) {
        if (frame.size() < smallest)
            throw Truncated(error_text(
                {name_, ": expected at least ", smallest, " bytes, got ", frame.size()}));
        const bool known = std::equal(
            magic.begin(), magic.end(), frame.begin(),
            [](char letter, std::byte byte) { return static_cast<std::byte>(letter) == byte; });
        if (!known)
            throw UnsupportedVersion(
                error_text({name_, ": expected a message that begins with ", magic}));
        left_ = left_.subspan(magic.size());
        const auto found = number<std::uint16_t>();
        if (found != version)
            throw UnsupportedVersion(
                error_text({name_, ": expected version ", version, ", got ", found}));
        left_ = left_.first(left_.size() - checksum_size);
    }

    void expect(std::uint64_t size) const {
        if (size > left_.size())
            throw Truncated(
                error_text({name_, ": expected ", size, " bytes more, got ", left_.size()}));
    }

    std::string name_;
    std::span<const std::byte> frame_;
    std::span<const std::byte> left_;
};

}  // namespace ferret
