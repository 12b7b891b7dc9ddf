#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/ferret.hpp>
#include <ferret/little_endian.hpp>
#include <ferret/protocol/model_fingerprint.hpp>
#include <ferret/reference.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

// What a golden file says, written anew by the library as it is. README.md has the format.

namespace ferret_test {

/// One file of golden values.
struct GoldenCase {
    std::string file;
    std::string_view basis;
    std::vector<std::size_t> block_sizes;
    std::vector<std::uint32_t> bases_per_block;
    bool whole;  ///< entries, reconstruction and messages too, not coordinates alone
};

inline std::vector<GoldenCase> golden_cases() {
    std::vector<GoldenCase> cases;
    for (const auto& [name, id] : ferret::basis_names)
        cases.push_back(
            {std::string(name) + ".txt", name, {5, 12, 300, 9000}, {2, 3, 7, 12}, true});
    const std::size_t over_a_segment = (std::size_t{1} << 20) + 5000;
    for (const std::string_view name :
         {ferret::Rademacher::name, ferret::SparseSign::name, ferret::TruncatedNormal<16>::name})
        cases.push_back({std::string(name) + "-large.txt", name, {over_a_segment}, {3}, false});
    // So large that 32-bit uniforms need no polynomial either.
    cases.push_back({"truncated-normal-32-large.txt",
                     ferret::TruncatedNormal<32>::name,
                     {(std::size_t{1} << 21) + 77},
                     {2},
                     false});
    // Chunks of one, two and five elements a basis, the second in stretches of many chunks.
    cases.push_back({"sparse-sign-many.txt",
                     ferret::SparseSign::name,
                     {9000, 400000, 70000},
                     {4100, 1500, 700},
                     false});
    return cases;
}

/// Element i of the golden update.
inline float golden_delta(std::uint64_t i) {
    return static_cast<float>(static_cast<int>((i * 7919) % 2003) - 1001) / 1000.0f;
}

/// A number exactly, as C's %a writes it: 0x1.8p+0.
inline std::string hexadecimal(double value) {
    std::array<char, 64> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), std::abs(value),
                                   std::chars_format::hex);
    return (std::signbit(value) ? "-0x" : "0x") + std::string(digits.data(), end.ptr);
}

inline std::string hexadecimal(std::uint64_t value) {
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4)
        digits += "0123456789abcdef"[(value >> shift) & 15];
    return digits;
}

inline std::string hexadecimal(std::span<const std::byte> bytes) {
    std::string digits;
    for (const std::byte byte : bytes)
        for (const int shift : {4, 0})
            digits += "0123456789abcdef"[(static_cast<unsigned>(byte) >> shift) & 15];
    return digits;
}

/// Adds a number to a line.
inline void add_number(std::string& line, std::uint64_t number) {
    line += ' ';
    line += std::to_string(number);
}

/// CRC-64/XZ of floats as little-endian bytes.
inline std::string checksum(std::span<const float> values) {
    std::vector<std::byte> bytes;
    for (const float value : values)
        ferret::append_little_endian(bytes, std::bit_cast<std::uint32_t>(value));
    return hexadecimal(ferret::crc64(bytes));
}

/// The elements of a block that a golden file shows: the first 20 and every 211th.
inline bool is_shown(std::uint64_t element) {
    return element < 20 || element % 211 == 0;
}

/// The rotations that golden messages of few bits have: a server's, and a client's.
inline constexpr std::array<std::uint32_t, 2> golden_rotations{0, 7};

/// Tensors as the CPU backend takes them.
struct OnHost {
    std::vector<float> place(std::vector<float> tensor) const { return tensor; }
    std::vector<float> fetch(const std::vector<float>& tensor) const { return tensor; }
};

