#include "run/fingerprint.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <vector>

#include "federation/tensor_message.hpp"

namespace fed_llm {
namespace {

std::string hexadecimal(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
    return text;
}

void append_tokens(std::vector<std::byte>& bytes, const Example& example) {
    ferret::append_little_endian(bytes, std::uint64_t{example.prompt_length});
    for (const std::int64_t token : example.tokens) {
        ferret::append_little_endian(bytes, static_cast<std::uint64_t>(token));
    }
}

}  // namespace

std::string fingerprint(const FederatedDataset& dataset) {
    std::vector<std::byte> bytes;
    for (const Client& client : dataset.clients) {
        ferret::append_little_endian(bytes, std::uint64_t{client.examples.size()});
        for (const Example& example : client.examples) append_tokens(bytes, example);
    }
    for (const Example& example : dataset.test) append_tokens(bytes, example);
    return hexadecimal(ferret::crc64(bytes));
}

std::string fingerprint(const Weights& weights) {
    std::vector<std::byte> checksums;
    for (const torch::Tensor& tensor : weights) {
        // One tensor at a time: the model may fill most of the memory. A message ends in the
        // checksum of what is before it; the checksum of all of it would be the same for all.
        const std::vector<std::byte> message = encode_tensors({tensor});
        checksums.insert(checksums.end(), message.end() - sizeof(std::uint64_t), message.end());
    }
    return hexadecimal(ferret::crc64(checksums));
}

}  // namespace fed_llm
