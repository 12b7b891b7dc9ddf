#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace federated {

/// Some of a list's numbers, each with its place in the list.
struct SparseNumbers {
    std::uint64_t size = 0;              ///< of the whole list, at most 2^32
    std::vector<std::uint32_t> indices;  ///< ascending, below size
    std::vector<float> values;           ///< one an index
};

/// Whether an index may come more than once.
enum class Repeats { refused, allowed };

/// The numbers as bytes: what FedKSeed and the public Ferret send.
///
/// Little-endian: the 8 characters "FEDNUMB1", the list's size (u64), the form (u32), the number of
/// indices n (u32; 2^32 as 0), the indices, the values (float32), the CRC-64/XZ of everything before
/// (u64). Form 1 holds all numbers and no indices, form 2 indices of 16 bits, for lists of up to
/// 2^16 numbers, form 3 indices of 32 bits.
/// Cost:   32 bytes and 6 n or 8 n; 4 size where that is less, with zero for the numbers left out
/// Throws: std::invalid_argument for indices that are not as SparseNumbers says
std::vector<std::byte> encode_numbers(const SparseNumbers& numbers);

/// encode_numbers of a whole list.
std::vector<std::byte> encode_numbers(std::span<const float> values);

/// The mean of clients' numbers, at every place that any of them names, each place once.
/// Math:   value_i = (sum over clients of their numbers at i) / clients, added up as double
/// Cost:   O(n log n) for n numbers in all
/// Throws: std::invalid_argument for no clients
SparseNumbers mean_of(std::span<const SparseNumbers> clients);

/// How many of the values are not zero: numbers that travelled whole have zeros for those left out.
std::size_t count_nonzero(const SparseNumbers& numbers);

/// The size of encode_numbers for a whole list.
std::size_t encoded_numbers_size(std::uint64_t size);

/// The size of encode_numbers for about `count` numbers of a list.
double expected_numbers_size(double count, std::uint64_t size);

/// How many of `pool` are drawn at least once, on average, in `draws` independent draws that each
/// hit one of them with the probability `share`.
double expected_distinct(double pool, double share, double draws);

/// The numbers of a message. `size` is the list's; `what` names the message in errors.
/// Cost:   memory in proportion to the message
/// Throws: std::runtime_error for a message that is cut, altered, of another size, whose indices are
///         not ascending (repeats only where allowed) or whose values are not finite
SparseNumbers decode_numbers(std::span<const std::byte> message, std::uint64_t size,
                             Repeats repeats, std::string_view what);

/// Every number of a list that came whole.
/// Throws: as decode_numbers, and for a message that leaves numbers out
std::vector<float> decode_all_numbers(std::span<const std::byte> message, std::uint64_t size,
                                      std::string_view what);

}  // namespace federated
