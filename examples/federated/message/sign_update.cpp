#include "federated/message/sign_update.hpp"

#include <cmath>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>
#include <numeric>
#include <stdexcept>

#include "federated/message/bit_stream.hpp"

namespace federated {
namespace {

constexpr std::string_view magic = "FEDG";
constexpr std::uint16_t version = 1;
constexpr std::size_t overhead = 22;  // of a message without tensors

std::uint64_t sum_of(std::span<const std::size_t> sizes) {
    return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
}

/// Throws: ferret::NonFinite
float mean_magnitude(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += std::abs(static_cast<double>(value));
    if (!std::isfinite(sum)) throw ferret::NonFinite("signs: expected finite values");
    return values.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(values.size()));
}

}  // namespace

std::vector<std::byte> encode_signs(std::span<const float> values,
                                    std::span<const std::size_t> sizes) {
    if (sum_of(sizes) != values.size()) {
        throw std::invalid_argument("signs: expected " + std::to_string(sum_of(sizes)) +
                                    " values, got " + std::to_string(values.size()));
    }
    ferret::FrameWriter frame(magic, version);
    frame.number(std::uint64_t{values.size()});
    std::size_t begin = 0;
    for (const std::size_t size : sizes) {
        frame.number(mean_magnitude(values.subspan(begin, size)));
        begin += size;
    }
    BitWriter stream(frame);
    for (const float value : values) stream.bits(std::signbit(value) ? 1 : 0, 1);
    stream.finish();
    return std::move(frame).finish();
}

std::vector<float> decode_signs(std::span<const std::byte> message,
                                std::span<const std::size_t> sizes, const std::string& what) {
    ferret::FrameReader frame(message, magic, version, what);
    const auto count = frame.number<std::uint64_t>();
    if (count != sum_of(sizes)) {
        throw ferret::Malformed(what + ": expected " + std::to_string(sum_of(sizes)) +
                                " values, got " + std::to_string(count));
    }
    if (message.size() != encoded_signs_size(sizes)) {
        throw ferret::Malformed(what + ": expected " + std::to_string(encoded_signs_size(sizes)) +
                                " bytes, got " + std::to_string(message.size()));
    }
    std::vector<float> scales;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        scales.push_back(frame.real());
        if (!std::isfinite(scales.back())) {
            throw ferret::NonFinite(what + ": expected finite scales");
        }
        if (std::signbit(scales.back())) {
            throw ferret::Malformed(what + ": expected scales of 0 or more");
        }
    }
    std::vector<float> values;
    values.reserve(count);
    BitReader stream(frame);
    for (std::size_t tensor = 0; tensor < sizes.size(); ++tensor) {
        for (std::size_t i = 0; i < sizes[tensor]; ++i) {
            values.push_back(stream.bits(1) == 0 ? scales[tensor] : -scales[tensor]);
        }
    }
    stream.expect_end();
    return values;
}

std::size_t encoded_signs_size(std::span<const std::size_t> sizes) {
    return overhead + sizeof(float) * sizes.size() +
           static_cast<std::size_t>((sum_of(sizes) + 7) / 8);
}

}  // namespace federated
