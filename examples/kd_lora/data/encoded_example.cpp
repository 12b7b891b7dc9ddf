#include "kd_lora/data/encoded_example.hpp"

#include <cstddef>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <stdexcept>
#include <string>

#include "federated/store/hexadecimal.hpp"

namespace kd_lora {

std::vector<EncodedExample> encode(std::span<const LabelledExample> examples,
                                   const Tokenize& tokenize,
                                   const std::function<void()>& on_example) {
    std::vector<EncodedExample> encoded;
    encoded.reserve(examples.size());
    for (const LabelledExample& example : examples) {
        if (on_example) on_example();
        encoded.push_back({tokenize(example.sentence), example.label});
        if (encoded.back().tokens.empty()) {
            throw std::invalid_argument("encode: expected tokens, got none for '" +
                                        example.sentence + "'");
        }
    }
    return encoded;
}

std::string fingerprint(std::span<const EncodedExample> examples) {
    std::vector<std::byte> bytes;
    for (const EncodedExample& example : examples) {
        ferret::append_little_endian(bytes, static_cast<std::uint64_t>(example.label));
        ferret::append_little_endian(bytes, std::uint64_t{example.tokens.size()});
        for (const std::int64_t token : example.tokens) {
            ferret::append_little_endian(bytes, static_cast<std::uint64_t>(token));
        }
    }
    return federated::hexadecimal(ferret::crc64(bytes));
}

}  // namespace kd_lora
