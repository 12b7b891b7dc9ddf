#include "secure/sum_federation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/secure/packed_integers.hpp>
#include <ferret/secure/shamir.hpp>
#include <map>
#include <optional>
#include <vector>

using namespace ferret::secure;
using ferret_test::Bytes;
using ferret_test::integers_of;
using ferret_test::plain_sum;
using ferret_test::SumFederation;

namespace {

/// A round of clients 10, 13, 16, 19 and 22 as a server plays it that colludes with client 22: it says that 19,
/// whose vector it has, is dead. What the two then know is that round's secrets and vectors.
struct Collusion {
    explicit Collusion(bool copies_mask_key) {
        const Bytes opened = federation.server.open(federation.opening());
        opening = decode_opening(opened, federation.server_identity.public_identity());
        hash = hash_of_opening(opened);
        KeyList list{hash, {}};
        for (const std::uint64_t c : honest) {
            list.keys.push_back(federation.clients.at(c).join(opened));
            keys[c] = decode_keys(list.keys.back(), federation.directory);
        }
        keys[22] = Keys{hash, 22, channel_key.public_key(),
                        copies_mask_key ? keys.at(10).mask_key : mask_key.public_key()};
        list.keys.push_back(encode(keys.at(22), federation.identities.at(22)));
        const Bytes list_message = encode(list, federation.server_identity);
        key_list = hash_of_key_list(list_message);

        for (const std::uint64_t c : honest)
            shares[c] =
                decode_shares(federation.clients.at(c).share(list_message), federation.directory);
        shares[22] = Shares{hash, 22, key_list, {}, {}};
        for (const std::uint64_t c : honest)
            shares[22].sealed.push_back(
                seal({Secret::random(), Secret::random()}, channel(c), 22, c, key_list));
        for (std::size_t r = 0; r < honest.size(); ++r) {
            Delivery delivery{hash, honest[r], all, {}};
            for (std::size_t s = 0; s < all.size(); ++s)
                if (s != r) delivery.sealed.push_back(shares.at(all[s]).sealed[s < r ? r - 1 : r]);
            vectors[honest[r]] = decode_masked_vector(federation.clients.at(honest[r]).mask(
                encode(delivery, federation.server_identity), integers_of(opening, honest[r])));
        }
        RevealRequest request{hash, {}, {19}};
        for (const std::uint64_t c : living) request.receipts.push_back(vectors.at(c).receipt);
        request.receipts.push_back(encode(Receipt{hash, 22, hash_of_sharers(key_list, all), {}},
                                          federation.identities.at(22)));
        const Bytes message = encode(request, federation.server_identity);
        for (const std::uint64_t c : living)
            reveals.push_back(
                decode_reveal(federation.clients.at(c).reveal(message), federation.directory));
    }

    Secret channel(std::uint64_t client) const {
        return channel_key.agree("ferret sealed shares", hash, 22, client,
                                 keys.at(client).channel_key);
    }

    /// The secret of a sharer, by its place, that three clients revealed shares of: with client 22's own share
    /// there are enough.
    Secret secret_of(std::size_t place) const {
        std::vector<Secret> held;
        for (const Reveal& reveal : reveals) held.emplace_back(reveal.shares[place]);
        const std::optional<SharePair> own = open(shares.at(all[place]).sealed.back(),
                                                  channel(all[place]), all[place], 22, key_list);
        REQUIRE(own);
        held.push_back(all[place] == 19 ? own->of_mask_key : own->of_self_mask);
        return combine(held, share_weights(std::vector<SharePoint>{1, 2, 3, 5}));
    }

    /// These clients' vectors without their own masks and those that they share with 19.
    std::vector<std::uint32_t> unmasked(const std::vector<std::uint64_t>& clients) const {
        const RoundKey of_dead(secret_of(3));
        REQUIRE(of_dead.public_key() == keys.at(19).mask_key);
        std::vector<std::uint32_t> sum(opening.length, 0);
        for (const std::uint64_t c : clients) {
            const std::vector<std::uint32_t> vector =
                unpack(vectors.at(c).integers, opening.length, opening.sum_bits());
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += vector[i];
            const auto place = std::ranges::lower_bound(all, c) - all.begin();
            add_mask(sum, secret_of(static_cast<std::size_t>(place)), MaskSign::minus);
            // Clients of lower numbers added what they share with 19.
            add_mask(sum, of_dead.agree("ferret mask", hash, 19, c, keys.at(c).mask_key),
                     MaskSign::minus);
        }
        return sum;
    }

