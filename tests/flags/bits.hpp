#pragma once

#include <bit>
#include <cinttypes>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ferret/ferret.hpp>
#include <vector>

namespace ferret_test {
namespace {  // every source has its own, made with its own flags

/// Whether messages and rebuilt models of every basis have the bits that they have everywhere.
bool has_everybodys_bits() {
    const auto layout = ferret::Layout::per_tensor({5000, 300, 7});
    std::vector<std::vector<float>> before;
    std::vector<std::vector<float>> after;
    std::uint32_t state = 12345;
    const auto next = [&state] {
        state = state * 1664525u + 1013904223u;
        return static_cast<float>(state >> 8) * 0x1p-24f - 0.5f;
    };
    for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor) {
        before.emplace_back();
        after.emplace_back();
        for (std::size_t i = 0; i < layout.tensor_size(tensor); ++i) {
            before.back().push_back(next());
            after.back().push_back(next());
        }
    }
    std::vector<std::byte> bytes;
    for (const auto& [name, id] : ferret::basis_names) {
        const ferret::Basis basis = ferret::parse_basis(name);
        const ferret::Sketch sketch = ferret::Projector{layout, basis, ferret::MinimumError{64}}(
            before, after, ferret::Seed{42, 7});
        for (const std::byte byte : ferret::encode(sketch, ferret::CoordinateFormat::int16))
            bytes.push_back(byte);
        const auto rebuild = [&]<class Stored>(Stored) {
            std::vector<std::vector<Stored>> model;
            for (const std::vector<float>& tensor : before) {
                model.emplace_back();
                for (const float value : tensor) model.back().push_back(Stored(value));
            }
            ferret::Reconstructor{layout, basis}(sketch, model, -0.3f);
            for (const std::vector<Stored>& tensor : model)
                for (const Stored value : tensor)
                    ferret::append_little_endian(
                        bytes, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
        };
        rebuild(float{});
        rebuild(double{});
        rebuild(ferret::bfloat16{});
        rebuild(ferret::half{});
    }
    // The numbers are those that the golden files pin.
    constexpr std::uint64_t expected = 0x553ddd4c06ee047d;
    const std::uint64_t digest = ferret::crc64(bytes);
    if (digest != expected)
        std::printf("expected checksum %016" PRIx64 ", got %016" PRIx64 "\n", expected, digest);
    return digest == expected;
}

}  // namespace
}  // namespace ferret_test
