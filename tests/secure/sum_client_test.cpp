#include "secure/refuse.hpp"
#include "secure/sum_federation.hpp"
#include "secure/tampering.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/secure/sum_client.hpp>
#include <vector>

using namespace ferret::secure;
using ferret_test::Bytes;
using ferret_test::contains;
using ferret_test::error_message;
using ferret_test::first_byte_that_may_change;
using ferret_test::integers_of;
using ferret_test::play;
using ferret_test::refuse;
using ferret_test::SumFederation;
using ferret_test::Transcript;
using ferret_test::Until;

namespace {

/// A round that has come to a message for clients, of which one is looked at. The server's identity is at
/// hand too: what follows are the requests of a server that is up to something.
struct AtStep {
    AtStep(Until until, ferret_test::Course course = {}, std::uint64_t round = 1)
        : federation(5),
          opening(federation.opening(round)),
          t(play(federation, opening, course, until)),
          number(federation.roster[1]),
          client(federation.clients.at(number)) {}

    KeyList key_list() const {
        return decode_key_list(t.key_list, federation.server_identity.public_identity());
    }
    Delivery delivery() const {
        return decode_delivery(t.deliveries.at(number),
                               federation.server_identity.public_identity());
    }
    RevealRequest request() const {
        return decode_reveal_request(t.request, federation.server_identity.public_identity());
    }
    template <class Message>
    Bytes by_server(const Message& message) const {
        return encode(message, federation.server_identity);
    }
    Bytes share(const Bytes& list) { return client.share(list); }
    Bytes mask(const Bytes& message) { return client.mask(message, integers_of(opening, number)); }
    Bytes reveal(const Bytes& message) { return client.reveal(message); }

    SumFederation federation;
    Opening opening;
    Transcript t;
    std::uint64_t number;
    SumClient& client;
};

}  // namespace

TEST_CASE("a client's identity has to be the one that is pinned") {
    const SumFederation federation(3);
    const auto make = [&](std::uint64_t number) {
        SumClient(number, Identity::random(), federation.directory,
                  federation.server_identity.public_identity());
    };
    refuse<ferret::Malformed>([&] { make(federation.roster[0]); },
                              "directory: expected the identity of client 10, got another");
    refuse<ferret::Malformed>([&] { make(77); },
                              "directory: expected the identity of client 77, got none");
}

TEST_CASE("a client joins rounds that it is in, of clients that it knows") {
    SumFederation federation(5);
    SumClient& client = federation.clients.at(federation.roster[1]);
    const auto opened = [&](const Opening& opening) {
        Opening with_threshold = opening;
        with_threshold.threshold = lowest_threshold(opening.roster.size());
        return encode(with_threshold, federation.server_identity);
    };
    Opening opening = federation.opening();
    opening.roster[3] = 1000;
    std::ranges::sort(opening.roster);
    refuse<ferret::Malformed>([&] { client.join(opened(opening)); },
                              "opening: expected clients of the directory, got 1000");
    opening = federation.opening();
    opening.roster.erase(opening.roster.begin() + 1);
    refuse<ferret::Malformed>([&] { client.join(opened(opening)); },
                              "opening: expected client 13 in its roster");
    const Bytes message = opened(federation.opening());
    CHECK(first_byte_that_may_change<ferret::Error>(
              message, [&](const Bytes& m) { client.join(m); }) == message.size());
    // None of these began a round.
    refuse<ferret::WrongStep>([&] { client.share({}); },
                              "client 13: expected no key list at this step");
    const Keys keys = decode_keys(client.join(message), federation.directory);
    CHECK(keys.client == 13);
    CHECK(keys.opening == hash_of_opening(message));
    // Joining anew is a new round, with new keys.
    CHECK(decode_keys(client.join(message), federation.directory).mask_key != keys.mask_key);
}

