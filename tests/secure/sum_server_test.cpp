#include "secure/refuse.hpp"
#include "secure/small_order.hpp"
#include "secure/sum_federation.hpp"
#include "secure/tampering.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/secure/packed_integers.hpp>
#include <ferret/secure/sum_server.hpp>
#include <stdexcept>
#include <vector>

using namespace ferret::secure;
using ferret_test::Bytes;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_byte_that_may_change;
using ferret_test::integers_of;
using ferret_test::plain_sum;
using ferret_test::play;
using ferret_test::refuse;
using ferret_test::SumFederation;
using ferret_test::Transcript;
using ferret_test::Until;

TEST_CASE("a round is opened for clients of the directory, with a threshold that they accept") {
    SumFederation federation(5);
    Opening opening = federation.opening();
    opening.roster.push_back(1000);
    refuse<ferret::Malformed>([&] { federation.server.open(opening); },
                              "opening: expected clients of the directory, got 1000");
    opening = federation.opening();
    opening.threshold = 3;
    CHECK_THROWS_AS(federation.server.open(opening), ferret::UnsafeRequest);
    const PublicIdentity& server = federation.server_identity.public_identity();
    const Opening first = decode_opening(federation.server.open(federation.opening()), server);
    CHECK(first.threshold == 4);
    CHECK(decode_opening(federation.server.open(federation.opening()), server).nonce !=
          first.nonce);
    opening.threshold = 5;
    CHECK(decode_opening(federation.server.open(opening), server).threshold == 5);
}

TEST_CASE("an opening that fails leaves the round before as it was") {
    SumFederation federation(3);
    const Opening opening = federation.opening();
    play(federation, opening);
    CHECK_THROWS_AS(federation.server.open(federation.opening(2, std::uint64_t{1} << 62)),
                    std::length_error);
    Opening unsafe = federation.opening(2);
    unsafe.threshold = 2;
    CHECK_THROWS_AS(federation.server.open(unsafe), ferret::UnsafeRequest);
    CHECK(federation.server.received() == 3);
    CHECK(federation.server.sum() == Sum{plain_sum(opening, federation.roster), federation.roster});
}

TEST_CASE("a round that was ended is forgotten") {
    SumFederation federation(3);
    SumServer& server = federation.server;
    server.end();
    const Transcript t = play(federation, federation.opening());
    server.end();
    CHECK(server.received() == 0);
    CHECK_THROWS_AS(static_cast<void>(server.sum()), ferret::WrongStep);
    CHECK_THROWS_AS(server.receive(t.keys.at(10)), ferret::WrongStep);
    play(federation, federation.opening(2));
    CHECK(server.sum() ==
          Sum{plain_sum(federation.opening(2), federation.roster), federation.roster});
}

TEST_CASE("keys of small order are refused at the door, and their client named") {
    SumFederation federation(3);
    SumServer& server = federation.server;
    const Bytes opened = server.open(federation.opening());
    const Bytes message = federation.clients.at(13).join(opened);
    for (const Bytes32& small : ferret_test::keys_of_small_order()) {
        for (Bytes32 Keys::*const key : {&Keys::channel_key, &Keys::mask_key}) {
            Keys keys = decode_keys(message, federation.directory);
            keys.*key = small;
            refuse<ferret::Forged>(
                [&] { server.receive(encode(keys, federation.identities.at(13))); },
                "keys of client 13: expected X25519 public keys, got one of small order");
        }
    }
    CHECK(server.received() == 0);
    server.receive(message);
}

TEST_CASE("a step's messages are taken in its step alone, and once") {
    SumFederation federation(5);
    const Transcript t = play(federation, federation.opening());
    SumServer& server = federation.server;
    const Transcript* const all = &t;
    refuse<ferret::WrongStep>([&] { server.receive(all->keys.at(10)); },
                              "secure round: expected no keys at this step");
    refuse<ferret::WrongStep>([&] { server.receive(all->shares.at(10)); }, "expected no shares");
    refuse<ferret::WrongStep>([&] { server.receive(all->vectors.at(10)); },
                              "expected no masked vector");
    refuse<ferret::WrongStep>([&] { server.list_keys(); }, "expected no key list");
    refuse<ferret::WrongStep>([&] { server.deliver_shares(); }, "expected no delivery");
    refuse<ferret::WrongStep>([&] { server.request_reveal(); }, "expected no reveal request");
    refuse<ferret::Duplicate>([&] { server.receive(all->reveals.at(10)); },
                              "reveal: expected one of client 10, got another");
    CHECK(server.received() == 5);
    CHECK(server.sum().integers == plain_sum(federation.opening(), federation.roster));
    server.end();
    CHECK_THROWS_AS(server.receive(t.reveals.at(10)), ferret::WrongStep);
    CHECK_THROWS_AS(static_cast<void>(server.sum()), ferret::WrongStep);
    server.open(federation.opening(2));
    CHECK_THROWS_AS(static_cast<void>(server.sum()), ferret::WrongStep);
    refuse<ferret::UnsupportedVersion>([&] { server.receive(all->opening); },
                                       "expected a message that begins with FRSK");
    CHECK_THROWS_AS(server.receive({}), ferret::UnsupportedVersion);
}

