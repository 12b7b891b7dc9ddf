#pragma once

#include <bit>
#include <cstdint>

#include "../../wire/rotation.hpp"
#include "launch.cuh"
#include "round_keys.cuh"
#include "sparse_signs.cuh"

namespace ferret::cuda {

/// Numbers that are rounded together, in words of a bit of each; the lanes of sums over a chunk too.
inline constexpr unsigned numbers_per_word = 32;

/// A message's rotation as kernels see it.
struct RotationView {
    RoundKeys keys[rotation_turns];
    std::uint32_t number;  ///< the block whose basis c has the signs of chunk c
};

/// A chunk in shared memory on its way through the rotation, by a team of threads. The arithmetic is that
/// of the CPU's kernels (cpu::FewBitsKernels), in the same order.
class ChunkInWork {
public:
    FERRET_DEVICE float& operator[](unsigned i) { return values_[place_of(i)]; }

    /// A turn there: signs, then butterflies.
    FERRET_DEVICE void turn_there(const Team& team, const RotationView& rotation, unsigned turn,
                                  std::uint32_t chunk, unsigned size, float factor) {
        flip_signs(team, rotation, turn, chunk, size, [&](unsigned i, const auto& flipped) {
            (*this)[i] = flipped(factor * (*this)[i]);
        });
        hadamard(team, turn, size);
    }

    /// A turn back: butterflies, then signs. write(i, number) takes the results.
    template <class Write>
    FERRET_DEVICE void turn_back(const Team& team, const RotationView& rotation, unsigned turn,
                                 std::uint32_t chunk, unsigned size, float factor,
                                 const Write& write) {
        hadamard(team, turn, size);
        flip_signs(team, rotation, turn, chunk, size, [&](unsigned i, const auto& flipped) {
            write(i, flipped(factor * (*this)[i]));
        });
    }

    /// Lane i % 32 takes in the i-th number: lane = take(lane, number), from zero and in order. Then the
    /// lanes are joined as a tree. Between two calls lies another for_each, or one would write where the other's
    /// result is still being read.
    template <class Take, class Join>
    FERRET_DEVICE float over_lanes(const Team& team, unsigned size, const Take& take,
                                   const Join& join) {
        team.for_each(numbers_per_word, [&](unsigned lane) {
            float result = 0.0f;
            for (unsigned i = lane; i < size; i += numbers_per_word)
                result = take(result, (*this)[i]);
            lanes_[lane] = result;
        });
        for (unsigned width = numbers_per_word / 2; width > 0; width /= 2)
            team.for_each(width, [&](unsigned lane) {
                lanes_[lane] = join(lanes_[lane], lanes_[lane + width]);
            });
        return lanes_[0];
    }

private:
    /// Where a number lies: in its row of 32, in such an order that what the threads of a warp reach for
    /// together, be it 32 numbers side by side, every eighth or 32nd one, or the blocks of 8 or 16 that
    /// butterflies begin at, lies in 32 banks.
    /// Math:   linear over bits: place_of(a ^ b) = place_of(a) ^ place_of(b)
    FERRET_DEVICE static unsigned place_of(unsigned i) {
        const unsigned row = i / 32;
        return i ^ (row & 7) ^ (((row / 2) ^ (row / 8)) & 3) << 3;
    }

    /// visit(i, flipped) for every number, with flipped(value) what its sign makes of a value.
    template <class Visit>
    FERRET_DEVICE void flip_signs(const Team& team, const RotationView& rotation, unsigned turn,
                                  std::uint32_t chunk, unsigned size, const Visit& visit) {
        const unsigned groups = (size + signs_per_group - 1) / signs_per_group;
        team.for_each(groups * counters_per_group, [&](unsigned i) {
            const unsigned group = i / counters_per_group;
            store_sign_words(rotation.keys[turn], chunk, rotation.number, group,
                             i % counters_per_group, sign_words_ + group * words_per_group);
        });
        team.for_each(size, [&](unsigned i) {
            visit(i, [&](float value) { return with_sign(value, sign_words_, i); });
        });
    }

    /// The butterflies of a turn.
    FERRET_DEVICE void hadamard(const Team& team, unsigned turn, unsigned size) {
        auto distance = static_cast<unsigned>(shortest_distance(turn, size));
        for (; 8 * distance <= size; distance *= 8) butterflies<8>(team, size, distance);
        if (4 * distance <= size)
            butterflies<4>(team, size, distance);
        else if (2 * distance <= size)
            butterflies<2>(team, size, distance);
    }

    /// Those of numbers `distance`, 2 `distance`, ... apart, up to Radix / 2 times it. A thread has as many
    /// numbers as are joined at a time in registers.
    template <unsigned Radix>
    FERRET_DEVICE void butterflies(const Team& team, unsigned size, unsigned distance) {
        team.for_each(size / Radix, [&](unsigned item) {
            const unsigned within = item & (distance - 1);
            const unsigned first = place_of((item - within) * Radix + within);
            float a[Radix];
            FERRET_UNROLL_LOOP
            for (unsigned r = 0; r < Radix; ++r) a[r] = values_[first ^ place_of(r * distance)];
            FERRET_UNROLL_LOOP
            for (unsigned apart = 1; apart < Radix; apart *= 2) FERRET_UNROLL_LOOP
            for (unsigned r = 0; r < Radix; ++r) {
                if ((r & apart) != 0) continue;
                const float sum = a[r] + a[r + apart];
                a[r + apart] = a[r] - a[r + apart];
                a[r] = sum;
            }
            FERRET_UNROLL_LOOP
            for (unsigned r = 0; r < Radix; ++r) values_[first ^ place_of(r * distance)] = a[r];
        });
    }

    float values_[largest_chunk];
    std::uint32_t sign_words_[largest_chunk / 32];
    float lanes_[numbers_per_word];
};

}  // namespace ferret::cuda