/// The text of a case's file, as a backend makes it.
/// Memory: place(host tensor) gives a tensor that the backend takes, fetch(tensor) the host's again
template <class Backend = ferret::Cpu, class Memory = OnHost>
std::string golden_text(const GoldenCase& golden, const Backend& backend = {},
                        const Memory& memory = {}) {
    const ferret::Seed seed{42, 7};
    const ferret::Basis basis = ferret::parse_basis(golden.basis);
    const ferret::Layout layout = ferret::Layout::per_tensor(golden.block_sizes);
    std::vector<decltype(memory.place({}))> delta;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        std::vector<float> tensor;
        for (std::uint64_t i = 0; i < layout.block_size(block); ++i)
            tensor.push_back(golden_delta(layout.block_offset(block) + i));
        delta.push_back(memory.place(std::move(tensor)));
    }
    const ferret::Projector project{layout, basis, ferret::Uniform{layout.block_count() * 2},
                                    backend};
    const ferret::Sketch sketch =
        project.project_shard(delta, ferret::Shard::all(layout), golden.bases_per_block, seed);

    std::string text = "ferret-golden 1\n";
    text += "basis " + std::string(golden.basis) + " " +
            std::to_string(static_cast<int>(sketch.basis)) + "\n";
    text += "seed 42 7\nblock_sizes";
    for (const std::size_t size : golden.block_sizes) add_number(text, size);
    text += "\nbases_per_block";
    for (const std::uint32_t bases : golden.bases_per_block) add_number(text, bases);
    text += "\nlayout_fingerprint " + hexadecimal(layout.fingerprint()) + "\n";

    const bool few = sketch.coordinates.size() <= 100;
    std::size_t index = 0;
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (std::uint32_t k = 0; k < golden.bases_per_block[block]; ++k, ++index)
            if (few || is_shown(k))
                text += "coordinate " + std::to_string(block) + " " + std::to_string(k) + " " +
                        hexadecimal(static_cast<double>(sketch.coordinates[index])) + "\n";
    text += "coordinates_checksum " + checksum(sketch.coordinates) + "\n";
    if (!golden.whole) return text;

    // Basis 1, the last one that all blocks have.
    for (std::size_t block = 0; block < layout.block_count(); ++block)
        for (std::uint64_t i = 0; i < layout.block_size(block); ++i)
            if (is_shown(i))
                text += "entry " + std::to_string(block) + " 1 " + std::to_string(i) + " " +
                        hexadecimal(ferret::reference::entry(basis, layout, seed, block,
                                                             golden.bases_per_block[block], 1, i)) +
                        "\n";

    std::vector<decltype(memory.place({}))> model;
    for (const auto& tensor : delta)
        model.push_back(memory.place(std::vector<float>(tensor.size(), 0.0f)));
    ferret::Reconstructor{layout, basis, backend}(sketch, model, -0.5f);
    std::vector<float> update;
    for (std::size_t block = 0; block < layout.block_count(); ++block) {
        const std::vector<float> values = memory.fetch(model[block]);
        for (std::size_t i = 0; i < values.size(); ++i) {
            update.push_back(values[i]);
            if (is_shown(i))
                text += "update " + std::to_string(block) + " " + std::to_string(i) + " " +
                        hexadecimal(static_cast<double>(values[i])) + "\n";
        }
    }
    text += "update_checksum " + checksum(update) + "\n";
    text += "message_float32 " + hexadecimal(ferret::encode(sketch)) + "\n";
    text += "message_int16 " +
            hexadecimal(ferret::encode(sketch, ferret::CoordinateFormat::int16)) + "\n";
    for (const auto& [name, format] : ferret::coordinate_format_names) {
        if (!ferret::is_rotated(format)) continue;
        for (const std::uint32_t rotation : golden_rotations) {
            const std::vector<std::byte> message = ferret::encode(sketch, format, rotation);
            const std::string end_of_key = std::string(name) + " " + std::to_string(rotation) + " ";
            text += "message_" + end_of_key + hexadecimal(message) + "\n";
            text += "decoded_" + end_of_key + checksum(ferret::decode(message).coordinates) + "\n";
        }
    }
    return text;
}

/// The name of the golden file of coordinates in few bits.
inline constexpr std::string_view few_bits_file = "few-bits.txt";

/// The text of that file: two lists of chunks, each with one of 8192 coordinates.
inline std::string few_bits_text() {
    const std::vector<std::uint32_t> bases_per_block{8000, 300, 9000, 40};
    std::vector<float> coordinates;
    std::string text = "ferret-golden 1\nseed 42 7\nbases_per_block";
    for (const std::uint32_t bases : bases_per_block) {
        add_number(text, bases);
        for (std::uint32_t k = 0; k < bases; ++k)
            coordinates.push_back(golden_delta(coordinates.size()));
    }
    text += "\n";
    const std::vector<ferret::RotatedChunk> chunks = ferret::cut_into_chunks(bases_per_block);
    for (const auto& [name, format] : ferret::coordinate_format_names) {
        if (!ferret::is_rotated(format)) continue;
        for (const std::uint32_t number : golden_rotations) {
            const ferret::Rotation rotation{{42, 7}, number};
            const std::vector<std::byte> bytes =
                ferret::encode_few_bits(coordinates, chunks, format, rotation, {}, "golden");
            std::vector<float> decoded(coordinates.size());
            ferret::decode_few_bits(bytes, chunks, format, rotation, {}, "golden", decoded);
            text += "few_bits " + std::string(name) + " " + std::to_string(number) + " " +
                    hexadecimal(ferret::crc64(bytes)) + " " + checksum(decoded) + "\n";
        }
    }
    return text;
}

/// The name of the golden file of models' fingerprints.
inline constexpr std::string_view fingerprint_file = "model-fingerprint.txt";

/// The text of that file.
inline std::string fingerprint_text() {
    std::string text = "ferret-golden 1\n";
    const auto add_lines = [&]<class T>(const std::string& dtype, T) {
        for (const std::size_t size : {1u, 1024u, 5000u}) {
            std::vector<T> model;
            for (std::uint64_t i = 0; i < size; ++i)
                model.push_back(static_cast<T>(golden_delta(i)));
            const auto layout = ferret::Layout::per_tensor({size});
            text += "model_fingerprint " + dtype + " " + std::to_string(size) + " " +
                    hexadecimal(ferret::model_fingerprint(layout, model)) + "\n";
        }
    };
    add_lines("float32", float{});
    add_lines("float64", double{});
    add_lines("bfloat16", ferret::bfloat16{});
    add_lines("float16", ferret::half{});
    return text;
}

}  // namespace ferret_test