TEST_CASE("too few clients end no step, and those who still come are taken") {
    SumFederation federation(5);
    SumServer& server = federation.server;
    const Opening opening = federation.opening();
    const Bytes opened = server.open(opening);
    std::map<std::uint64_t, Bytes> messages;
    const auto send_all = [&](const auto& end, std::string_view what) {
        std::size_t sent = 0;
        for (const auto& [c, message] : messages) {
            if (sent++ == 3) refuse<ferret::TooFewClients>(end, what);
            server.receive(message);
        }
        messages.clear();
    };
    for (auto& [c, client] : federation.clients) messages[c] = client.join(opened);
    send_all([&] { server.list_keys(); },
             "secure round: expected keys of at least 4 clients, got 3");
    const Bytes list = server.list_keys();
    for (auto& [c, client] : federation.clients) messages[c] = client.share(list);
    send_all([&] { server.deliver_shares(); }, "expected shares of at least 4 clients, got 3");
    for (const auto& [c, delivery] : server.deliver_shares())
        messages[c] = federation.clients.at(c).mask(delivery, integers_of(opening, c));
    send_all([&] { server.request_reveal(); },
             "expected masked vectors of at least 4 clients, got 3");
    const Bytes request = server.request_reveal();
    for (auto& [c, client] : federation.clients) messages[c] = client.reveal(request);
    send_all([&] { static_cast<void>(server.sum()); },
             "expected reveals of at least 4 clients, got 3");
    CHECK(server.sum() == Sum{plain_sum(opening, federation.roster), federation.roster});
}

TEST_CASE(
    "a client's message that was changed at any byte is refused, and the true one then taken") {
    SumFederation federation(4);
    SumServer& server = federation.server;
    const Opening opening = federation.opening();
    const auto send_all = [&](const std::map<std::uint64_t, Bytes>& messages) {
        const Bytes& watched = messages.at(13);
        CHECK(first_byte_that_may_change<ferret::Error>(
                  watched, [&](const Bytes& m) { server.receive(m); }) == watched.size());
        for (std::size_t size = 0; size < watched.size(); ++size)
            CHECK_THROWS_AS(server.receive(std::span(watched).first(size)), ferret::WireError);
        CHECK(server.received() == 0);
        for (const auto& [c, message] : messages) server.receive(message);
    };
    const Bytes opened = server.open(opening);
    std::map<std::uint64_t, Bytes> messages;
    for (auto& [c, client] : federation.clients) messages[c] = client.join(opened);
    send_all(messages);
    const Bytes list = server.list_keys();
    for (auto& [c, client] : federation.clients) messages[c] = client.share(list);
    send_all(messages);
    for (const auto& [c, delivery] : server.deliver_shares())
        messages[c] = federation.clients.at(c).mask(delivery, integers_of(opening, c));
    send_all(messages);
    const Bytes request = server.request_reveal();
    for (auto& [c, client] : federation.clients) messages[c] = client.reveal(request);
    send_all(messages);
    CHECK(server.sum() == Sum{plain_sum(opening, federation.roster), federation.roster});
}

TEST_CASE("messages of another round, and of clients that have dropped out, are refused") {
    SumFederation federation(5);
    SumServer& server = federation.server;
    const Transcript old = play(federation, federation.opening(1));
    // Every kind, in the step that waits for it.
    const Opening opening = federation.opening(2);
    const Bytes opened = server.open(opening);
    refuse<ferret::WrongRound>([&] { server.receive(old.keys.at(10)); },
                               "keys of client 10: expected the opening of round 2, got another");
    std::map<std::uint64_t, Bytes> keys;
    for (auto& [c, client] : federation.clients) keys[c] = client.join(opened);
    for (const std::uint64_t c : {10u, 13u, 16u, 19u}) server.receive(keys[c]);
    const Bytes list = server.list_keys();
    CHECK_THROWS_AS(server.receive(keys[22]), ferret::WrongStep);
    CHECK_THROWS_AS(server.receive(old.shares.at(10)), ferret::WrongRound);
    // Client 22 was left out, but answers.
    Shares forged = decode_shares(old.shares.at(22), federation.directory);
    forged.opening = hash_of_opening(opened);
    refuse<ferret::Malformed>([&] { server.receive(encode(forged, federation.identities.at(22))); },
                              "shares: expected a client that is still in the round, got 22");
    // Shares for another list of keys.
    forged.client = 10;
    refuse<ferret::Malformed>(
        [&] { server.receive(encode(forged, federation.identities.at(10))); },
        "shares of client 10: expected 3 for the round's key list, got 4 for another");
    for (const std::uint64_t c : {10u, 13u, 16u, 19u})
        server.receive(federation.clients.at(c).share(list));
    const auto deliveries = server.deliver_shares();
    CHECK(deliveries.size() == 4);
    CHECK_THROWS_AS(server.receive(old.vectors.at(10)), ferret::WrongRound);
    for (const auto& [c, delivery] : deliveries)
        server.receive(federation.clients.at(c).mask(delivery, integers_of(opening, c)));
    const Bytes request = server.request_reveal();
    CHECK_THROWS_AS(server.receive(old.reveals.at(10)), ferret::WrongRound);
    for (const std::uint64_t c : {10u, 13u, 16u, 19u})
        server.receive(federation.clients.at(c).reveal(request));
    CHECK(server.sum().clients == std::vector<std::uint64_t>{10, 13, 16, 19});
}

