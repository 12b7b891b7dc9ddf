#include "federated/message/sparse_message.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <ferret/little_endian.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "federated/message/checked_bytes.hpp"

namespace federated {
namespace {

constexpr std::string_view magic = "FEDNUMB1";
constexpr std::size_t header_size = 24;
constexpr std::size_t overhead = header_size + checksum_size;
constexpr std::uint64_t largest_list = std::uint64_t{1} << 32;

enum Form : std::uint32_t { whole = 1, narrow = 2, wide = 3 };

std::size_t index_width(std::uint32_t form) {
    return form == whole ? 0 : form == narrow ? sizeof(std::uint16_t) : sizeof(std::uint32_t);
}

Form sparse_form(std::uint64_t size) {
    return size <= (1u << 16) ? narrow : wide;
}

/// Empty if they are in order, otherwise what is wrong with them.
std::string problem_of(const SparseNumbers& numbers, Repeats repeats) {
    for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
        const std::uint32_t index = numbers.indices[i];
        if (index >= numbers.size) {
            return "expected indices below " + std::to_string(numbers.size) + ", got " +
                   std::to_string(index);
        }
        if (i == 0) continue;
        const std::uint32_t last = numbers.indices[i - 1];
        if (index < last || (index == last && repeats == Repeats::refused)) {
            return "expected ascending indices, got " + std::to_string(index) + " after " +
                   std::to_string(last);
        }
    }
    return {};
}

std::vector<std::byte> begin_message(std::uint64_t size, Form form, std::size_t count) {
    std::vector<std::byte> message = opening_letters(magic);
    message.reserve(overhead + count * (index_width(form) + sizeof(float)));
    ferret::append_little_endian(message, size);
    ferret::append_little_endian(message, static_cast<std::uint32_t>(form));
    ferret::append_little_endian(message, static_cast<std::uint32_t>(count));
    return message;
}

void append_float(std::vector<std::byte>& message, float value) {
    ferret::append_little_endian(message, std::bit_cast<std::uint32_t>(value));
}

std::vector<std::byte> end_message(std::vector<std::byte> message) {
    append_checksum(message);
    return message;
}

}  // namespace

std::vector<std::byte> encode_numbers(const SparseNumbers& numbers) {
    const std::size_t count = numbers.indices.size();
    const std::string problem = problem_of(numbers, Repeats::allowed);
    if (numbers.size > largest_list || count != numbers.values.size() || !problem.empty()) {
        throw std::invalid_argument(
            "sparse numbers: " + (problem.empty() ? "expected a value for each index" : problem));
    }
    const Form form = sparse_form(numbers.size);
    const bool repeated =
        std::adjacent_find(numbers.indices.begin(), numbers.indices.end()) != numbers.indices.end();
    if (!repeated && numbers.size * sizeof(float) < count * (index_width(form) + sizeof(float))) {
        std::vector<float> values(numbers.size, 0.0f);
        for (std::size_t i = 0; i < count; ++i) values[numbers.indices[i]] = numbers.values[i];
        return encode_numbers(values);
    }
    std::vector<std::byte> message = begin_message(numbers.size, form, count);
    for (const std::uint32_t index : numbers.indices) {
        if (form == narrow) {
            ferret::append_little_endian(message, static_cast<std::uint16_t>(index));
        } else {
            ferret::append_little_endian(message, index);
        }
    }
    for (const float value : numbers.values) append_float(message, value);
    return end_message(std::move(message));
}

std::vector<std::byte> encode_numbers(std::span<const float> values) {
    std::vector<std::byte> message = begin_message(values.size(), whole, values.size());
    for (const float value : values) append_float(message, value);
    return end_message(std::move(message));
}

