#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "federated/message/sparse_message.hpp"

namespace federated {

/// How the values of a sparse update travel.
enum class EntryFormat : std::uint8_t {
    float32 = 1,  ///< 32 bits each, exact
    bits8 =
        2,  ///< 8 bits each: of 255 linear steps up to the largest magnitude, which comes back exact
    bits1 = 3  ///< 1 bit each: the sign; the magnitude is the mean of all
};

/// Some entries of an update as bytes: what top-k sends, up and down.
///
/// Math:   The gaps between indices are coded with Golomb-Rice codes of parameter r: floor(gap / 2^r) in
///         unary and r bits, r being the one that makes this message shortest. A value v travels as
///         round(127 v / s) with s = max |v| and comes back as s q / 127, or as its sign with
///         s = mean |v|.
/// Cost:   24 bytes, 28 with a scale, and an entry's value and about log2(size / n) + 1.5 bits;
///         O(n log(size / n)) time
/// Throws: std::invalid_argument for indices that are not as SparseNumbers says, come twice, or are of a
///         list of 2^32 numbers or more; ferret::NonFinite for a value that is not finite
/// Repro:  the bytes are a function of the numbers
/// Source: Golomb, IEEE Trans. Inf. Theory 1966; Rice, JPL 1979; signs with their mean magnitude:
///         Sattler et al., IEEE TNNLS 2020, arXiv 1903.02891
std::vector<std::byte> encode_sparse_update(const SparseNumbers& numbers, EntryFormat format);

/// The numbers as the bytes have them. `size` is the list's; `what` begins the messages of errors.
/// Cost:   memory in proportion to the message
/// Throws: ferret::WireError for a message that is cut, altered, of another size or format, or whose
///         indices are not below the size; ferret::NonFinite for values or a scale that are not finite
SparseNumbers decode_sparse_update(std::span<const std::byte> message, std::uint64_t size,
                                   EntryFormat format, const std::string& what);

/// The size of encode_sparse_update for about `count` entries that lie anywhere in a list of `size`
/// numbers.
double expected_sparse_update_size(double count, std::uint64_t size, EntryFormat format);

/// The most entries whose expected size is `bytes` at most; none if not even one's is.
std::uint64_t most_entries(double bytes, std::uint64_t size, EntryFormat format);

}  // namespace federated
