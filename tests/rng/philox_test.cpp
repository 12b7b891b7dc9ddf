#include <Random123/philox.h>
#include <doctest/doctest.h>

#include <ferret/rng/philox.hpp>

TEST_CASE("philox gives Random123's known answers") {
    using ferret::philox;
    using ferret::PhiloxWords;
    // The philox4x32 lines with 10 rounds of Random123's kat_vectors: zeros, ones, digits of pi.
    CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
          PhiloxWords{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
          PhiloxWords{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          PhiloxWords{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("philox is Random123's for any counter and key") {
    // Each call's counter and key are the words of the call before.
    ferret::PhiloxWords counter{1, 2, 3, 4};
    ferret::PhiloxKey key{5, 6};
    for (int call = 0; call < 10000; ++call) {
        const ferret::PhiloxWords words = ferret::philox(counter, key);
        const philox4x32_ctr_t expected = philox4x32_R(
            10, {{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1]}});
        REQUIRE(words == ferret::PhiloxWords{expected[0], expected[1], expected[2], expected[3]});
        key = {words[1], counter[3]};
        counter = words;
    }
}

TEST_CASE("words are joined and split, low half first") {
    CHECK(ferret::low_word(0x0123456789abcdef) == 0x89abcdef);
    CHECK(ferret::high_word(0x0123456789abcdef) == 0x01234567);
    CHECK(ferret::join_words(0x89abcdef, 0x01234567) == 0x0123456789abcdef);
}
