#include "federated/message/frame_with_parts.hpp"

#include <ferret/error.hpp>
#include <ferret/little_endian.hpp>
#include <utility>

#include "federated/message/checked_bytes.hpp"

namespace federated {
namespace {

/// The first `size` of the bytes, which are shortened by them.
std::span<const std::byte> take(std::span<const std::byte>& bytes, std::uint64_t size,
                                const std::string& name) {
    if (size > bytes.size()) {
        throw ferret::Truncated(name + ": expected " + std::to_string(size) + " bytes more, got " +
                                std::to_string(bytes.size()));
    }
    const auto taken = bytes.first(static_cast<std::size_t>(size));
    bytes = bytes.subspan(taken.size());
    return taken;
}

std::span<const std::byte> take_frame(std::span<const std::byte>& bytes, std::string_view magic,
                                      const std::string& name) {
    // What was sent and stored before was one frame without parts.
    if (opens_with(bytes, magic)) {
        throw ferret::UnsupportedVersion(name + ": expected the size of a frame, got a frame " +
                                         std::string(magic) + " of an earlier version");
    }
    const auto size = take(bytes, sizeof(std::uint64_t), name);
    return take(bytes, ferret::read_little_endian<std::uint64_t>(size, 0), name);
}

}  // namespace

void PartsWriter::part(std::span<const std::byte> content) {
    frame_.number(std::uint64_t{content.size()});
    parts_.push_back(content);
}

std::vector<std::byte> PartsWriter::finish() && {
    const std::vector<std::byte> frame = std::move(frame_).finish();
    std::size_t size = sizeof(std::uint64_t) + frame.size();
    for (const auto part : parts_) size += part.size();
    std::vector<std::byte> bytes;
    bytes.reserve(size);
    ferret::append_little_endian(bytes, std::uint64_t{frame.size()});
    bytes.insert(bytes.end(), frame.begin(), frame.end());
    for (const auto part : parts_) bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
}

PartsReader::PartsReader(std::span<const std::byte> bytes, std::string_view magic,
                         std::uint16_t version, const std::string& name)
    : name_(name), parts_(bytes), frame_(take_frame(parts_, magic, name), magic, version, name) {}

std::span<const std::byte> PartsReader::part() {
    return take(parts_, frame_.number<std::uint64_t>(), name_);
}

void PartsReader::expect_end() const {
    frame_.expect_end();
    if (!parts_.empty()) {
        throw ferret::Malformed(name_ + ": expected its end, got " + std::to_string(parts_.size()) +
                                " bytes more");
    }
}

}  // namespace federated
