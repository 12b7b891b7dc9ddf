#include "federated/message/tensor_message.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <ferret/little_endian.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "federated/message/checked_bytes.hpp"

namespace federated {
namespace {

constexpr std::string_view magic = "FEDTENS1";

std::uint32_t type_code(const torch::Tensor& tensor) {
    switch (tensor.scalar_type()) {
        case torch::kFloat32:
            return 1;
        case torch::kFloat64:
            return 2;
        case torch::kFloat16:
            return 3;
        case torch::kBFloat16:
            return 4;
        default:
            break;
    }
    std::ostringstream message;
    message << "tensor message: expected float32, float64, float16 or bfloat16, got "
            << tensor.scalar_type();
    throw std::invalid_argument(message.str());
}

std::size_t byte_count(const torch::Tensor& tensor) {
    return static_cast<std::size_t>(tensor.numel()) * tensor.element_size();
}

std::vector<std::byte> opening(std::size_t tensors) {
    std::vector<std::byte> bytes = opening_letters(magic);
    ferret::append_little_endian(bytes, static_cast<std::uint32_t>(tensors));
    return bytes;
}

std::vector<std::byte> description(const torch::Tensor& tensor) {
    std::vector<std::byte> bytes;
    ferret::append_little_endian(bytes, type_code(tensor));
    ferret::append_little_endian(bytes, static_cast<std::uint32_t>(tensor.dim()));
    for (const std::int64_t size : tensor.sizes()) {
        ferret::append_little_endian(bytes, static_cast<std::uint64_t>(size));
    }
    return bytes;
}

void append(std::vector<std::byte>& bytes, std::span<const std::byte> more) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

std::size_t encoded_size(const Weights& tensors) {
    std::size_t size = opening(tensors.size()).size() + checksum_size;
    for (const auto& tensor : tensors) size += description(tensor).size() + byte_count(tensor);
    return size;
}

void append_tensors(std::vector<std::byte>& bytes, const Weights& tensors) {
    static_assert(std::endian::native == std::endian::little,
                  "the elements are copied as they lie in memory");
    const std::size_t begin = bytes.size();
    bytes.reserve(begin + encoded_size(tensors));
    append(bytes, opening(tensors.size()));
    for (const auto& tensor : tensors) append(bytes, description(tensor));
    for (const auto& tensor : tensors) {
        const torch::Tensor flat = tensor.detach().to(torch::kCPU).contiguous();
        append(bytes, {static_cast<const std::byte*>(flat.data_ptr()), byte_count(flat)});
    }
    append_checksum(bytes, begin);
}

std::vector<std::byte> encode_tensors(const Weights& tensors) {
    std::vector<std::byte> message;
    append_tensors(message, tensors);
    return message;
}

Weights decode_tensors(std::span<const std::byte> message, const Weights& like,
                       std::string_view what) {
    // The message must begin with the very bytes that describe `like`.
    std::size_t offset = 0;
    const auto expect = [&](std::span<const std::byte> expected, const std::string& field) {
        const auto rest = message.subspan(offset);
        if (rest.size() < expected.size() ||
            !std::equal(expected.begin(), expected.end(), rest.begin())) {
            throw std::runtime_error(std::string(what) + ": expected " + field + ", got " +
                                     (rest.size() < expected.size() ? "the end" : "another"));
        }
        offset += expected.size();
    };
    expect(opening(like.size()),
           std::string(magic) + " and " + std::to_string(like.size()) + " tensors");
    for (std::size_t i = 0; i < like.size(); ++i) {
        expect(description(like[i]), "the model's shape and type of tensor " + std::to_string(i));
    }
    if (message.size() != encoded_size(like)) {
        throw std::runtime_error(std::string(what) + ": expected " +
                                 std::to_string(encoded_size(like)) + " bytes, got " +
                                 std::to_string(message.size()));
    }
    if (!fits_checksum(message)) {
        throw std::runtime_error(std::string(what) +
                                 ": expected bytes that fit their checksum, got altered ones");
    }

    Weights tensors;
    tensors.reserve(like.size());
    for (const auto& model : like) {
        torch::Tensor tensor =
            torch::empty(model.sizes(), torch::TensorOptions().dtype(model.scalar_type()));
        const auto elements = message.subspan(offset, byte_count(tensor));
        std::copy(elements.begin(), elements.end(), static_cast<std::byte*>(tensor.data_ptr()));
        offset += elements.size();
        tensors.push_back(tensor.to(model.device()));
    }
    return tensors;
}

}  // namespace federated
