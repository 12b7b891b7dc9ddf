#pragma once

#include <algorithm>
#include <set>
#include <utility>

#include "../error_text.hpp"
#include "packed_integers.hpp"
#include "shamir.hpp"
#include "sum_client.hpp"

namespace ferret::secure {

/// The point of a client's shares: its place in the roster, from 1.
inline SharePoint share_point(std::size_t position) {
    return static_cast<SharePoint>(position + 1);
}

inline SumClient::SumClient(std::uint64_t number, Identity identity, Directory clients,
                            PublicIdentity server, std::uint64_t masked, std::uint32_t least)
    : number_(number),
      identity_(std::move(identity)),
      clients_(std::move(clients)),
      server_(server),
      masked_(masked),
      least_(least) {
    const auto own = clients_.find(number_);
    if (own == clients_.end() || own->second != identity_.public_identity())
        throw Malformed(error_text({"directory: expected the identity of client ", number_,
                                    ", got ", own == clients_.end() ? "none" : "another"}));
}

inline SumClient::Round& SumClient::expect_step(Step step, const char* what) const {
    if (!round_ || round_->step != step)
        throw WrongStep(error_text({"client ", number_, ": expected no ", what, " at this step"}));
    return *round_;
}

inline void SumClient::expect_opening(const Bytes32& opening, const std::string& what) const {
    if (opening != round_->hash)
        throw WrongRound(
            error_text({what, ": expected the opening of round ", round_->opening.round,
                        " that client ", number_, " joined, got another"}));
}

inline void SumClient::expect_enough(std::size_t clients, const std::string& what) const {
    if (clients < round_->opening.threshold)
        throw TooFewClients(error_text(
            {what, ": expected at least ", round_->opening.threshold, " clients, got ", clients}));
}

inline std::vector<std::byte> SumClient::join(std::span<const std::byte> opening) {
    Opening terms = decode_opening(opening, server_);
    if (terms.threshold < least_)
        throw UnsafeRequest(
            error_text({"opening: expected a threshold of at least ", least_,
                        ", the least of client ", number_, ", got ", terms.threshold}));
    if (terms.round <= masked_)
        throw WrongRound(error_text({"opening: expected a round after ", masked_,
                                     ", in which client ", number_, " masked, got ", terms.round}));
    for (const std::uint64_t client : terms.roster)
        if (!clients_.contains(client))
            throw Malformed(
                error_text({"opening: expected clients of the directory, got ", client}));
    if (!std::ranges::binary_search(terms.roster, number_))
        throw Malformed(error_text({"opening: expected client ", number_, " in its roster"}));
    auto round = std::make_unique<Round>(Round{.opening = std::move(terms),
                                               .hash = hash_of_opening(opening),
                                               .channel_key = RoundKey::random(),
                                               .mask_key = RoundKey::random(),
                                               .self_mask = Secret::random()});
    round_ = std::move(round);
    return encode(Keys{round_->hash, number_, round_->channel_key->public_key(),
                       round_->mask_key->public_key()},
                  identity_);
}

inline std::map<std::uint64_t, SumClient::Peer> SumClient::read_peers(const Round& round,
                                                                      const KeyList& list) const {
    std::map<std::uint64_t, Peer> peers;
    for (const std::vector<std::byte>& message : list.keys) {
        const Keys keys = decode_keys(message, clients_);
        expect_opening(keys.opening, "key list: client " + std::to_string(keys.client));
        const auto place = std::ranges::lower_bound(round.opening.roster, keys.client);
        if (place == round.opening.roster.end() || *place != keys.client)
            throw Malformed(
                error_text({"key list: expected clients of the roster, got ", keys.client}));
        if (!peers.empty() && peers.rbegin()->first >= keys.client)
            throw Malformed(error_text({"key list: expected ascending clients, got ", keys.client,
                                        " after ", peers.rbegin()->first}));
        const auto position = static_cast<std::size_t>(place - round.opening.roster.begin());
        peers.emplace(keys.client, Peer{keys, position, {}, {}});
    }
    expect_enough(peers.size(), "key list");
    const auto own = peers.find(number_);
    if (own == peers.end() || own->second.keys.channel_key != round.channel_key->public_key() ||
        own->second.keys.mask_key != round.mask_key->public_key())
        throw Malformed(error_text({"key list: expected the keys that client ", number_,
                                    " sent, got ", own == peers.end() ? "none" : "others"}));
    return peers;
}

inline std::vector<std::byte> SumClient::share(std::span<const std::byte> key_list) {
    Round& round = expect_step(Step::keys, "key list");
    const KeyList list = decode_key_list(key_list, server_);
    expect_opening(list.opening, "key list");
    std::map<std::uint64_t, Peer> peers = read_peers(round, list);
    const Bytes32 hash = hash_of_key_list(key_list);

    std::vector<SharePoint> points;
    for (const auto& [client, peer] : peers) points.push_back(share_point(peer.position));
    const std::size_t threshold = round.opening.threshold;
    const std::vector<Secret> of_self_mask = split(round.self_mask, points, threshold);
    const std::vector<Secret> of_mask_key = split(round.mask_key->secret(), points, threshold);

    Shares shares{round.hash, number_, hash, commitment_to(round.self_mask), {}};
    std::size_t i = 0;
    for (auto& [client, peer] : peers) {
        const SharePair pair{of_self_mask[i], of_mask_key[i]};
        ++i;
        if (client == number_) {
            peer.held = pair;
            continue;
        }
        peer.channel = round.channel_key->agree("ferret sealed shares", round.hash, number_, client,
                                                peer.keys.channel_key);
        shares.sealed.push_back(seal(pair, peer.channel, number_, client, hash));
    }
    std::vector<std::byte> message = encode(shares, identity_);
    round.peers = std::move(peers);
    round.key_list = hash;
    round.channel_key.reset();
    round.step = Step::shares;
    return message;
}

inline Delivery SumClient::read_delivery(std::span<const std::byte> bytes) const {
    const Round& round = expect_step(Step::shares, "delivery");
    Delivery delivery = decode_delivery(bytes, server_);
    expect_opening(delivery.opening, "delivery");
    if (delivery.recipient != number_)
        throw Malformed(error_text(
            {"delivery: expected one for client ", number_, ", got one for ", delivery.recipient}));
    expect_enough(delivery.sharers.size(), "delivery");
    for (const std::uint64_t client : delivery.sharers)
        if (!round.peers.contains(client))
            throw Malformed(
                error_text({"delivery: expected clients of the key list, got ", client}));
    if (!std::ranges::binary_search(delivery.sharers, number_) ||
        delivery.sealed.size() + 1 != delivery.sharers.size())
        throw Malformed(error_text({"delivery: expected client ", number_,
                                    " among the sharers and shares of all others, got ",
                                    delivery.sealed.size(), " of ", delivery.sharers.size()}));
    return delivery;
}

inline void SumClient::check_delivery(std::span<const std::byte> delivery) const {
    static_cast<void>(read_delivery(delivery));
}

inline std::vector<std::byte> SumClient::mask(std::span<const std::byte> bytes,
                                              std::span<const std::uint32_t> integers) {
    Delivery delivery = read_delivery(bytes);
    Round& round = *round_;
    if (integers.size() != round.opening.length)
        throw Malformed(error_text({"client ", number_, ": expected ", round.opening.length,
                                    " integers, got ", integers.size()}));
    for (std::size_t i = 0; i < integers.size(); ++i)
        if (integers[i] > round.opening.largest)
            throw Malformed(error_text({"client ", number_, ": expected integers up to ",
                                        round.opening.largest, ", got ", integers[i], " at ", i}));

    std::map<std::uint64_t, SharePair> held;
    std::vector<std::uint32_t> masked(integers.begin(), integers.end());
    add_mask(masked, round.self_mask, MaskSign::plus);
    auto sealed = delivery.sealed.begin();
    for (const std::uint64_t client : delivery.sharers) {
        if (client == number_) continue;
        const Peer& peer = round.peers.at(client);
        const std::optional<SharePair> pair =
            open(*sealed++, peer.channel, client, number_, round.key_list);
        if (!pair)
            throw Forged(error_text(
                {"delivery: expected shares sealed by client ", client, ", got others"}));
        held.emplace(client, *pair);
        add_mask(
            masked,
            round.mask_key->agree("ferret mask", round.hash, number_, client, peer.keys.mask_key),
            number_ < client ? MaskSign::plus : MaskSign::minus);
    }
    std::vector<std::byte> packed = pack(masked, round.opening.sum_bits());
    const Receipt receipt{round.hash, number_, hash_of_sharers(round.key_list, delivery.sharers),
                          hash_of_vector(packed)};
    std::vector<std::byte> message =
        encode(MaskedVector{encode(receipt, identity_), std::move(packed)});
    for (const auto& [client, pair] : held) round.peers.at(client).held = pair;
    for (auto& [client, peer] : round.peers) peer.channel = Secret{};
    round.mask_key.reset();
    round.self_mask = Secret{};
    round.sharers = std::move(delivery.sharers);
    round.step = Step::vector;
    masked_ = round.opening.round;
    return message;
}

inline std::vector<std::byte> SumClient::reveal(std::span<const std::byte> bytes) {
    Round& round = expect_step(Step::vector, "reveal request");
    const RevealRequest request = decode_reveal_request(bytes, server_);
    expect_opening(request.opening, "reveal request");
    const Bytes32 sharers = hash_of_sharers(round.key_list, round.sharers);
    std::set<std::uint64_t> living;
    for (const std::vector<std::byte>& message : request.receipts) {
        const Receipt receipt = decode_receipt(message, clients_);
        const std::string who = "reveal request: client " + std::to_string(receipt.client);
        expect_opening(receipt.opening, who);
        if (receipt.sharers != sharers)
            throw UnsafeRequest(
                error_text({who, ": expected a vector masked for the same sharers, got another"}));
        if (!std::ranges::binary_search(round.sharers, receipt.client))
            throw UnsafeRequest(error_text({who, ": expected one of the sharers"}));
        if (!living.insert(receipt.client).second)
            throw UnsafeRequest(error_text({who, ": expected each client once, got it again"}));
    }
    expect_enough(living.size(), "reveal request");
    if (!living.contains(number_))
        throw UnsafeRequest(error_text(
            {"reveal request: expected client ", number_, " among the living, got it not"}));
    for (const std::uint64_t client : request.dead)
        if (living.contains(client))
            throw UnsafeRequest(error_text(
                {"reveal request: client ", client, ": expected it living or dead, got both"}));
    std::vector<std::uint64_t> all(request.dead);
    all.insert(all.end(), living.begin(), living.end());
    std::ranges::sort(all);
    if (all != round.sharers)
        throw UnsafeRequest(
            error_text({"reveal request: expected the ", round.sharers.size(),
                        " sharers living or dead, got ", all.size(), " clients, not the same"}));

    Reveal reveal{round.hash, number_, {}};
    for (const std::uint64_t client : round.sharers) {
        const SharePair& held = round.peers.at(client).held;
        reveal.shares.push_back(living.contains(client) ? held.of_self_mask : held.of_mask_key);
    }
    std::vector<std::byte> message = encode(reveal, identity_);
    round_.reset();
    return message;
}

}  // namespace ferret::secure
