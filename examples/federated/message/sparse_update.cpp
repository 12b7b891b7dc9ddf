#include "federated/message/sparse_update.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>
#include <limits>
#include <stdexcept>

#include "federated/message/bit_stream.hpp"

namespace federated {
namespace {

constexpr std::string_view magic = "FEDE";
constexpr std::uint16_t version = 1;
constexpr std::size_t overhead = 24;  // of a message without entries and scale
constexpr unsigned largest_parameter = 31;
constexpr double steps = 127.0;

bool has_scale(EntryFormat format) {
    return format != EntryFormat::float32;
}

unsigned value_bits(EntryFormat format) {
    return format == EntryFormat::float32 ? 32 : format == EntryFormat::bits8 ? 8 : 1;
}

/// Empty if all is as encode_sparse_update asks, otherwise what is wrong.
std::string problem_of(const SparseNumbers& numbers) {
    if (numbers.size > std::numeric_limits<std::uint32_t>::max()) {
        return "a list of fewer than 2^32 numbers, got " + std::to_string(numbers.size);
    }
    if (numbers.indices.size() != numbers.values.size()) {
        return std::to_string(numbers.indices.size()) + " values, got " +
               std::to_string(numbers.values.size());
    }
    for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
        const std::uint32_t index = numbers.indices[i];
        if (index >= numbers.size || (i > 0 && index <= numbers.indices[i - 1])) {
            return "ascending indices below " + std::to_string(numbers.size) + ", got " +
                   std::to_string(index);
        }
    }
    return {};
}

/// What lies between the indices.
std::vector<std::uint32_t> gaps_of(const std::vector<std::uint32_t>& indices) {
    std::vector<std::uint32_t> gaps;
    gaps.reserve(indices.size());
    std::uint32_t next = 0;
    for (const std::uint32_t index : indices) {
        gaps.push_back(index - next);
        next = index + 1;
    }
    return gaps;
}

/// The parameter with the fewest bits, the smallest of several.
unsigned rice_parameter(std::span<const std::uint32_t> gaps) {
    const auto bits = [&](unsigned parameter) {
        std::uint64_t sum = std::uint64_t{gaps.size()} * parameter;
        for (const std::uint32_t gap : gaps) sum += gap >> parameter;
        return sum;
    };
    // The number of bits is convex in the parameter.
    unsigned best = 0;
    std::uint64_t fewest = bits(0);
    for (unsigned parameter = 1; parameter <= largest_parameter; ++parameter) {
        const std::uint64_t count = bits(parameter);
        if (count >= fewest) break;
        best = parameter;
        fewest = count;
    }
    return best;
}

float scale_of(std::span<const float> values, EntryFormat format) {
    double largest = 0.0;
    double sum = 0.0;
    for (const float value : values) {
        const double magnitude = std::abs(static_cast<double>(value));
        largest = std::max(largest, magnitude);
        sum += magnitude;
    }
    if (format == EntryFormat::bits8) return static_cast<float>(largest);
    return values.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(values.size()));
}

std::uint32_t code_of(float value, float scale, EntryFormat format) {
    if (format == EntryFormat::float32) return std::bit_cast<std::uint32_t>(value);
    if (format == EntryFormat::bits1) return std::signbit(value) ? 1 : 0;
    if (scale == 0.0f) return 0;
    const double step = std::round(steps * static_cast<double>(value) / static_cast<double>(scale));
    return static_cast<std::uint8_t>(static_cast<std::int8_t>(step));
}

/// Throws: ferret::NonFinite, ferret::Malformed
float value_of(std::uint32_t code, float scale, EntryFormat format, const std::string& what) {
    if (format == EntryFormat::float32) {
        const auto value = std::bit_cast<float>(code);
        if (!std::isfinite(value)) {
            throw ferret::NonFinite(what + ": expected finite values, got " +
                                    std::to_string(value));
        }
        return value;
    }
    if (format == EntryFormat::bits1) return code == 0 ? scale : -scale;
    const auto step = static_cast<double>(static_cast<std::int8_t>(code));
    if (step < -steps) throw ferret::Malformed(what + ": expected values from -127, got -128");
    return static_cast<float>(step * static_cast<double>(scale) / steps);
}

}  // namespace