TEST_CASE("vectors of another size, for other sharers, or that were not signed are refused") {
    SumFederation federation(4);
    SumServer& server = federation.server;
    const Opening opening = federation.opening();
    const Transcript t = play(federation, opening, {}, Until::deliveries);
    const MaskedVector honest = decode_masked_vector(
        federation.clients.at(10).mask(t.deliveries.at(10), integers_of(opening, 10)));
    const Receipt receipt = decode_receipt(honest.receipt, federation.directory);
    const auto send = [&](Receipt changed, const Bytes& integers, bool signs) {
        if (signs) changed.vector = hash_of_vector(integers);
        server.receive(
            encode(MaskedVector{encode(changed, federation.identities.at(10)), integers}));
    };
    Bytes longer = honest.integers;
    longer.push_back(std::byte{0});
    refuse<ferret::Malformed>([&] { send(receipt, longer, true); }, "packed integers: expected");
    refuse<ferret::Forged>(
        [&] { send(receipt, longer, false); },
        "masked vector: expected the integers that client 10 signed, got others");
    Receipt other = receipt;
    other.sharers = Bytes32{};
    refuse<ferret::Malformed>(
        [&] { send(other, honest.integers, true); },
        "masked vector of client 10: expected one for the round's sharers, got another");
    CHECK(server.received() == 0);
    send(receipt, honest.integers, true);
    CHECK(server.received() == 1);
}

TEST_CASE("reveals that do not give back what was shared are found out") {
    for (const bool dead : {false, true}) {
        SumFederation federation(5);
        SumServer& server = federation.server;
        ferret_test::Course course;
        if (dead) course.without_vector = {22};
        const Transcript t = play(federation, federation.opening(), course, Until::request);
        for (const auto& entry : t.vectors) {
            const std::uint64_t c = entry.first;
            Reveal reveal =
                decode_reveal(federation.clients.at(c).reveal(t.request), federation.directory);
            if (c == 10) {
                Reveal shorter = reveal;
                shorter.shares.pop_back();
                refuse<ferret::Malformed>(
                    [&] { server.receive(encode(shorter, federation.identities.at(c))); },
                    "reveal of client 10: expected 5 shares, got 4");
                reveal.shares[4][0] ^= std::byte{1};
            }
            server.receive(encode(reveal, federation.identities.at(c)));
        }
        refuse<ferret::Forged>([&] { static_cast<void>(server.sum()); },
                               dead ? "reveals: expected shares of the mask key of client 22"
                                    : "reveals: expected shares of the self-mask of client 22");
    }
}

TEST_CASE("a sum that no clients' integers make is refused") {
    // A client that masks with another opening's terms: its integers are larger than the round's.
    SumFederation federation(3);
    SumServer& server = federation.server;
    const Opening opening = federation.opening(1, 5, 4);  // sums up to 12, of 4 bits
    const Transcript t = play(federation, opening, {}, Until::deliveries);
    for (const auto& [c, delivery] : t.deliveries) {
        MaskedVector vector = decode_masked_vector(
            federation.clients.at(c).mask(delivery, std::vector<std::uint32_t>(5, 4)));
        if (c == 10) {
            std::vector<std::uint32_t> integers = unpack(vector.integers, 5, 4);
            ++integers[2];
            vector.integers = pack(integers, 4);
            Receipt receipt = decode_receipt(vector.receipt, federation.directory);
            receipt.vector = hash_of_vector(vector.integers);
            vector.receipt = encode(receipt, federation.identities.at(c));
        }
        server.receive(encode(vector));
    }
    const Bytes request = server.request_reveal();
    for (auto& [c, client] : federation.clients) server.receive(client.reveal(request));
    refuse<ferret::Malformed>([&] { static_cast<void>(server.sum()); },
                              "secure round: expected sums up to 12, got 13 at 2");
}
