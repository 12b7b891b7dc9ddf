#include "secure/hexadecimal.hpp"

#include <doctest/doctest.h>

#include <ferret/secure/identity.hpp>
#include <vector>

using ferret::secure::Identity;
using ferret::secure::is_signed_by;
using ferret::secure::Secret;
using ferret::secure::Signature;
using ferret_test::bytes_of_hex;

TEST_CASE("signatures are Ed25519's") {
    // RFC 8032, section 7.1, test 3.
    const Identity identity(
        Secret(bytes_of_hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")));
    CHECK(identity.public_identity() ==
          bytes_of_hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
    const std::vector<std::byte> content{std::byte{0xAF}, std::byte{0x82}};
    const Signature signature = identity.sign(content);
    const auto first =
        bytes_of_hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac");
    const auto second =
        bytes_of_hex("18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    CHECK(std::equal(first.begin(), first.end(), signature.begin()));
    CHECK(std::equal(second.begin(), second.end(), signature.begin() + 32));
    CHECK(is_signed_by(identity.public_identity(), signature, content));
}

TEST_CASE("another signer, content or signature is told") {
    const Identity identity = Identity::random();
    std::vector<std::byte> content(50, std::byte{3});
    Signature signature = identity.sign(content);
    CHECK(is_signed_by(identity.public_identity(), signature, content));
    CHECK_FALSE(is_signed_by(Identity::random().public_identity(), signature, content));
    CHECK_FALSE(is_signed_by(identity.public_identity(), std::span(signature).first(63), content));
    for (std::size_t at = 0; at < signature.size(); ++at) {
        signature[at] ^= std::byte{1};
        CHECK_FALSE(is_signed_by(identity.public_identity(), signature, content));
        signature[at] ^= std::byte{1};
    }
    content[49] ^= std::byte{128};
    CHECK_FALSE(is_signed_by(identity.public_identity(), signature, content));
}

TEST_CASE("an identity is its seed's") {
    const Identity identity = Identity::random();
    CHECK(Identity(identity.seed()).public_identity() == identity.public_identity());
    CHECK(Identity::random().public_identity() != identity.public_identity());
}