std::vector<std::byte> encode_sparse_update(const SparseNumbers& numbers, EntryFormat format) {
    if (const std::string problem = problem_of(numbers); !problem.empty()) {
        throw std::invalid_argument("sparse update: expected " + problem);
    }
    if (!std::ranges::all_of(numbers.values, [](float value) { return std::isfinite(value); })) {
        throw ferret::NonFinite("sparse update: expected finite values");
    }
    const std::vector<std::uint32_t> gaps = gaps_of(numbers.indices);
    const unsigned parameter = rice_parameter(gaps);
    const float scale = scale_of(numbers.values, format);
    ferret::FrameWriter frame(magic, version);
    frame.number(static_cast<std::uint32_t>(numbers.size));
    frame.number(static_cast<std::uint32_t>(gaps.size()));
    frame.number(static_cast<std::uint8_t>(format));
    frame.number(static_cast<std::uint8_t>(parameter));
    if (has_scale(format)) frame.number(scale);
    BitWriter stream(frame);
    for (std::size_t i = 0; i < gaps.size(); ++i) {
        stream.unary(gaps[i] >> parameter);
        stream.bits(gaps[i], parameter);
        stream.bits(code_of(numbers.values[i], scale, format), value_bits(format));
    }
    stream.finish();
    return std::move(frame).finish();
}

SparseNumbers decode_sparse_update(std::span<const std::byte> message, std::uint64_t size,
                                   EntryFormat format, const std::string& what) {
    ferret::FrameReader frame(message, magic, version, what);
    const auto refuse = [&](const std::string& expected, std::uint64_t got) {
        throw ferret::Malformed(what + ": expected " + expected + ", got " + std::to_string(got));
    };
    const auto claimed = frame.number<std::uint32_t>();
    if (claimed != size) refuse("a list of " + std::to_string(size) + " numbers", claimed);
    const auto count = frame.number<std::uint32_t>();
    const auto came = frame.number<std::uint8_t>();
    const auto known = static_cast<std::uint8_t>(format);
    if (came != known) refuse("values in format " + std::to_string(known), came);
    const auto parameter = unsigned{frame.number<std::uint8_t>()};
    if (parameter > largest_parameter) {
        refuse("a Rice parameter of at most " + std::to_string(largest_parameter), parameter);
    }
    const float scale = has_scale(format) ? frame.real() : 0.0f;
    if (!std::isfinite(scale)) throw ferret::NonFinite(what + ": expected a finite scale");
    if (std::signbit(scale)) throw ferret::Malformed(what + ": expected a scale of 0 or more");

    BitReader stream(frame);
    const std::uint64_t most = stream.left() / (1 + parameter + value_bits(format));
    if (count > most) refuse("at most " + std::to_string(most) + " entries in its bytes", count);
    SparseNumbers numbers{.size = size, .indices = {}, .values = {}};
    numbers.indices.reserve(count);
    numbers.values.reserve(count);
    std::uint64_t next = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        // Of a longer run all that matters is that the index is too large; so it cannot overflow.
        const std::uint64_t ones = stream.unary();
        const std::uint64_t index =
            next + (std::min(ones, size) << parameter) + stream.bits(parameter);
        if (index >= size) refuse("indices below " + std::to_string(size), index);
        numbers.indices.push_back(static_cast<std::uint32_t>(index));
        numbers.values.push_back(value_of(stream.bits(value_bits(format)), scale, format, what));
        next = index + 1;
    }
    stream.expect_end();
    return numbers;
}

double expected_sparse_update_size(double count, std::uint64_t size, EntryFormat format) {
    const double list = static_cast<double>(size);
    const double sent = std::min(count, list);
    const double header = static_cast<double>(overhead + (has_scale(format) ? sizeof(float) : 0));
    if (sent <= 0.0) return header;
    // Gaps are geometric: one is g or more with the probability (1 - n / d)^g.
    double fewest = std::numeric_limits<double>::max();
    for (unsigned parameter = 0; parameter <= largest_parameter; ++parameter) {
        const double longer = std::pow(1.0 - sent / list, std::exp2(parameter));
        if (longer < 1.0) fewest = std::min(fewest, 1.0 + parameter + longer / (1.0 - longer));
    }
    return header + std::ceil(sent * (fewest + value_bits(format)) / 8.0);
}

std::uint64_t most_entries(double bytes, std::uint64_t size, EntryFormat format) {
    std::uint64_t fits = 0;
    std::uint64_t beyond = size + 1;
    while (beyond - fits > 1) {
        const std::uint64_t middle = fits + (beyond - fits) / 2;
        const bool has_room =
            expected_sparse_update_size(static_cast<double>(middle), size, format) <= bytes;
        (has_room ? fits : beyond) = middle;
    }
    return fits;
}

}  // namespace federated
