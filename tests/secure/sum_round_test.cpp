#include "secure/sum_federation.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

using ferret::secure::Opening;
using ferret::secure::Sum;
using ferret_test::Course;
using ferret_test::integers_of;
using ferret_test::plain_sum;
using ferret_test::play;
using ferret_test::SumFederation;

namespace {

/// Plays the round, and holds its sum to the plain one; or, where too few are left, sees that nothing
/// comes of it.
void check_course(SumFederation& federation, const Opening& opening, const Course& course) {
    std::vector<std::uint64_t> living;
    std::size_t revealing = 0;
    for (const std::uint64_t c : federation.roster) {
        if (course.without_keys.contains(c) || course.without_shares.contains(c) ||
            course.without_vector.contains(c))
            continue;
        living.push_back(c);
        if (!course.without_reveal.contains(c)) ++revealing;
    }
    if (revealing < ferret::secure::lowest_threshold(federation.roster.size())) {
        CHECK_THROWS_AS(
            [&] {
                play(federation, opening, course);
                static_cast<void>(federation.server.sum());
            }(),
            ferret::TooFewClients);
        return;
    }
    play(federation, opening, course);
    CHECK(federation.server.sum() == Sum{plain_sum(opening, living), living});
}

std::set<std::uint64_t> subset(const std::vector<std::uint64_t>& clients, unsigned bits) {
    std::set<std::uint64_t> chosen;
    for (std::size_t i = 0; i < clients.size(); ++i)
        if ((bits >> i & 1u) != 0) chosen.insert(clients[i]);
    return chosen;
}

}  // namespace

TEST_CASE("the sum is the plain sum, for every set of five clients that drops out in any step") {
    SumFederation federation(5);
    std::uint64_t round = 0;
    for (unsigned bits = 0; bits < 32; ++bits) {
        CAPTURE(bits);
        const std::set<std::uint64_t> gone = subset(federation.roster, bits);
        const bool backwards = bits % 2 == 1;
        for (const Course& course : {Course{.without_keys = gone, .backwards = backwards},
                                     Course{.without_shares = gone, .backwards = backwards},
                                     Course{.without_vector = gone, .backwards = backwards},
                                     Course{.without_reveal = gone, .backwards = backwards}})
            check_course(federation, federation.opening(++round), course);
    }
}

TEST_CASE("clients may drop out in different steps") {
    SumFederation federation(7);  // of which five have to stay
    std::uint64_t round = 0;
    for (unsigned first = 0; first < 4; ++first) {
        for (unsigned second = 0; second < 4; ++second) {
            Course course;
            std::set<std::uint64_t>* const steps[] = {&course.without_keys, &course.without_shares,
                                                      &course.without_vector,
                                                      &course.without_reveal};
            steps[first]->insert(federation.roster[1]);
            steps[second]->insert(federation.roster[5]);
            check_course(federation, federation.opening(++round), course);
        }
    }
}

TEST_CASE("a round that failed leaves nothing behind: the next one's sum is right") {
    SumFederation federation(4);
    const std::set<std::uint64_t> gone{federation.roster[0], federation.roster[3]};
    std::uint64_t round = 0;
    for (const Course& course : {Course{.without_keys = gone}, Course{.without_shares = gone},
                                 Course{.without_vector = gone}, Course{.without_reveal = gone}}) {
        check_course(federation, federation.opening(++round), course);
        check_course(federation, federation.opening(++round), {});
    }
}

TEST_CASE("integers as large as a sum can take do not wrap") {
    SumFederation federation(5);
    const auto largest = static_cast<std::uint32_t>(0xFFFFFFFFu / 5);
    Opening opening = federation.opening(1, 3, largest);
    CHECK(opening.sum_bits() == 32);
    const auto all_largest = [&](std::uint64_t round, std::uint32_t integer) {
        opening = federation.opening(round, 3, largest);
        ferret::secure::SumServer& server = federation.server;
        const auto opened = server.open(opening);
        for (auto& [c, client] : federation.clients) server.receive(client.join(opened));
        const auto list = server.list_keys();
        for (auto& [c, client] : federation.clients) server.receive(client.share(list));
        for (const auto& [c, delivery] : server.deliver_shares())
            server.receive(
                federation.clients.at(c).mask(delivery, std::vector<std::uint32_t>(3, integer)));
        const auto request = server.request_reveal();
        for (auto& [c, client] : federation.clients) server.receive(client.reveal(request));
        return server.sum().integers;
    };
    CHECK(all_largest(1, largest) == std::vector<std::uint32_t>(3, 5 * largest));
    CHECK(all_largest(2, 0) == std::vector<std::uint32_t>(3, 0));
}

TEST_CASE("sums of every width") {
    SumFederation federation(3);
    std::uint64_t round = 0;
    for (unsigned bits = 1; bits <= 30; ++bits) {
        const std::uint32_t largest = (1u << bits) - 1;
        check_course(federation, federation.opening(++round, 33, largest), {});
    }
}

TEST_CASE("who reveals, beyond the threshold, changes nothing") {
    SumFederation federation(6);
    for (std::uint64_t round = 1; round <= 6; ++round) {
        const std::uint64_t silent = federation.roster[round - 1];
        check_course(federation, federation.opening(round), {.without_reveal = {silent}});
    }
}

TEST_CASE("a masked vector says nothing of its integers: its bits are evenly spread") {
    SumFederation federation(3);
    const Opening opening = federation.opening(1, 40000, 1);  // sums of 2 bits
    REQUIRE(opening.sum_bits() == 2);
    const ferret_test::Transcript round = play(federation, opening);
    const auto vector =
        ferret::secure::decode_masked_vector(round.vectors.at(federation.roster[1]));
    std::vector<double> counts(4, 0.0);
    for (const std::byte byte : vector.integers)
        for (unsigned at = 0; at < 8; at += 2) ++counts[std::to_integer<unsigned>(byte >> at) % 4];
    // 40000 draws of 4: a standard deviation of 87, of which 6 are missed once in 5e8 rounds.
    for (const double count : counts) CHECK(std::abs(count - 10000.0) < 6.0 * 87.0);
}

TEST_CASE("200 clients of 4096 integers, of which a quarter sends no vector") {
    SumFederation federation(200);
    Course course;
    for (std::size_t i = 0; i < 50; ++i) course.without_vector.insert(federation.roster[4 * i]);
    check_course(federation, federation.opening(1, 4096, 15), course);
}