TEST_CASE("a client takes part in rounds of its least threshold or more") {
    SumFederation federation(7);
    SumClient client = federation.make_client(13, 0, 5);
    SumClient of_any = federation.make_client(13);
    const auto opened = [&](std::size_t clients) {
        Opening of_some = federation.opening();
        of_some.roster.resize(clients);
        return federation.server.open(of_some);
    };
    refuse<ferret::UnsafeRequest>(
        [&] { client.join(opened(3)); },
        "opening: expected a threshold of at least 5, the least of client 13, got 3");
    refuse<ferret::UnsafeRequest>([&] { client.join(opened(5)); }, "got 4");
    client.join(opened(6));
    client.join(opened(7));
    // A higher threshold than the lowest of so few clients is as good.
    Opening opening = federation.opening();
    opening.roster.resize(5);
    opening.threshold = 5;
    client.join(federation.server.open(opening));
    of_any.join(opened(3));
}

TEST_CASE("a client forgets the round when it is told to, and then joins another") {
    for (const Until until : {Until::key_list, Until::deliveries, Until::request}) {
        AtStep at(until);
        const std::uint64_t masked = at.client.masked_round();
        at.client.end();
        CHECK_THROWS_AS(at.share(at.t.key_list), ferret::WrongStep);
        CHECK_THROWS_AS(at.mask({}), ferret::WrongStep);
        CHECK_THROWS_AS(at.reveal(at.t.request), ferret::WrongStep);
        CHECK(at.client.masked_round() == masked);
        at.client.end();
        play(at.federation, at.federation.opening(2));
        CHECK(at.federation.server.sum().clients == at.federation.roster);
    }
}

TEST_CASE("a delivery is checked without anything being masked") {
    AtStep at(Until::deliveries);
    const Bytes& delivery = at.t.deliveries.at(at.number);
    refuse<ferret::Malformed>([&] { at.client.check_delivery(at.t.deliveries.at(16)); },
                              "delivery: expected one for client 13, got one for 16");
    refuse<ferret::Forged>(
        [&] { at.client.check_delivery(encode(at.delivery(), Identity::random())); },
        "delivery: expected the signature of the server, got another");
    at.client.check_delivery(delivery);
    CHECK(at.client.masked_round() == 0);
    at.mask(delivery);
    refuse<ferret::WrongStep>([&] { at.client.check_delivery(delivery); },
                              "client 13: expected no delivery at this step");
}

TEST_CASE(
    "a round masks once, and no round up to it again, whoever asks and whatever came between") {
    AtStep at(Until::deliveries, {}, 4);
    CHECK(at.client.masked_round() == 0);
    at.client.join(at.federation.server.open(at.federation.opening(4)));  // nothing was masked yet
    AtStep again(Until::deliveries, {}, 4);
    again.mask(again.t.deliveries.at(again.number));
    CHECK(again.client.masked_round() == 4);
    refuse<ferret::WrongStep>([&] { again.mask(again.t.deliveries.at(again.number)); },
                              "client 13: expected no delivery at this step");
    for (const std::uint64_t round : {3u, 4u}) {
        const Bytes opening = again.federation.server.open(again.federation.opening(round));
        refuse<ferret::WrongRound>([&] { again.client.join(opening); },
                                   "expected a round after 4, in which client 13 masked");
        SumClient restarted = again.federation.make_client(again.number, 4);
        CHECK_THROWS_AS(restarted.join(opening), ferret::WrongRound);
    }
    again.client.join(again.federation.server.open(again.federation.opening(5)));
}

TEST_CASE("a step's message is taken in its step alone") {
    AtStep keys(Until::key_list);
    CHECK_THROWS_AS(keys.mask(keys.t.key_list), ferret::WrongStep);
    CHECK_THROWS_AS(keys.reveal(keys.t.key_list), ferret::WrongStep);
    keys.share(keys.t.key_list);
    CHECK_THROWS_AS(keys.share(keys.t.key_list), ferret::WrongStep);
    AtStep request(Until::request);
    CHECK_THROWS_AS(request.share(request.t.key_list), ferret::WrongStep);
    CHECK_THROWS_AS(request.mask(request.t.deliveries.at(request.number)), ferret::WrongStep);
    request.reveal(request.t.request);
    // One reveal a round.
    refuse<ferret::WrongStep>([&] { request.reveal(request.t.request); },
                              "client 13: expected no reveal request at this step");
}

