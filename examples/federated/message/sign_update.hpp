#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace federated {

/// An update as signs: what sign-feedback sends, up and down. `sizes` are those of the tensors that the
/// values belong to, one after the other.
///
/// Math:   a value v of tensor t travels as its sign, and comes back as that times the mean of |v| over t
/// Cost:   22 bytes, 4 a tensor, and a bit a value
/// Throws: std::invalid_argument unless the sizes add up to the values; ferret::NonFinite for a value that
///         is not finite
/// Repro:  the bytes are a function of the values; means are added up as double, in order
/// Source: Seide et al., Interspeech 2014; with a scale by which error feedback converges: Karimireddy et
///         al., ICML 2019, arXiv 1901.09847
std::vector<std::byte> encode_signs(std::span<const float> values,
                                    std::span<const std::size_t> sizes);

/// The values as the bytes have them. `what` begins the messages of errors.
/// Cost:   4 bytes a value, after the message's size was found to be right
/// Throws: ferret::WireError for a message that is cut, altered, or of other tensors; ferret::NonFinite for
///         a scale that is not finite
std::vector<float> decode_signs(std::span<const std::byte> message,
                                std::span<const std::size_t> sizes, const std::string& what);

/// The size of encode_signs for these tensors.
std::size_t encoded_signs_size(std::span<const std::size_t> sizes);

}  // namespace federated
