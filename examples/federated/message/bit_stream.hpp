#pragma once

#include <cstdint>
#include <ferret/error.hpp>
#include <ferret/wire/frame.hpp>

namespace federated {

/// Writes numbers of any number of bits into a frame, the lowest bit first: bit i of the stream is bit
/// i mod 8 of byte i / 8.
class BitWriter {
public:
    /// `frame` outlives this object.
    explicit BitWriter(ferret::FrameWriter& frame) : frame_(frame) {}

    /// The lowest `count` bits of `value`, at most 32.
    void bits(std::uint32_t value, unsigned count) {
        const std::uint64_t kept = value & ((std::uint64_t{1} << count) - 1);
        pending_ |= kept << pending_count_;
        pending_count_ += count;
        for (; pending_count_ >= 8; pending_count_ -= 8, pending_ >>= 8) {
            frame_.number(static_cast<std::uint8_t>(pending_ & 0xFFu));
        }
    }

    /// So many ones, and a zero.
    void unary(std::uint64_t ones) {
        for (; ones >= 32; ones -= 32) bits(0xFFFF'FFFFu, 32);
        bits((std::uint32_t{1} << ones) - 1, static_cast<unsigned>(ones) + 1);
    }

    /// Zeros up to the next whole byte.
    void finish() {
        if (pending_count_ > 0) bits(0, 8 - pending_count_);
    }

private:
    ferret::FrameWriter& frame_;
    std::uint64_t pending_ = 0;
    unsigned pending_count_ = 0;  ///< below 8 between calls
};

/// Reads what BitWriter wrote. Nothing it gives out was not there.
class BitReader {
public:
    /// `frame` outlives this object.
    explicit BitReader(ferret::FrameReader& frame) : frame_(frame) {}

    /// Bits that were not read yet.
    std::uint64_t left() const { return pending_count_ + 8 * std::uint64_t{frame_.left()}; }

    /// The next `count` bits, at most 32. Throws: ferret::Truncated
    std::uint32_t bits(unsigned count) {
        for (; pending_count_ < count; pending_count_ += 8) {
            pending_ |= std::uint64_t{frame_.number<std::uint8_t>()} << pending_count_;
        }
        const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << count) - 1));
        pending_ >>= count;
        pending_count_ -= count;
        return value;
    }

    /// The ones before the next zero. Throws: ferret::Truncated
    std::uint64_t unary() {
        std::uint64_t ones = 0;
        while (bits(1) == 1) ++ones;
        return ones;
    }

    /// For the end: nothing may be left but the zeros of the last byte. Throws: ferret::Malformed
    void expect_end() const {
        if (pending_ != 0) {
            throw ferret::Malformed(frame_.name() +
                                    ": expected zeros after its last bit, got ones");
        }
        frame_.expect_end();
    }

private:
    ferret::FrameReader& frame_;
    std::uint64_t pending_ = 0;
    unsigned pending_count_ = 0;
};

}  // namespace federated
