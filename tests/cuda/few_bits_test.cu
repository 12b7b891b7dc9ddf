#include "cuda/support/device.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <vector>

// Coordinates of few bits on the device against the CPU, bit for bit.

using ferret::CoordinateFormat;
using ferret::Cuda;
using ferret::RotatedChunk;
using ferret::Rotation;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::on_device;
using ferret_test::on_host;
using ferret_test::same_bits;

namespace {

const Rotation rotation{ferret::Seed{42, 7}, ferret::rotation_of(3)};

constexpr CoordinateFormat rotated_formats[] = {
    CoordinateFormat::one_bit, CoordinateFormat::two_bits, CoordinateFormat::three_bits,
    CoordinateFormat::four_bits, CoordinateFormat::eight_bits};

/// Both ways, against the CPU's.
void check_against_cpu(const std::vector<float>& coordinates,
                       const std::vector<std::uint32_t>& bases_per_block) {
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(bases_per_block);
    const auto device_coordinates = on_device(coordinates);
    for (const CoordinateFormat format : rotated_formats) {
        CAPTURE(ferret::name_of(format));
        const std::vector<std::byte> bytes =
            ferret::encode_few_bits(coordinates, chunks, format, rotation, ferret::Cpu{}, "test");
        CHECK(ferret::encode_few_bits(device_coordinates, chunks, format, rotation, Cuda{},
                                      "test") == bytes);
        std::vector<float> rebuilt(coordinates.size());
        ferret::decode_few_bits(bytes, chunks, format, rotation, ferret::Cpu{}, "test", rebuilt);
        thrust::device_vector<float> device_rebuilt(coordinates.size(), 3.0f);
        ferret::decode_few_bits(bytes, chunks, format, rotation, Cuda{}, "test", device_rebuilt);
        CHECK(same_bits(on_host(device_rebuilt), rebuilt));
    }
}

std::vector<float> some_coordinates(std::size_t size) {
    return ferret_test::simple_update(size, 5);
}

}  // namespace

TEST_CASE("few bits: numbers of coordinates") {
    for (const std::uint32_t size : {1u, 31u, 32u, 33u, 64u, 100u, 128u, 256u, 512u, 1024u, 2000u,
                                     2048u, 4095u, 4096u, 8191u, 8192u, 8193u, 50000u}) {
        CAPTURE(size);
        check_against_cpu(some_coordinates(size), {size});
    }
}

TEST_CASE("few bits: several blocks, joined and cut") {
    const std::vector<std::uint32_t> blocks{9000, 3, 8000, 400, 17, 20000, 33};
    check_against_cpu(some_coordinates(std::accumulate(blocks.begin(), blocks.end(), 0u)), blocks);
}

TEST_CASE("few bits: coordinates of every magnitude") {
    for (const float magnitude : {1e-44f, 1e-38f, 1e-30f, 1e-20f, 1e20f, 1e27f}) {
        CAPTURE(magnitude);
        std::vector<float> coordinates = some_coordinates(9001);
        for (float& coordinate : coordinates) coordinate *= magnitude;
        check_against_cpu(coordinates, {9001});
    }
}

TEST_CASE("few bits: a chunk of zeros, and single large numbers") {
    std::vector<float> coordinates(3 * 8192, 0.0f);
    check_against_cpu(coordinates, {3 * 8192});
    coordinates[0] = -1.0f;
    coordinates[2 * 8192 + 77] =
        std::bit_cast<float>(std::bit_cast<std::uint32_t>(ferret::few_bits_limit) - 1);
    coordinates[2 * 8192 + 78] = std::numeric_limits<float>::denorm_min();
    check_against_cpu(coordinates, {3 * 8192});
}

TEST_CASE("few bits: no coordinates") {
    thrust::device_vector<float> none;
    CHECK(ferret::encode_few_bits(none, {}, CoordinateFormat::one_bit, rotation, Cuda{}, "test")
              .empty());
    ferret::decode_few_bits({}, {}, CoordinateFormat::one_bit, rotation, Cuda{}, "test", none);
    CHECK(none.empty());
}

TEST_CASE("few bits: coordinates by their address, within others") {
    const std::vector<float> all = some_coordinates(1000);
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(std::vector{600u});
    const std::span<const float> part(all.data() + 200, 600);
    const std::vector<std::byte> bytes = ferret::encode_few_bits(
        part, chunks, CoordinateFormat::four_bits, rotation, ferret::Cpu{}, "test");
    std::vector<float> expected = all;
    ferret::decode_few_bits(bytes, chunks, CoordinateFormat::four_bits, rotation, ferret::Cpu{},
                            "test", std::span(expected).subspan(200, 600));

    thrust::device_vector<float> device_all = on_device(all);
    ferret::DeviceTensor tensor =
        ferret::device_tensor(thrust::raw_pointer_cast(device_all.data()) + 200, 600);
    CHECK(ferret::encode_few_bits(tensor, chunks, CoordinateFormat::four_bits, rotation, Cuda{},
                                  "test") == bytes);
    ferret::decode_few_bits(bytes, chunks, CoordinateFormat::four_bits, rotation, Cuda{}, "test",
                            tensor);
    CHECK(same_bits(on_host(device_all), expected));
}

