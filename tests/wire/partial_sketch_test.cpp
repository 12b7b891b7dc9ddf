#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <ferret/wire/partial_sketch.hpp>
#include <limits>
#include <random>
#include <vector>

using ferret::decode_partial_norms;
using ferret::decode_partial_sketch;
using ferret::encode;
using ferret::PartialNorms;
using ferret::PartialSketch;
using ferret_test::contains;
using ferret_test::error_message;

namespace {

using Message = std::vector<std::byte>;

/// Three blocks: the end of the first, and the last.
PartialSketch small() {
    return {{0x0102030405060708, 0x1112131415161718},
            ferret::SparseSign::id,
            0x2122232425262728,
            {2, 3, 1},
            {{0, 4, 1}, {0, 5, 1}, {2, 0, 7}},
            {1.5, -2.0, 0.0, 1e-300, -3e300}};
}
PartialNorms small_norms() {
    return {0x2122232425262728, {{0, 4, 1}, {0, 5, 1}, {2, 0, 7}}, {1.5, 0.0, 3e300}};
}

/// The message with other bytes of a field, and the checksum that it then has.
template <std::unsigned_integral Integer>
Message with(Message message, std::size_t offset, Integer value) {
    Message bytes;
    ferret::append_little_endian(bytes, value);
    message.resize(message.size() - 8);
    std::copy(bytes.begin(), bytes.end(), message.begin() + static_cast<std::ptrdiff_t>(offset));
    ferret::append_little_endian(message, ferret::crc64(message));
    return message;
}

template <class Error>
std::string decode_message(const Message& message) {
    return error_message<Error>([&] { static_cast<void>(decode_partial_sketch(message)); });
}
template <class Error>
std::string decode_norms_message(const Message& message) {
    return error_message<Error>([&] { static_cast<void>(decode_partial_norms(message)); });
}

// Where fields of small() lie.
constexpr std::size_t basis_offset = 6;
constexpr std::size_t blocks_offset = 31;
constexpr std::size_t bases_offset = 35;
constexpr std::size_t run_count_offset = bases_offset + 3 * 4;
constexpr std::size_t runs_offset = run_count_offset + 4;
constexpr std::size_t sums_offset = runs_offset + 3 * 12;

}  // namespace

TEST_CASE("messages of parts have the bytes of docs/wire.md") {
    Message expected;
    const auto letters = [&](std::string_view text) {
        for (const char letter : text) expected.push_back(std::byte(letter));
        ferret::append_little_endian(expected, std::uint16_t{1});
    };
    const auto runs_and_sums = [&](const auto& part) {
        for (const std::uint32_t number : {3u, 0u, 4u, 1u, 0u, 5u, 1u, 2u, 0u, 7u})
            ferret::append_little_endian(expected, std::uint32_t{number});
        for (const double sum : part.sums)
            ferret::append_little_endian(expected, std::bit_cast<std::uint64_t>(sum));
        ferret::append_little_endian(expected, ferret::crc64(expected));
    };
    letters("FRRP");
    ferret::append_little_endian(expected, std::uint8_t{5});
    ferret::append_little_endian(expected, small().seed.value);
    ferret::append_little_endian(expected, small().seed.round);
    ferret::append_little_endian(expected, small().layout_fingerprint);
    for (const std::uint32_t number : {3u, 2u, 3u, 1u})
        ferret::append_little_endian(expected, std::uint32_t{number});
    runs_and_sums(small());
    CHECK(encode(small()) == expected);
    CHECK(expected.size() == 47 + 4 * 3 + 12 * 3 + 8 * 5);  // as its contract says

    expected.clear();
    letters("FRRN");
    ferret::append_little_endian(expected, small_norms().layout_fingerprint);
    runs_and_sums(small_norms());
    CHECK(encode(small_norms()) == expected);
    CHECK(expected.size() == 26 + 20 * 3);
}

TEST_CASE("parts come back as they were") {
    CHECK(decode_partial_sketch(encode(small())) == small());
    CHECK(decode_partial_norms(encode(small_norms())) == small_norms());
    // An empty shard's.
    PartialSketch empty = small();
    empty.runs.clear();
    empty.sums.clear();
    CHECK(decode_partial_sketch(encode(empty)) == empty);
    CHECK(decode_partial_norms(encode(PartialNorms{7, {}, {}})) == PartialNorms{7, {}, {}});
}

