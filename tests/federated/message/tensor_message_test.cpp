#include "federated/message/tensor_message.hpp"

#include <stdexcept>

#include "federated/support/bigram_model.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

Weights every_type() {
    const torch::Tensor values = torch::sin(torch::arange(12, torch::kFloat64)).view({3, 4});
    return {values.to(torch::kFloat32), values, values.to(torch::kFloat16),
            values.to(torch::kBFloat16), torch::tensor(1.5f)};
}

}  // namespace

TEST_CASE("a round trip keeps every bit") {
    const Weights tensors = every_type();
    const auto message = encode_tensors(tensors);
    CHECK(message.size() == encoded_size(tensors));
    CHECK(same_bits(decode_tensors(message, tensors, "test"), tensors));
    CHECK((encode_tensors(decode_tensors(message, tensors, "test")) == message));
}

TEST_CASE("non-contiguous tensors are encoded by their elements") {
    const Weights transposed = {every_type()[0].t()};
    const Weights decoded = decode_tensors(encode_tensors(transposed), transposed, "test");
    CHECK(same_bits(decoded, transposed));
}

TEST_CASE("a message cut anywhere is refused") {
    const Weights tensors = every_type();
    const auto message = encode_tensors(tensors);
    for (std::size_t size = 0; size < message.size(); ++size) {
        CHECK_THROWS_AS(decode_tensors(std::span(message).first(size), tensors, "test"),
                        std::runtime_error);
    }
    auto longer = message;
    longer.push_back(std::byte{0});
    CHECK_THROWS_AS(decode_tensors(longer, tensors, "test"), std::runtime_error);
}

TEST_CASE("a message with any byte altered is refused") {
    const Weights tensors = every_type();
    const auto message = encode_tensors(tensors);
    for (std::size_t i = 0; i < message.size(); ++i) {
        auto altered = message;
        altered[i] ^= std::byte{1};
        CHECK_THROWS_AS(decode_tensors(altered, tensors, "test"), std::runtime_error);
    }
}

TEST_CASE("a message of another model is refused with the tensor's number") {
    const auto message = encode_tensors({torch::ones({2, 3}), torch::ones({4})});
    CHECK_THROWS_WITH_AS(
        decode_tensors(message, {torch::ones({2, 3}), torch::ones({5})}, "message"),
        "message: expected the model's shape and type of tensor 1, got another",
        std::runtime_error);
    CHECK_THROWS_WITH_AS(decode_tensors(message, {torch::ones({2, 3})}, "message"),
                         "message: expected FEDTENS1 and 1 tensors, got another",
                         std::runtime_error);
    CHECK_THROWS_AS(encode_tensors({torch::ones({2}, torch::kInt64)}), std::invalid_argument);
}
