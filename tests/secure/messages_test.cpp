#include "secure/tampering.hpp"
#include "support/messages.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/secure/messages.hpp>
#include <vector>

using namespace ferret::secure;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_byte_that_may_change;
using ferret_test::Message;

namespace {

Bytes32 filled(unsigned char byte) {
    Bytes32 bytes;
    bytes.fill(std::byte{byte});
    return bytes;
}

SealedShares sealed(unsigned char byte) {
    SealedShares shares;
    shares.fill(std::byte{byte});
    return shares;
}

const Identity server = Identity::random();
const Identity client = Identity::random();
const Directory directory{{7, client.public_identity()}, {8, Identity::random().public_identity()}};

Opening some_opening() {
    return {.round = 3,
            .nonce = filled(1),
            .roster = {2, 7, 8, 900},
            .threshold = 3,
            .length = 77,
            .largest = 15,
            .terms = {std::byte{5}, std::byte{6}}};
}

const Keys keys{filled(2), 7, filled(3), filled(4)};
const KeyList key_list{filled(2), {{std::byte{1}}, {std::byte{2}, std::byte{3}}}};
const Shares shares{filled(2), 7, filled(5), filled(6), {sealed(7), sealed(8)}};
const Delivery delivery{filled(2), 7, {1, 7, 8}, {sealed(9), sealed(10)}};
const Receipt receipt{filled(2), 7, filled(11), filled(12)};
const MaskedVector vector{{std::byte{1}, std::byte{2}}, {std::byte{3}}};
const RevealRequest request{filled(2), {{std::byte{1}}}, {4, 6}};
const Reveal reveal{filled(2), 7, {filled(13), filled(14)}};

/// Calls `check` with each signed message, and the function that reads it.
template <class Check>
void for_each_signed_message(const Check& check) {
    const PublicIdentity& from = server.public_identity();
    check("opening", encode(some_opening(), server),
          [&](const Message& m) { return decode_opening(m, from); });
    check("keys", encode(keys, client), [](const Message& m) { return decode_keys(m, directory); });
    check("key list", encode(key_list, server),
          [&](const Message& m) { return decode_key_list(m, from); });
    check("shares", encode(shares, client),
          [](const Message& m) { return decode_shares(m, directory); });
    check("delivery", encode(delivery, server),
          [&](const Message& m) { return decode_delivery(m, from); });
    check("receipt", encode(receipt, client),
          [](const Message& m) { return decode_receipt(m, directory); });
    check("reveal request", encode(request, server),
          [&](const Message& m) { return decode_reveal_request(m, from); });
    check("reveal", encode(reveal, client),
          [](const Message& m) { return decode_reveal(m, directory); });
}

std::string opening_error(const Opening& opening) {
    return error_message<ferret::Error>([&] {
        static_cast<void>(decode_opening(encode(opening, server), server.public_identity()));
    });
}

}  // namespace

TEST_CASE("messages of secure rounds come back as they were written") {
    const PublicIdentity& from = server.public_identity();
    CHECK(decode_opening(encode(some_opening(), server), from) == some_opening());
    CHECK(decode_keys(encode(keys, client), directory) == keys);
    CHECK(decode_key_list(encode(key_list, server), from) == key_list);
    CHECK(decode_shares(encode(shares, client), directory) == shares);
    CHECK(decode_delivery(encode(delivery, server), from) == delivery);
    CHECK(decode_receipt(encode(receipt, client), directory) == receipt);
    CHECK(decode_masked_vector(encode(vector)) == vector);
    CHECK(decode_reveal_request(encode(request, server), from) == request);
    CHECK(decode_reveal(encode(reveal, client), directory) == reveal);
}

TEST_CASE("messages have the sizes that docs/wire.md gives them") {
    constexpr std::size_t frame = 4 + 2 + 64 + 8;
    CHECK(encode(some_opening(), server).size() ==
          frame + 8 + 32 + (4 + 4 * 8) + 4 + 8 + 4 + (8 + 2));
    CHECK(encode(keys, client).size() == frame + 32 + 8 + 32 + 32);
    CHECK(encode(key_list, server).size() == frame + 32 + 4 + (8 + 1) + (8 + 2));
    CHECK(encode(shares, client).size() == frame + 32 + 8 + 32 + 32 + 4 + 2 * 80);
    CHECK(encode(delivery, server).size() == frame + 32 + 8 + (4 + 3 * 8) + 4 + 2 * 80);
    CHECK(encode(receipt, client).size() == frame + 32 + 8 + 32 + 32);
    CHECK(encode(vector).size() == 4 + 2 + (8 + 2) + (8 + 1) + 8);
    CHECK(encode(request, server).size() == frame + 32 + 4 + (8 + 1) + (4 + 2 * 8));
    CHECK(encode(reveal, client).size() == frame + 32 + 8 + 4 + 2 * 32);
}

TEST_CASE("a signed message that was changed at any byte, or cut, is refused") {
    for_each_signed_message([](const char* what, const Message& message, const auto& decode) {
        CAPTURE(what);
        CHECK(first_byte_that_may_change<ferret::WireError>(message, [&](const Message& m) {
                  static_cast<void>(decode(m));
              }) == message.size());
        for (std::size_t size = 0; size < message.size(); ++size)
            CHECK_THROWS_AS(
                static_cast<void>(decode(
                    Message(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)))),
                ferret::WireError);
        Message longer = message;
        longer.insert(longer.end() - 8, std::byte{0});
        ferret_test::sign(longer);
        CHECK_THROWS_AS(static_cast<void>(decode(longer)), ferret::WireError);
    });
}

