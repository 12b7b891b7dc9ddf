#include "fed_llm/data/dataset_fingerprint.hpp"

#include <cstddef>
#include <cstdint>
#include <ferret/crc64.hpp>
#include <ferret/little_endian.hpp>
#include <vector>

#include "federated/store/hexadecimal.hpp"

namespace fed_llm {
namespace {

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
    return federated::hexadecimal(ferret::crc64(bytes));
}

}  // namespace fed_llm
