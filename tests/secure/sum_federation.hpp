#pragma once

#include <cstddef>
#include <cstdint>
#include <ferret/secure/sum_client.hpp>
#include <ferret/secure/sum_server.hpp>
#include <map>
#include <set>
#include <span>
#include <vector>

// A federation of clients numbered 10, 13, 16, ..., for the tests of secure sums.

namespace ferret_test {

using Bytes = std::vector<std::byte>;

inline std::uint64_t client_number(std::size_t i) {
    return 10 + 3 * i;
}

struct SumFederation {
    explicit SumFederation(std::size_t count)
        : server_identity(ferret::secure::Identity::random()), server(server_identity, {}) {
        for (std::size_t i = 0; i < count; ++i) {
            roster.push_back(client_number(i));
            identities.emplace(roster.back(), ferret::secure::Identity::random());
            directory[roster.back()] = identities.at(roster.back()).public_identity();
        }
        server = ferret::secure::SumServer(server_identity, directory);
        for (const std::uint64_t number : roster) clients.emplace(number, make_client(number));
    }

    ferret::secure::SumClient make_client(std::uint64_t number, std::uint64_t masked = 0,
                                          std::uint32_t least = ferret::secure::lowest_threshold(
                                              ferret::secure::fewest_clients)) const {
        return {number, identities.at(number), directory, server_identity.public_identity(), masked,
                least};
    }

    ferret::secure::Opening opening(std::uint64_t round = 1, std::uint64_t length = 5,
                                    std::uint32_t largest = 1000) const {
        return {.round = round,
                .nonce = {},
                .roster = roster,
                .threshold = 0,
                .length = length,
                .largest = largest,
                .terms = {}};
    }

    ferret::secure::Identity server_identity;
    std::vector<std::uint64_t> roster;
    std::map<std::uint64_t, ferret::secure::Identity> identities;
    ferret::secure::Directory directory;
    ferret::secure::SumServer server;
    std::map<std::uint64_t, ferret::secure::SumClient> clients;
};

/// A client's integers of a round.
inline std::vector<std::uint32_t> integers_of(const ferret::secure::Opening& opening,
                                              std::uint64_t client) {
    std::vector<std::uint32_t> integers(opening.length);
    for (std::size_t i = 0; i < integers.size(); ++i)
        integers[i] = static_cast<std::uint32_t>((client * 7919 + opening.round * 31 + i * 104729) %
                                                 (std::uint64_t{opening.largest} + 1));
    return integers;
}

/// What the sum of these clients' integers has to be.
inline std::vector<std::uint32_t> plain_sum(const ferret::secure::Opening& opening,
                                            const std::vector<std::uint64_t>& clients) {
    std::vector<std::uint32_t> sums(opening.length, 0);
    for (const std::uint64_t client : clients) {
        const std::vector<std::uint32_t> integers = integers_of(opening, client);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += integers[i];
    }
    return sums;
}

/// Who is there no more in each of the four steps, and how messages are ordered.
struct Course {
    std::set<std::uint64_t> without_keys{};
    std::set<std::uint64_t> without_shares{};
    std::set<std::uint64_t> without_vector{};
    std::set<std::uint64_t> without_reveal{};
    bool backwards = false;
};

/// The messages of one round as they went, for tests that change or repeat them.
struct Transcript {
    Bytes opening;
    std::map<std::uint64_t, Bytes> keys;
    Bytes key_list;
    std::map<std::uint64_t, Bytes> shares;
    std::map<std::uint64_t, Bytes> deliveries;
    std::map<std::uint64_t, Bytes> vectors;
    Bytes request;
    std::map<std::uint64_t, Bytes> reveals;
};

/// Hands messages to the server, in ascending or descending order of clients.
inline void send(ferret::secure::SumServer& server, const std::map<std::uint64_t, Bytes>& messages,
                 bool backwards) {
    if (backwards)
        for (auto m = messages.rbegin(); m != messages.rend(); ++m) server.receive(m->second);
    else
        for (const auto& [client, message] : messages) server.receive(message);
}

/// Which message of the server is the last; `reveals`: none, all of the clients' too.
enum class Until : std::uint8_t { key_list, deliveries, request, reveals };

/// Plays a round up to a message of the server that no client has got yet, or to its end. A client that
/// drops out is not heard of again.
/// Throws: what the server throws when too few are left
inline Transcript play(SumFederation& federation, const ferret::secure::Opening& opening,
                       const Course& course = {}, Until until = Until::reveals) {
    Transcript t;
    ferret::secure::SumServer& server = federation.server;
    t.opening = server.open(opening);
    for (const std::uint64_t c : federation.roster)
        if (!course.without_keys.contains(c))
            t.keys.emplace(c, federation.clients.at(c).join(t.opening));
    send(server, t.keys, course.backwards);
    t.key_list = server.list_keys();
    if (until == Until::key_list) return t;
    for (const auto& [c, message] : t.keys)
        if (!course.without_shares.contains(c))
            t.shares.emplace(c, federation.clients.at(c).share(t.key_list));
    send(server, t.shares, course.backwards);
    t.deliveries = server.deliver_shares();
    if (until == Until::deliveries) return t;
    for (const auto& [c, delivery] : t.deliveries)
        if (!course.without_vector.contains(c))
            t.vectors.emplace(c, federation.clients.at(c).mask(delivery, integers_of(opening, c)));
    send(server, t.vectors, course.backwards);
    t.request = server.request_reveal();
    if (until == Until::request) return t;
    for (const auto& [c, message] : t.vectors)
        if (!course.without_reveal.contains(c))
            t.reveals.emplace(c, federation.clients.at(c).reveal(t.request));
    send(server, t.reveals, course.backwards);
    return t;
}

}  // namespace ferret_test