TEST_CASE(
    "signatures are those of the sender that the message names, and of this kind of message") {
    const Identity other = Identity::random();
    CHECK(contains(error_message<ferret::Forged>(
                       [&] { static_cast<void>(decode_keys(encode(keys, other), directory)); }),
                   "keys: expected the signature of client 7, got another"));
    CHECK(contains(error_message<ferret::Forged>([&] {
                       static_cast<void>(
                           decode_delivery(encode(delivery, other), server.public_identity()));
                   }),
                   "delivery: expected the signature of the server, got another"));
    Keys of_nobody = keys;
    of_nobody.client = 9;
    CHECK(contains(error_message<ferret::Malformed>([&] {
                       static_cast<void>(decode_keys(encode(of_nobody, client), directory));
                   }),
                   "keys: expected a client of the directory, got 9"));
    // A receipt and keys have the same fields.
    Message renamed = encode(keys, client);
    renamed[3] = std::byte{'R'};
    ferret_test::sign(renamed);
    CHECK_THROWS_AS(static_cast<void>(decode_receipt(renamed, directory)), ferret::Forged);
}

TEST_CASE("lists that claim more than there is are refused before anything is allocated") {
    const auto claim = [](Message message, std::size_t at) {
        ferret_test::put(message, at, std::uint32_t{0xFFFFFFFF});
        ferret_test::sign(message);
        return message;
    };
    const PublicIdentity& from = server.public_identity();
    CHECK_THROWS_AS(
        static_cast<void>(decode_opening(claim(encode(some_opening(), server), 6 + 40), from)),
        ferret::Truncated);
    CHECK_THROWS_AS(
        static_cast<void>(decode_key_list(claim(encode(key_list, server), 6 + 32), from)),
        ferret::Truncated);
    CHECK_THROWS_AS(
        static_cast<void>(decode_shares(claim(encode(shares, client), 6 + 104), directory)),
        ferret::Truncated);
    CHECK_THROWS_AS(
        static_cast<void>(decode_delivery(claim(encode(delivery, server), 6 + 40), from)),
        ferret::Truncated);
    CHECK_THROWS_AS(
        static_cast<void>(decode_reveal_request(claim(encode(request, server), 6 + 32), from)),
        ferret::Truncated);
    CHECK_THROWS_AS(
        static_cast<void>(decode_reveal(claim(encode(reveal, client), 6 + 40), directory)),
        ferret::Truncated);
}

TEST_CASE("clients that do not ascend are refused") {
    for (const std::vector<std::uint64_t>& clients :
         {std::vector<std::uint64_t>{1, 1, 7}, std::vector<std::uint64_t>{8, 7}}) {
        Delivery wrong = delivery;
        wrong.sharers = clients;
        CHECK(contains(error_message<ferret::Malformed>([&] {
                           static_cast<void>(
                               decode_delivery(encode(wrong, server), server.public_identity()));
                       }),
                       "expected ascending clients"));
        RevealRequest dead = request;
        dead.dead = clients;
        CHECK_THROWS_AS(static_cast<void>(
                            decode_reveal_request(encode(dead, server), server.public_identity())),
                        ferret::Malformed);
    }
}

TEST_CASE("openings of rounds that no client may join are refused by name") {
    Opening opening = some_opening();
    opening.threshold = 2;
    CHECK(opening_error(opening) == "opening: expected a threshold of 3 to 4 for 4 clients, got 2");
    CHECK_THROWS_AS(check_opening(opening), ferret::UnsafeRequest);
    opening.threshold = 5;
    CHECK(contains(opening_error(opening), "got 5"));
    opening = some_opening();
    opening.roster = {1, 2};
    CHECK(opening_error(opening) == "opening: expected 3 to 200 clients, got 2");
    opening.roster.clear();
    for (std::uint64_t i = 0; i < 201; ++i) opening.roster.push_back(i);
    CHECK(opening_error(opening) == "opening: expected 3 to 200 clients, got 201");
    opening = some_opening();
    opening.roster = {2, 7, 7, 900};
    CHECK(contains(opening_error(opening), "expected ascending clients"));
    for (const auto& [length, largest] :
         {std::pair<std::uint64_t, std::uint32_t>{0, 1}, {5, 0}, {5, 0x40000000}}) {
        opening = some_opening();
        opening.length = length;
        opening.largest = largest;
        CHECK(contains(opening_error(opening), "expected integers whose sum has up to 32 bits"));
    }
    opening.length = 5;
    opening.largest = 0x3FFFFFFF;
    CHECK(opening_error(opening) == "no exception");
    CHECK(opening.sum_bits() == 32);
}

TEST_CASE("the threshold is more than two thirds") {
    for (std::size_t n = fewest_clients; n <= most_clients; ++n) {
        CHECK(3 * lowest_threshold(n) > 2 * n);
        CHECK(3 * (lowest_threshold(n) - 1) <= 2 * n);
        CHECK(lowest_threshold(n) <= n);
        // 2 t > n + k for all k < n / 3.
        for (std::size_t k = 0; 3 * k < n; ++k) CHECK(2 * lowest_threshold(n) > n + k);
    }
}

TEST_CASE("hashes tell lists of sharers apart") {
    const std::vector<std::uint64_t> sharers{1, 2, 3};
    CHECK(hash_of_sharers(filled(1), sharers) == hash_of_sharers(filled(1), sharers));
    CHECK(hash_of_sharers(filled(1), sharers) != hash_of_sharers(filled(2), sharers));
    CHECK(hash_of_sharers(filled(1), sharers) !=
          hash_of_sharers(filled(1), std::vector<std::uint64_t>{1, 2}));
    const Message bytes(10, std::byte{1});
    CHECK(hash_of_opening(bytes) != hash_of_key_list(bytes));
    CHECK(hash_of_vector(bytes) != hash_of_key_list(bytes));
}
