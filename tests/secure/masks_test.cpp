#include "secure/hexadecimal.hpp"
#include "secure/small_order.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/secure/masks.hpp>
#include <vector>

using ferret::secure::add_mask;
using ferret::secure::Bytes32;
using ferret::secure::is_of_small_order;
using ferret::secure::MaskSign;
using ferret::secure::RoundKey;
using ferret::secure::seal;
using ferret::secure::SealedShares;
using ferret::secure::Secret;
using ferret::secure::SharePair;
using ferret_test::bytes_of_hex;

TEST_CASE("public keys are X25519's") {
    // RFC 7748, section 5.2: the first iteration, whose scalar and point are both 9.
    const RoundKey key(Secret(Bytes32{std::byte{9}}));
    CHECK(key.public_key() ==
          bytes_of_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
}

TEST_CASE("two agree on what nobody else has, and on another for each purpose and opening") {
    const RoundKey a = RoundKey::random();
    const RoundKey b = RoundKey::random();
    const RoundKey c = RoundKey::random();
    const Bytes32 opening{std::byte{1}};
    const Secret agreed = a.agree("purpose", opening, 3, 5, b.public_key());
    CHECK(agreed == b.agree("purpose", opening, 5, 3, a.public_key()));
    CHECK(agreed != c.agree("purpose", opening, 5, 3, a.public_key()));
    CHECK(agreed != a.agree("other", opening, 3, 5, b.public_key()));
    CHECK(agreed != a.agree("purpose", Bytes32{std::byte{2}}, 3, 5, b.public_key()));
}

TEST_CASE("agreements are of numbers and keys, so that a copied public key gives another one") {
    const RoundKey a = RoundKey::random();
    const RoundKey b = RoundKey::random();
    const Bytes32 opening{std::byte{1}};
    const Secret agreed = a.agree("purpose", opening, 3, 5, b.public_key());
    // Client 7 claims client 5's key, or client 3's.
    CHECK(agreed != a.agree("purpose", opening, 3, 7, b.public_key()));
    CHECK(agreed != b.agree("purpose", opening, 5, 7, a.public_key()));
    // Of one client with two numbers each key is still its own.
    CHECK(a.agree("purpose", opening, 3, 7, b.public_key()) !=
          a.agree("purpose", opening, 5, 7, b.public_key()));
}

TEST_CASE("an agreed key is the hash that docs/wire.md gives") {
    const RoundKey a = RoundKey::random();
    const RoundKey b = RoundKey::random();
    Secret product;
    REQUIRE(crypto_scalarmult(ferret::secure::raw(product.data()),
                              ferret::secure::raw(b.secret().data()),
                              ferret::secure::raw(a.public_key().data())) == 0);
    ferret::secure::Hasher hasher("ferret mask");
    hasher.add(product);
    hasher.add(Bytes32{std::byte{1}});
    hasher.add(std::uint64_t{3});
    hasher.add(std::uint64_t{500});
    hasher.add((std::min)(a.public_key(), b.public_key()));
    hasher.add((std::max)(a.public_key(), b.public_key()));
    CHECK(a.agree("ferret mask", Bytes32{std::byte{1}}, 500, 3, b.public_key()) == hasher.hash());
}

TEST_CASE("public keys that give everybody the same are refused") {
    const RoundKey key = RoundKey::random();
    for (const Bytes32& small : ferret_test::keys_of_small_order()) {
        CHECK_THROWS_AS(static_cast<void>(key.agree("p", {}, 3, 5, small)), ferret::Forged);
        CHECK(is_of_small_order(small));
    }
    CHECK_FALSE(is_of_small_order(key.public_key()));
    // X25519's base point.
    CHECK_FALSE(is_of_small_order(Bytes32{std::byte{9}}));
}

TEST_CASE("sealed shares open for their recipient, key and context alone") {
    const SharePair shares{Secret::random(), Secret::random()};
    const Secret key = Secret::random();
    const Bytes32 context{std::byte{7}};
    const SealedShares sealed = seal(shares, key, 3, 5, context);
    const auto opened = open(sealed, key, 3, 5, context);
    REQUIRE(opened);
    CHECK(opened->of_self_mask == shares.of_self_mask);
    CHECK(opened->of_mask_key == shares.of_mask_key);
    CHECK_FALSE(open(sealed, key, 5, 3, context));
    CHECK_FALSE(open(sealed, key, 3, 6, context));
    CHECK_FALSE(open(sealed, Secret::random(), 3, 5, context));
    CHECK_FALSE(open(sealed, key, 3, 5, Bytes32{}));
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        SealedShares changed = sealed;
        changed[at] ^= std::byte{64};
        CHECK_FALSE(open(changed, key, 3, 5, context));
    }
    // The way back has another stream under the same key.
    const SealedShares back = seal(shares, key, 5, 3, context);
    CHECK_FALSE(std::equal(sealed.begin(), sealed.begin() + 64, back.begin()));
}

TEST_CASE("masks are ChaCha20's words") {
    // RFC 8439, appendix A.1, test vectors 1 and 2: key and nonce 0, blocks 0 and 1.
    const std::vector<std::uint32_t> expected{
        0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd, 0x1aed8da0, 0xccef36a8,
        0xc70d778b, 0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8, 0xf4b8436a, 0x1ca11815,
        0x69b687c3, 0x8665eeb2, 0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73, 0xa0290fcb,
        0x6965e348, 0x3e53c612, 0xed7aee32, 0x7621b729, 0x434ee69c, 0xb03371d5, 0xd539d874,
        0x281fed31, 0x45fb0a51, 0x1f0ae1ac, 0x6f4d794b};
    std::vector<std::uint32_t> integers(expected.size(), 0);
    add_mask(integers, Secret{}, MaskSign::plus);
    CHECK(integers == expected);
}

TEST_CASE("a mask that is added and subtracted is gone, however long the integers are") {
    for (const std::size_t count : {0u, 1u, 15u, 16u, 17u, 1023u, 1024u, 1025u, 5000u}) {
        std::vector<std::uint32_t> integers(count);
        for (std::size_t i = 0; i < count; ++i) integers[i] = static_cast<std::uint32_t>(i * i);
        const std::vector<std::uint32_t> before = integers;
        const Secret seed = Secret::random();
        add_mask(integers, seed, MaskSign::plus);
        CHECK((integers == before) == (count == 0));
        std::vector<std::uint32_t> longer = before;
        longer.resize(count + 100, 0);
        add_mask(longer, seed, MaskSign::plus);
        CHECK(std::equal(integers.begin(), integers.end(), longer.begin()));
        add_mask(integers, seed, MaskSign::minus);
        CHECK(integers == before);
    }
}

TEST_CASE("the words of a mask go on from block to block") {
    // The words from 1024 on are those that libsodium gives in one piece.
    std::vector<std::uint32_t> integers(3000, 0);
    const Secret seed = Secret::random();
    add_mask(integers, seed, MaskSign::plus);
    std::vector<std::byte> stream(4 * integers.size());
    const unsigned char nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {};
    crypto_stream_chacha20_ietf(ferret::secure::raw(stream.data()), stream.size(), nonce,
                                ferret::secure::raw(seed.data()));
    for (std::size_t i = 0; i < integers.size(); ++i)
        REQUIRE(integers[i] == ferret::read_little_endian<std::uint32_t>(stream, 4 * i));
}
