#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/rng/seed.hpp>
#include <set>

using ferret::basis_key;
using ferret::PhiloxKey;
using ferret::PhiloxWords;
using ferret::Seed;

TEST_CASE("derived seeds keep the round and differ") {
    std::set<std::uint64_t> values;
    for (std::uint64_t stream = 0; stream < 1000; ++stream) {
        const Seed derived = Seed{42, 7}.derive(stream);
        CHECK(derived.round == 7);
        values.insert(derived.value);
    }
    values.insert(42);
    CHECK(values.size() == 1001);
}

TEST_CASE("a derived seed is Philox of the stream under the value") {
    const PhiloxWords words =
        ferret::philox({0x55667788, 0x11223344, 0, 1}, {0x89abcdef, 0x01234567});
    CHECK(Seed{0x0123456789abcdef, 3}.derive(0x1122334455667788) ==
          Seed{ferret::join_words(words[0], words[1]), 3});
}

TEST_CASE("a basis key is Philox of round and basis under the value") {
    const PhiloxWords words =
        ferret::philox({0x55667788, 0x11223344, 4, 0}, {0x89abcdef, 0x01234567});
    CHECK(basis_key({0x0123456789abcdef, 0x1122334455667788}, 4) == PhiloxKey{words[0], words[1]});
}

TEST_CASE("every half of value, round and basis changes the key") {
    std::set<PhiloxKey> keys;
    for (const Seed seed :
         {Seed{1, 1}, Seed{2, 1}, Seed{1, 2}, Seed{1 + (1ull << 32), 1}, Seed{1, 1 + (1ull << 32)}})
        for (std::uint32_t id = 1; id <= 5; ++id) keys.insert(basis_key(seed, id));
    CHECK(keys.size() == 25);
}

TEST_CASE("a counter holds call, basis and block") {
    CHECK(ferret::basis_counter(0x0123456789abcdef, 5, 6) ==
          PhiloxWords{0x89abcdef, 0x01234567, 5, 6});
}