TEST_CASE(
    "a server's message that was changed at any byte is refused, and the true one then taken") {
    AtStep keys(Until::key_list);
    CHECK(first_byte_that_may_change<ferret::WireError>(
              keys.t.key_list, [&](const Bytes& m) { keys.share(m); }) == keys.t.key_list.size());
    keys.share(keys.t.key_list);
    AtStep shares(Until::deliveries);
    const Bytes& delivery = shares.t.deliveries.at(shares.number);
    CHECK(first_byte_that_may_change<ferret::WireError>(
              delivery, [&](const Bytes& m) { shares.mask(m); }) == delivery.size());
    CHECK(shares.client.masked_round() == 0);
    shares.mask(delivery);
    AtStep request(Until::request);
    CHECK(first_byte_that_may_change<ferret::WireError>(request.t.request, [&](const Bytes& m) {
              request.reveal(m);
          }) == request.t.request.size());
    request.reveal(request.t.request);
}

TEST_CASE("messages of another round are refused, of the same number too") {
    AtStep first(Until::request);
    SumFederation& federation = first.federation;
    SumClient other = federation.make_client(first.number);
    // The same client with a new opening of the same round.
    const Bytes opening = federation.server.open(federation.opening(1));
    other.join(opening);
    refuse<ferret::WrongRound>(
        [&] { other.share(first.t.key_list); },
        "key list: expected the opening of round 1 that client 13 joined, got another");
    // The old keys in a list of the new opening.
    KeyList list = first.key_list();
    list.opening = hash_of_opening(opening);
    refuse<ferret::WrongRound>([&] { other.share(first.by_server(list)); },
                               "key list: client 10: expected the opening of round 1");

    AtStep second(Until::deliveries);
    Delivery delivery = second.delivery();
    delivery.opening = hash_of_opening(opening);
    CHECK_THROWS_AS(second.mask(second.by_server(delivery)), ferret::WrongRound);
    second.mask(second.t.deliveries.at(second.number));

    RevealRequest request = first.request();
    request.opening = hash_of_opening(opening);
    CHECK_THROWS_AS(first.reveal(first.by_server(request)), ferret::WrongRound);
    // A receipt of another round of the same client.
    AtStep third(Until::request);
    request = first.request();
    const Identity& signer = federation.identities.at(federation.roster[0]);
    Receipt receipt = decode_receipt(request.receipts[0], federation.directory);
    receipt.opening = hash_of_opening(third.t.opening);
    request.receipts[0] = encode(receipt, signer);
    CHECK_THROWS_AS(first.reveal(first.by_server(request)), ferret::WrongRound);
    first.reveal(first.t.request);
}

TEST_CASE("a key list has to be the roster's, enough of them, with the client's own keys") {
    AtStep at(Until::key_list);
    const auto refuse_list = [&]<class Expected>(const KeyList& list, std::string_view part,
                                                 Expected*) {
        refuse<Expected>([&] { at.share(at.by_server(list)); }, part);
    };
    KeyList list = at.key_list();
    list.keys.resize(3);
    refuse_list(list, "key list: expected at least 4 clients, got 3",
                static_cast<ferret::TooFewClients*>(nullptr));
    list = at.key_list();
    list.keys.erase(list.keys.begin() + 1);
    refuse_list(list, "key list: expected the keys that client 13 sent, got none",
                static_cast<ferret::Malformed*>(nullptr));
    // Keys that the server made for a client.
    list = at.key_list();
    Keys keys = decode_keys(list.keys[0], at.federation.directory);
    keys.mask_key = RoundKey::random().public_key();
    list.keys[0] = encode(keys, at.federation.server_identity);
    refuse_list(list, "keys: expected the signature of client 10, got another",
                static_cast<ferret::Forged*>(nullptr));
    for (Bytes32 Keys::*const key : {&Keys::mask_key, &Keys::channel_key}) {
        list = at.key_list();
        keys = decode_keys(list.keys[1], at.federation.directory);
        keys.*key = RoundKey::random().public_key();
        list.keys[1] = encode(keys, at.federation.identities.at(13));
        refuse_list(list, "key list: expected the keys that client 13 sent, got others",
                    static_cast<ferret::Malformed*>(nullptr));
    }
    list = at.key_list();
    std::swap(list.keys[0], list.keys[1]);
    refuse_list(list, "key list: expected ascending clients, got 10 after 13",
                static_cast<ferret::Malformed*>(nullptr));
    list = at.key_list();
    list.keys[1] = list.keys[0];
    refuse_list(list, "key list: expected ascending clients, got 10 after 10",
                static_cast<ferret::Malformed*>(nullptr));
    at.share(at.t.key_list);
}

