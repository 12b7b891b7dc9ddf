#include "secure/hexadecimal.hpp"

#include <doctest/doctest.h>

#include <ferret/secure/sodium.hpp>
#include <new>

using ferret::secure::Bytes32;
using ferret::secure::Hasher;
using ferret::secure::Secret;
using ferret_test::bytes_of_hex;

TEST_CASE("hashes are BLAKE2b's, of lengths and parts") {
    // BLAKE2b-256 of the 8 bytes of the length 3, "abc", 7 in 8 bytes; by Python's hashlib:
    // blake2b(struct.pack('<Q', 3) + b'abc' + struct.pack('<Q', 7), digest_size=32).hexdigest()
    Hasher hasher("abc");
    hasher.add(std::uint64_t{7});
    CHECK(hasher.hash() ==
          bytes_of_hex("3b4c94faf8e7b847760cc2fd63cdab6e08221196bfae87ed4c527358f79ae314"));
}

TEST_CASE("lists that are cut differently, or meant differently, have different hashes") {
    const auto hash = [](std::string_view purpose, std::initializer_list<std::string_view> parts) {
        Hasher hasher(purpose);
        for (const std::string_view part : parts) hasher.add(std::as_bytes(std::span(part)));
        return hasher.hash();
    };
    CHECK(hash("p", {"ab", "c"}) == hash("p", {"ab", "c"}));
    CHECK(hash("p", {"ab", "c"}) != hash("p", {"a", "bc"}));
    CHECK(hash("p", {"ab", "c"}) != hash("p", {"abc"}));
    CHECK(hash("p", {"ab"}) != hash("q", {"ab"}));
    CHECK(hash("p", {"ab"}) != hash("pab", {}));
}

TEST_CASE("a secret's memory is wiped when it goes") {
    alignas(Secret) std::byte memory[sizeof(Secret)];
    auto* const secret = new (memory) Secret(Secret::random());
    CHECK(*secret != Bytes32{});
    secret->~Secret();
    for (const std::byte byte : memory) CHECK(byte == std::byte{0});
}

TEST_CASE("no two random secrets are alike") {
    CHECK(Secret::random() != Secret::random());
}