TEST_CASE("a part's message that was cut or changed anywhere is refused") {
    const Message message = encode(small());
    const Message norms = encode(small_norms());
    for (std::size_t size = 0; size < message.size(); ++size)
        CHECK_THROWS_AS(static_cast<void>(decode_partial_sketch(std::span(message).first(size))),
                        ferret::WireError);
    for (std::size_t at = 0; at < message.size(); ++at) {
        Message changed = message;
        changed[at] ^= std::byte{1};
        CHECK_THROWS_AS(static_cast<void>(decode_partial_sketch(changed)), ferret::WireError);
    }
    for (std::size_t at = 0; at < norms.size(); ++at) {
        Message changed = norms;
        changed[at] ^= std::byte{1};
        CHECK_THROWS_AS(static_cast<void>(decode_partial_norms(changed)), ferret::WireError);
    }
    CHECK_THROWS_AS(static_cast<void>(decode_partial_sketch(norms)), ferret::UnsupportedVersion);
    CHECK_THROWS_AS(static_cast<void>(decode_partial_norms(message)), ferret::UnsupportedVersion);
}

TEST_CASE("a hostile peer's fields are refused, whatever the checksum says") {
    using ferret::Malformed;
    using ferret::Truncated;
    const Message message = encode(small());
    const auto field = [&](std::size_t offset, std::uint32_t value) {
        return with(message, offset, value);
    };
    CHECK(contains(decode_message<Malformed>(with(message, basis_offset, std::uint8_t{0})),
                   "expected a known basis id, got 0"));
    CHECK(contains(decode_message<Malformed>(with(message, basis_offset, std::uint8_t{255})),
                   "expected a known basis id, got 255"));
    CHECK(contains(decode_message<Malformed>(field(bases_offset + 4, 0)),
                   "expected bases, got none in block 1"));
    for (const std::size_t offset : {blocks_offset, run_count_offset, bases_offset})
        CHECK_THROWS_AS(static_cast<void>(decode_partial_sketch(field(offset, 0xFFFFFFFFu))),
                        ferret::WireError);
    CHECK(contains(decode_message<Truncated>(field(bases_offset, 3)), "bytes more, got 0"));
    CHECK(contains(decode_message<Malformed>(field(bases_offset, 1)), "expected its end, got 16"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset + 8, 0)),
                   "run 0: expected segments from a block's first on, or one, got 0 from 4"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset + 8, 2)),
                   "run 0: expected segments from a block's first on, or one, got 2 from 4"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset + 16, 4)),
                   "run 1: expected segments behind those of the run before, got segment 4"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset, 1)),
                   "run 1: expected segments behind those of the run before"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset + 4, 0xFFFFFFFFu)), "run 1"));
    CHECK(contains(decode_message<Malformed>(field(runs_offset + 24, 3)),
                   "expected runs of 3 blocks, got one of block 3"));
    for (const double sum :
         {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        CHECK(contains(decode_message<ferret::NonFinite>(
                           with(message, sums_offset + 8, std::bit_cast<std::uint64_t>(sum))),
                       "at 1"));

    const Message norms = encode(small_norms());
    CHECK(contains(decode_norms_message<Malformed>(with(norms, 18 + 8, std::uint32_t{2})),
                   "run 0: expected segments"));
    CHECK(contains(decode_norms_message<Truncated>(with(norms, 14, std::uint32_t{0xFFFFFFFFu})),
                   "partial norms"));
    CHECK(contains(decode_norms_message<ferret::NonFinite>(with(
                       norms, 18 + 36,
                       std::bit_cast<std::uint64_t>(-std::numeric_limits<double>::infinity()))),
                   "got -inf at 0"));
}

TEST_CASE("any bytes behind a right checksum are read or refused, and nothing else") {
    std::mt19937 random(11);
    const Message message = encode(small());
    for (int trial = 0; trial < 20000; ++trial) {
        Message changed(message.begin(), message.end() - 8);
        for (int change = 0; change < 1 + trial % 3; ++change)
            changed[6 + random() % (changed.size() - 6)] = static_cast<std::byte>(random() % 256);
        if (trial % 5 == 0) changed.resize(6 + random() % (changed.size() - 6));
        ferret::append_little_endian(changed, ferret::crc64(changed));
        try {
            const PartialSketch part = decode_partial_sketch(changed);
            CHECK(encode(part) == changed);
        } catch (const ferret::WireError&) {
        } catch (const ferret::NonFinite&) {
        }
    }
}

TEST_CASE("a part that contradicts itself is not written") {
    PartialSketch part = small();
    part.sums.pop_back();
    CHECK(contains(error_message<ferret::SketchMismatch>([&] { static_cast<void>(encode(part)); }),
                   "expected 5 sums for the part's segments, got 4"));
    part = small();
    part.runs[2].block = 3;
    CHECK(contains(error_message<ferret::SketchMismatch>([&] { static_cast<void>(encode(part)); }),
                   "expected runs of 3 blocks, got one of block 3"));
    part = small();
    part.sums[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK(contains(error_message<ferret::NonFinite>([&] { static_cast<void>(encode(part)); }),
                   "at 3"));
    PartialNorms norms = small_norms();
    norms.sums.pop_back();
    CHECK_THROWS_AS(static_cast<void>(encode(norms)), ferret::SketchMismatch);
}