TEST_CASE("a key of a client of the directory that is not in the roster is refused") {
    SumFederation federation(6);
    Opening opening = federation.opening();
    opening.roster.pop_back();
    const std::uint64_t outsider = federation.roster.back();
    const Bytes opened = federation.server.open(opening);
    KeyList list{hash_of_opening(opened), {}};
    for (auto& [c, client] : federation.clients)
        if (c != outsider) list.keys.push_back(client.join(opened));
    list.keys.push_back(encode(Keys{list.opening, outsider, RoundKey::random().public_key(),
                                    RoundKey::random().public_key()},
                               federation.identities.at(outsider)));
    refuse<ferret::Malformed>(
        [&] { federation.clients.at(10).share(encode(list, federation.server_identity)); },
        "key list: expected clients of the roster, got 25");
}

TEST_CASE("a delivery has to be the client's, complete, and sealed by those whom it names") {
    AtStep at(Until::deliveries);
    const auto refuse_delivery = [&]<class Expected>(const Delivery& delivery,
                                                     std::string_view part, Expected*) {
        refuse<Expected>([&] { at.mask(at.by_server(delivery)); }, part);
    };
    Delivery delivery = at.delivery();
    delivery.recipient = 16;
    refuse_delivery(delivery, "delivery: expected one for client 13, got one for 16",
                    static_cast<ferret::Malformed*>(nullptr));
    delivery = at.delivery();
    delivery.sharers.resize(3);
    delivery.sealed.resize(2);
    refuse_delivery(delivery, "delivery: expected at least 4 clients, got 3",
                    static_cast<ferret::TooFewClients*>(nullptr));
    delivery = at.delivery();
    delivery.sharers.back() = 1000;
    refuse_delivery(delivery, "delivery: expected clients of the key list, got 1000",
                    static_cast<ferret::Malformed*>(nullptr));
    delivery = at.delivery();
    delivery.sharers.erase(delivery.sharers.begin() + 1);
    refuse_delivery(delivery, "expected client 13 among the sharers",
                    static_cast<ferret::Malformed*>(nullptr));
    delivery = at.delivery();
    delivery.sealed.pop_back();
    refuse_delivery(delivery, "shares of all others, got 3 of 5",
                    static_cast<ferret::Malformed*>(nullptr));
    delivery = at.delivery();
    std::swap(delivery.sealed[0], delivery.sealed[1]);
    refuse_delivery(delivery, "delivery: expected shares sealed by client 10, got others",
                    static_cast<ferret::Forged*>(nullptr));
    // What another client was sent.
    delivery = at.delivery();
    delivery.sealed[0] =
        decode_delivery(at.t.deliveries.at(16), at.federation.server_identity.public_identity())
            .sealed[0];
    refuse_delivery(delivery, "delivery: expected shares sealed by client 10, got others",
                    static_cast<ferret::Forged*>(nullptr));
    at.mask(at.t.deliveries.at(at.number));
}

TEST_CASE("integers have to be as many and as large as the opening says") {
    AtStep at(Until::deliveries);
    const Bytes& delivery = at.t.deliveries.at(at.number);
    refuse<ferret::Malformed>([&] { at.client.mask(delivery, std::vector<std::uint32_t>(4, 0)); },
                              "client 13: expected 5 integers, got 4");
    refuse<ferret::Malformed>(
        [&] {
            at.client.mask(delivery, std::vector<std::uint32_t>{0, 1, 1001, 3, 4});
        },
        "client 13: expected integers up to 1000, got 1001 at 2");
    at.mask(delivery);
}