TEST_CASE("few bits: coordinates that are too large or not numbers are refused") {
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(std::vector{20000u});
    for (const float bad : {ferret::few_bits_limit, -ferret::few_bits_limit,
                            -std::numeric_limits<float>::infinity()}) {
        std::vector<float> coordinates = some_coordinates(20000);
        coordinates[9000] = bad;
        for (const CoordinateFormat format : rotated_formats) {
            const std::string message = error_message<ferret::NonFinite>([&] {
                static_cast<void>(ferret::encode_few_bits(coordinates, chunks, format, rotation,
                                                          ferret::Cpu{}, "test"));
            });
            CHECK(contains(message, "from 8192 on"));
            CHECK(error_message<ferret::NonFinite>([&] {
                      static_cast<void>(ferret::encode_few_bits(on_device(coordinates), chunks,
                                                                format, rotation, Cuda{}, "test"));
                  }) == message);
        }
    }
    for (const float nan :
         {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN()})
        for (const std::size_t at : {0u, 9000u, 19999u}) {
            std::vector<float> coordinates = some_coordinates(20000);
            coordinates[at] = nan;
            CHECK_THROWS_AS(static_cast<void>(ferret::encode_few_bits(
                                on_device(coordinates), chunks, CoordinateFormat::one_bit, rotation,
                                Cuda{}, "test")),
                            ferret::NonFinite);
        }
}

TEST_CASE("few bits: scales that no encoder writes are refused, and the coordinates stay") {
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(std::vector{9000u});
    const std::vector<float> coordinates = some_coordinates(9000);
    const std::vector<std::byte> good = ferret::encode_few_bits(
        coordinates, chunks, CoordinateFormat::two_bits, rotation, ferret::Cpu{}, "test");
    const std::size_t second = 4 + chunks[0].size / 4;  // where the next chunk's scale lies
    for (const float scale : {std::numeric_limits<float>::quiet_NaN(),
                              std::numeric_limits<float>::infinity(), -1.0f, -0.0f, 0x1p120f}) {
        CAPTURE(scale);
        std::vector<std::byte> bytes = good;
        const auto word = std::bit_cast<std::uint32_t>(scale);
        ferret::store_little_endian({&word, 1}, bytes.data() + second);
        std::vector<float> unused(9000);
        const std::string message = error_message<ferret::Error>([&] {
            ferret::decode_few_bits(bytes, chunks, CoordinateFormat::two_bits, rotation,
                                    ferret::Cpu{}, "test", unused);
        });
        CHECK(contains(message, "from 8192 on"));
        thrust::device_vector<float> device_coordinates = on_device(coordinates);
        CHECK(error_message<ferret::Error>([&] {
                  ferret::decode_few_bits(bytes, chunks, CoordinateFormat::two_bits, rotation,
                                          Cuda{}, "test", device_coordinates);
              }) == message);
        CHECK(on_host(device_coordinates) == coordinates);
    }
}

TEST_CASE("few bits: tensors and bytes that are not the chunks'") {
    const std::vector<RotatedChunk> chunks = ferret::cut_into_chunks(std::vector{100u});
    const auto encode = [&](const auto& coordinates) {
        return ferret::encode_few_bits(coordinates, chunks, CoordinateFormat::one_bit, rotation,
                                       Cuda{}, "test");
    };
    const std::vector<float> values = some_coordinates(100);
    CHECK(contains(error_message<ferret::SketchMismatch>(
                       [&] { static_cast<void>(encode(thrust::device_vector<float>(99))); }),
                   "expected 100 coordinates of 4 bytes, got 99 of 4"));
    CHECK(contains(error_message<ferret::SketchMismatch>(
                       [&] { static_cast<void>(encode(thrust::device_vector<double>(100))); }),
                   "expected 100 coordinates of 4 bytes, got 100 of 8"));
    const std::vector<std::byte> bytes = encode(on_device(values));
    const auto decode = [&](std::span<const std::byte> from, auto& coordinates) {
        ferret::decode_few_bits(from, chunks, CoordinateFormat::one_bit, rotation, Cuda{}, "test",
                                coordinates);
    };
    thrust::device_vector<float> coordinates = on_device(values);
    CHECK_THROWS_AS(decode(std::span(bytes).first(bytes.size() - 4), coordinates),
                    ferret::Truncated);
    CHECK(on_host(coordinates) == values);
    thrust::device_vector<float> longer(101);
    CHECK_THROWS_AS(decode(bytes, longer), ferret::SketchMismatch);
}