SparseNumbers mean_of(std::span<const SparseNumbers> clients) {
    if (clients.empty())
        throw std::invalid_argument("mean: expected numbers of a client, got none");
    std::vector<std::pair<std::uint32_t, float>> entries;
    for (const SparseNumbers& numbers : clients) {
        for (std::size_t i = 0; i < numbers.indices.size(); ++i) {
            entries.emplace_back(numbers.indices[i], numbers.values[i]);
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    SparseNumbers mean{.size = clients.front().size, .indices = {}, .values = {}};
    for (std::size_t i = 0; i < entries.size();) {
        const std::uint32_t index = entries[i].first;
        double sum = 0.0;
        for (; i < entries.size() && entries[i].first == index; ++i) {
            sum += static_cast<double>(entries[i].second);
        }
        mean.indices.push_back(index);
        mean.values.push_back(static_cast<float>(sum / static_cast<double>(clients.size())));
    }
    return mean;
}

std::size_t count_nonzero(const SparseNumbers& numbers) {
    return static_cast<std::size_t>(
        std::ranges::count_if(numbers.values, [](float value) { return value != 0.0f; }));
}

std::size_t encoded_numbers_size(std::uint64_t size) {
    return overhead + size * sizeof(float);
}

double expected_numbers_size(double count, std::uint64_t size) {
    const std::size_t sent = std::min(static_cast<std::uint64_t>(std::llround(count)), size);
    const std::size_t sparse = overhead + sent * (index_width(sparse_form(size)) + sizeof(float));
    return static_cast<double>(std::min(sparse, encoded_numbers_size(size)));
}

double expected_distinct(double pool, double share, double draws) {
    return pool * (1.0 - std::pow(1.0 - share, draws));
}

SparseNumbers decode_numbers(std::span<const std::byte> message, std::uint64_t size,
                             Repeats repeats, std::string_view what) {
    const auto refuse = [&](const std::string& expected, const std::string& got) {
        throw std::runtime_error(std::string(what) + ": expected " + expected + ", got " + got);
    };
    if (message.size() < overhead) {
        refuse("at least " + std::to_string(overhead) + " bytes", std::to_string(message.size()));
    }
    if (!opens_with(message, magic)) refuse(std::string(magic), "another beginning");
    const auto claimed = ferret::read_little_endian<std::uint64_t>(message, 8);
    if (claimed != size) {
        refuse("a list of " + std::to_string(size) + " numbers", std::to_string(claimed));
    }
    const auto form = ferret::read_little_endian<std::uint32_t>(message, 16);
    if (form != whole && form != sparse_form(size)) {
        refuse("a form that fits the list", std::to_string(form));
    }
    const auto short_count = ferret::read_little_endian<std::uint32_t>(message, 20);
    const std::uint64_t count = form == whole ? size : short_count;
    if (short_count != static_cast<std::uint32_t>(count)) {
        refuse(std::to_string(size) + " numbers", std::to_string(short_count));
    }
    // Both factors are at most 2^32 and 8, so nothing overflows.
    const std::uint64_t expected = overhead + count * (index_width(form) + sizeof(float));
    if (message.size() != expected) {
        refuse(std::to_string(expected) + " bytes", std::to_string(message.size()));
    }
    if (!fits_checksum(message)) refuse("bytes that fit their checksum", "altered ones");

    SparseNumbers numbers{.size = size, .indices = {}, .values = {}};
    numbers.indices.reserve(count);
    numbers.values.reserve(count);
    std::size_t offset = header_size;
    for (std::uint64_t i = 0; i < count; ++i, offset += index_width(form)) {
        numbers.indices.push_back(form == whole ? static_cast<std::uint32_t>(i)
                                  : form == narrow
                                      ? ferret::read_little_endian<std::uint16_t>(message, offset)
                                      : ferret::read_little_endian<std::uint32_t>(message, offset));
    }
    for (std::uint64_t i = 0; i < count; ++i, offset += sizeof(float)) {
        const auto value =
            std::bit_cast<float>(ferret::read_little_endian<std::uint32_t>(message, offset));
        if (!std::isfinite(value)) refuse("finite numbers", std::to_string(value));
        numbers.values.push_back(value);
    }
    if (const std::string problem = problem_of(numbers, repeats); !problem.empty()) {
        throw std::runtime_error(std::string(what) + ": " + problem);
    }
    return numbers;
}

std::vector<float> decode_all_numbers(std::span<const std::byte> message, std::uint64_t size,
                                      std::string_view what) {
    SparseNumbers numbers = decode_numbers(message, size, Repeats::refused, what);
    if (numbers.values.size() != size) {
        throw std::runtime_error(std::string(what) + ": expected all " + std::to_string(size) +
                                 " numbers, got " + std::to_string(numbers.values.size()));
    }
    return std::move(numbers.values);
}

}  // namespace federated