TEST_CASE("a client reveals for living and dead that are the sharers, each of them one of both") {
    // Client 22 sent no vector; a colluding server has the receipts of all others.
    AtStep at(Until::request, {.without_vector = {22}});
    const auto refuse_request = [&]<class Expected>(const RevealRequest& request,
                                                    std::string_view part, Expected*) {
        refuse<Expected>([&] { at.reveal(at.by_server(request)); }, part);
    };
    constexpr ferret::UnsafeRequest* unsafe = nullptr;
    RevealRequest request = at.request();
    REQUIRE(request.dead == std::vector<std::uint64_t>{22});
    request.dead = {19, 22};
    refuse_request(request, "reveal request: client 19: expected it living or dead, got both",
                   unsafe);
    request = at.request();
    request.dead = {};
    refuse_request(request, "reveal request: expected the 5 sharers living or dead, got 4 clients",
                   unsafe);
    request.dead = {22, 1000};
    refuse_request(request, "got 6 clients", unsafe);
    request.dead = {1000};
    refuse_request(request, "got 5 clients, not the same", unsafe);
    request = at.request();
    request.receipts.push_back(request.receipts[0]);
    refuse_request(request, "reveal request: client 10: expected each client once, got it again",
                   unsafe);
    request = at.request();
    request.receipts.pop_back();
    request.dead = {19, 22};
    refuse_request(request, "reveal request: expected at least 4 clients, got 3",
                   static_cast<ferret::TooFewClients*>(nullptr));

    // A receipt that client 22 never signed, or another signed for it.
    Receipt receipt = decode_receipt(request.receipts[0], at.federation.directory);
    receipt.client = 22;
    request = at.request();
    request.dead = {};
    request.receipts.push_back(encode(receipt, at.federation.server_identity));
    refuse_request(request, "receipt: expected the signature of client 22, got another",
                   static_cast<ferret::Forged*>(nullptr));
    at.reveal(at.t.request);
}

TEST_CASE("a client that sent a vector does not help to have itself called dead") {
    AtStep at(Until::request);
    RevealRequest request = at.request();
    request.receipts.erase(request.receipts.begin() + 1);
    request.dead = {13};
    refuse<ferret::UnsafeRequest>([&] { at.reveal(at.by_server(request)); },
                                  "reveal request: expected client 13 among the living");
}

TEST_CASE("a client reveals for vectors that were masked for the same sharers as its own") {
    // The server told client 10 that client 22 had not shared, and the others that it had.
    AtStep at(Until::deliveries);
    Delivery smaller =
        decode_delivery(at.t.deliveries.at(10), at.federation.server_identity.public_identity());
    smaller.sharers.pop_back();
    smaller.sealed.pop_back();
    RevealRequest request{hash_of_opening(at.t.opening), {}, {}};
    for (auto& [c, client] : at.federation.clients) {
        const Bytes delivery = c == 10 ? at.by_server(smaller) : at.t.deliveries.at(c);
        request.receipts.push_back(
            decode_masked_vector(client.mask(delivery, integers_of(at.opening, c))).receipt);
    }
    refuse<ferret::UnsafeRequest>(
        [&] { at.reveal(at.by_server(request)); },
        "reveal request: client 10: expected a vector masked for the same sharers, got another");
}

TEST_CASE("shares revealed are of the self-masks of the living and the mask keys of the dead") {
    AtStep at(Until::request, {.without_vector = {22}});
    const Reveal reveal = decode_reveal(at.reveal(at.t.request), at.federation.directory);
    CHECK(reveal.client == 13);
    CHECK(reveal.shares.size() == 5);
    // What the server makes of them is sum_round_test's question.
    AtStep alive(Until::request);
    CHECK(decode_reveal(alive.reveal(alive.t.request), alive.federation.directory).shares.size() ==
          5);
}