    std::vector<std::uint32_t> reduced(std::vector<std::uint32_t> sum) const {
        for (std::uint32_t& integer : sum) integer &= (1u << opening.sum_bits()) - 1;
        return sum;
    }

    const std::vector<std::uint64_t> honest{10, 13, 16, 19};
    const std::vector<std::uint64_t> living{10, 13, 16};
    const std::vector<std::uint64_t> all{10, 13, 16, 19, 22};
    SumFederation federation{5};
    Opening opening;
    Bytes32 hash{};
    RoundKey channel_key = RoundKey::random();  ///< client 22's
    RoundKey mask_key = RoundKey::random();
    std::map<std::uint64_t, Keys> keys;
    Bytes32 key_list{};
    std::map<std::uint64_t, Shares> shares;
    std::map<std::uint64_t, MaskedVector> vectors;
    std::vector<Reveal> reveals;
};

}  // namespace

TEST_CASE("who copies a client's mask key does not get the sum without that client") {
    // With a key of its own client 22 knows what others masked for it: the sum of the living, as it should be.
    const Collusion own(false);
    std::vector<std::uint32_t> sum = own.unmasked(own.living);
    for (const std::uint64_t c : own.living)
        add_mask(sum, own.mask_key.agree("ferret mask", own.hash, 22, c, own.keys.at(c).mask_key),
                 MaskSign::minus);
    CHECK(own.reduced(sum) == plain_sum(own.opening, own.living));

    // With client 10's, if agreements were of keys alone, 13 and 16 would add for 22 what they take away for
    // 10, and their sum be bare.
    const Collusion copied(true);
    CHECK(copied.reduced(copied.unmasked({13, 16})) != plain_sum(copied.opening, {13, 16}));
    // Nor is there any other sum: nobody knows the secret of the key that the living masked for.
    CHECK(copied.reduced(copied.unmasked(copied.living)) !=
          plain_sum(copied.opening, copied.living));
}

TEST_CASE("what is sealed for two clients of the same channel key is sealed under two keys") {
    // Clients 13 and 16 collude and share a key; 10 seals for both, as the one of the lower number.
    SumFederation federation(3);
    const Bytes opened = federation.server.open(federation.opening());
    const Bytes32 hash = hash_of_opening(opened);
    const Bytes keys_of_10 = federation.clients.at(10).join(opened);
    const Keys keys = decode_keys(keys_of_10, federation.directory);
    const RoundKey channel_key = RoundKey::random();
    KeyList list{hash, {keys_of_10}};
    for (const std::uint64_t c : {13u, 16u})
        list.keys.push_back(
            encode(Keys{hash, c, channel_key.public_key(), RoundKey::random().public_key()},
                   federation.identities.at(c)));
    const Bytes message = encode(list, federation.server_identity);
    const Bytes32 key_list = hash_of_key_list(message);
    const Shares shares =
        decode_shares(federation.clients.at(10).share(message), federation.directory);
    const auto key = [&](std::uint64_t client) {
        return channel_key.agree("ferret sealed shares", hash, client, 10, keys.channel_key);
    };
    const auto first = open(shares.sealed[0], key(13), 10, 13, key_list);
    const auto second = open(shares.sealed[1], key(16), 10, 16, key_list);
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(open(shares.sealed[0], key(16), 10, 13, key_list));
    CHECK_FALSE(open(shares.sealed[1], key(13), 10, 16, key_list));
    // Under one key both would be under the same stream, and differ as the shares do.
    bool same_stream = true;
    for (std::size_t i = 0; i < sizeof(Bytes32); ++i)
        same_stream = same_stream && (shares.sealed[0][i] ^ shares.sealed[1][i]) ==
                                         (first->of_self_mask[i] ^ second->of_self_mask[i]);
    CHECK_FALSE(same_stream);
}
