#pragma once

#include <algorithm>
#include <utility>

#include "../error_text.hpp"
#include "packed_integers.hpp"
#include "shamir.hpp"
#include "sum_client.hpp"
#include "sum_server.hpp"

namespace ferret::secure {

inline void SumServer::expect_step(Step step, const char* what) const {
    if (step_ != step)
        throw WrongStep(error_text({"secure round: expected no ", what, " at this step"}));
}

inline void SumServer::expect_client(const Bytes32& opening, std::uint64_t client,
                                     const char* what) const {
    if (opening != hash_)
        throw WrongRound(
            error_text({what, " of client ", client, ": expected the opening of round ",
                        opening_.round, ", got another"}));
    if (!std::ranges::binary_search(expected_, client))
        throw Malformed(
            error_text({what, ": expected a client that is still in the round, got ", client}));
    if (received_.contains(client))
        throw Duplicate(error_text({what, ": expected one of client ", client, ", got another"}));
}

inline void SumServer::expect_enough(const char* what) const {
    if (received_.size() < opening_.threshold)
        throw TooFewClients(error_text({"secure round: expected ", what, " of at least ",
                                        opening_.threshold, " clients, got ", received_.size()}));
}

/// Whoever answered may go on.
inline void SumServer::next_step(Step step) {
    expected_.clear();
    for (const auto& [client, message] : received_) expected_.push_back(client);
    received_.clear();
    step_ = step;
}

inline std::vector<std::byte> SumServer::open(Opening opening) {
    if (opening.threshold == 0) opening.threshold = lowest_threshold(opening.roster.size());
    opening.nonce = Secret::random();
    check_opening(opening);
    for (const std::uint64_t client : opening.roster)
        if (!clients_.contains(client))
            throw Malformed(
                error_text({"opening: expected clients of the directory, got ", client}));
    // All that may fail comes before the first change.
    std::vector<std::byte> message = encode(opening, identity_);
    const Bytes32 hash = hash_of_opening(message);
    std::vector<std::uint64_t> expected = opening.roster;
    std::vector<std::uint32_t> zeros(static_cast<std::size_t>(opening.length), 0);
    end();
    opening_ = std::move(opening);
    hash_ = hash;
    expected_ = std::move(expected);
    masked_sum_ = std::move(zeros);
    step_ = Step::keys;
    return message;
}

inline void SumServer::end() {
    step_ = Step::none;
    opening_ = {};
    hash_ = {};
    expected_ = {};
    received_.clear();
    keys_.clear();
    key_list_ = {};
    shares_.clear();
    sharers_hash_ = {};
    masked_sum_ = {};
    living_ = {};
    reveals_.clear();
}

inline void SumServer::receive(std::span<const std::byte> message) {
    std::string kind;
    for (std::size_t i = 0; i < 4 && i < message.size(); ++i)
        kind += std::to_integer<char>(message[i]);
    if (kind == "FRSK") {
        receive_keys(message);
    } else if (kind == "FRSS") {
        receive_shares(message);
    } else if (kind == "FRSM") {
        receive_vector(message);
    } else if (kind == "FRSV") {
        receive_reveal(message);
    } else {
        throw UnsupportedVersion(
            "secure round: expected a message that begins with FRSK, FRSS, FRSM or FRSV");
    }
}

inline void SumServer::receive_keys(std::span<const std::byte> message) {
    expect_step(Step::keys, "keys");
    const Keys keys = decode_keys(message, clients_);
    expect_client(keys.opening, keys.client, "keys");
    if (is_of_small_order(keys.channel_key) || is_of_small_order(keys.mask_key))
        throw Forged(error_text({"keys of client ", keys.client,
                                 ": expected X25519 public keys, got one of small order"}));
    received_.emplace(keys.client, std::vector<std::byte>(message.begin(), message.end()));
    keys_.emplace(keys.client, keys);
}

inline std::vector<std::byte> SumServer::list_keys() {
    expect_step(Step::keys, "key list");
    expect_enough("keys");
    KeyList list{hash_, {}};
    for (const auto& [client, message] : received_) list.keys.push_back(message);
    std::vector<std::byte> message = encode(list, identity_);
    key_list_ = hash_of_key_list(message);
    next_step(Step::shares);
    return message;
}

inline void SumServer::receive_shares(std::span<const std::byte> message) {
    expect_step(Step::shares, "shares");
    Shares shares = decode_shares(message, clients_);
    const std::uint64_t client = shares.client;
    expect_client(shares.opening, client, "shares");
    if (shares.key_list != key_list_ || shares.sealed.size() + 1 != keys_.size())
        throw Malformed(error_text({"shares of client ", client, ": expected ", keys_.size() - 1,
                                    " for the round's key list, got ", shares.sealed.size(),
                                    shares.key_list != key_list_ ? " for another" : ""}));
    received_.emplace(client, std::vector<std::byte>{});
    shares_.emplace(client, std::move(shares));
}

inline std::map<std::uint64_t, std::vector<std::byte>> SumServer::deliver_shares() {
    expect_step(Step::shares, "delivery");
    expect_enough("shares");
    std::vector<std::uint64_t> sharers;
    for (const auto& [client, shares] : shares_) sharers.push_back(client);
    std::map<std::uint64_t, std::vector<std::byte>> messages;
    std::size_t place = 0;  // of the recipient among those with keys
    for (const auto& [recipient, keys] : keys_) {
        const std::size_t here = place++;
        if (!shares_.contains(recipient)) continue;
        Delivery delivery{hash_, recipient, sharers, {}};
        for (const auto& [client, shares] : shares_) {
            if (client == recipient) continue;
            // A client's list leaves itself out.
            delivery.sealed.push_back(shares.sealed[client < recipient ? here - 1 : here]);
        }
        messages.emplace(recipient, encode(delivery, identity_));
    }
    sharers_hash_ = hash_of_sharers(key_list_, sharers);
    next_step(Step::vectors);
    return messages;
}

inline void SumServer::receive_vector(std::span<const std::byte> message) {
    expect_step(Step::vectors, "masked vector");
    const MaskedVector vector = decode_masked_vector(message);
    const Receipt receipt = decode_receipt(vector.receipt, clients_);
    expect_client(receipt.opening, receipt.client, "masked vector");
    if (receipt.sharers != sharers_hash_)
        throw Malformed(error_text({"masked vector of client ", receipt.client,
                                    ": expected one for the round's sharers, got another"}));
    if (receipt.vector != hash_of_vector(vector.integers))
        throw Forged(error_text({"masked vector: expected the integers that client ",
                                 receipt.client, " signed, got others"}));
    const std::vector<std::uint32_t> integers =
        unpack(vector.integers, opening_.length, opening_.sum_bits());
    received_.emplace(receipt.client, vector.receipt);
    for (std::size_t i = 0; i < integers.size(); ++i) masked_sum_[i] += integers[i];
}

inline std::vector<std::byte> SumServer::request_reveal() {
    expect_step(Step::vectors, "reveal request");
    expect_enough("masked vectors");
    RevealRequest request{hash_, {}, {}};
    for (const auto& [client, shares] : shares_) {
        const auto receipt = received_.find(client);
        if (receipt == received_.end())
            request.dead.push_back(client);
        else
            request.receipts.push_back(receipt->second);
    }
    std::vector<std::byte> message = encode(request, identity_);
    next_step(Step::reveals);
    living_ = expected_;
    return message;
}

inline void SumServer::receive_reveal(std::span<const std::byte> message) {
    expect_step(Step::reveals, "reveal");
    Reveal reveal = decode_reveal(message, clients_);
    const std::uint64_t client = reveal.client;
    expect_client(reveal.opening, client, "reveal");
    if (reveal.shares.size() != shares_.size())
        throw Malformed(error_text({"reveal of client ", client, ": expected ", shares_.size(),
                                    " shares, got ", reveal.shares.size()}));
    received_.emplace(client, std::vector<std::byte>{});
    reveals_.emplace(client, std::move(reveal));
}

/// Takes out what the living masked for a client that sent no vector.
inline void SumServer::remove_dead(std::vector<std::uint32_t>& integers, std::uint64_t client,
                                   const Secret& mask_key) const {
    const RoundKey key(mask_key);
    if (key.public_key() != keys_.at(client).mask_key)
        throw Forged(error_text(
            {"reveals: expected shares of the mask key of client ", client, ", got others"}));
    for (const std::uint64_t other : living_)
        add_mask(integers, key.agree("ferret mask", hash_, client, other, keys_.at(other).mask_key),
                 other < client ? MaskSign::minus : MaskSign::plus);
}

inline Sum SumServer::sum() const {
    expect_step(Step::reveals, "sum");
    expect_enough("reveals");
    std::vector<SharePoint> points;
    std::vector<const Reveal*> reveals;
    for (const auto& [client, reveal] : reveals_) {
        if (reveals.size() == opening_.threshold) break;
        const auto place = std::ranges::lower_bound(opening_.roster, client);
        points.push_back(share_point(static_cast<std::size_t>(place - opening_.roster.begin())));
        reveals.push_back(&reveal);
    }
    const std::vector<std::uint8_t> weights = share_weights(points);

    Sum result{masked_sum_, living_};
    std::size_t sharer = 0;
    for (const auto& [client, shares] : shares_) {
        std::vector<Secret> of_client;
        for (const Reveal* reveal : reveals) of_client.emplace_back(reveal->shares[sharer]);
        ++sharer;
        const Secret secret = combine(of_client, weights);
        if (!std::ranges::binary_search(living_, client)) {
            remove_dead(result.integers, client, secret);
            continue;
        }
        if (commitment_to(secret) != shares.self_mask)
            throw Forged(error_text(
                {"reveals: expected shares of the self-mask of client ", client, ", got others"}));
        add_mask(result.integers, secret, MaskSign::minus);
    }
    const auto bits = static_cast<std::uint32_t>((std::uint64_t{1} << opening_.sum_bits()) - 1);
    const std::uint64_t most = std::uint64_t{opening_.largest} * living_.size();
    for (std::size_t i = 0; i < result.integers.size(); ++i) {
        result.integers[i] &= bits;
        if (result.integers[i] > most)
            throw Malformed(error_text({"secure round: expected sums up to ", most, ", got ",
                                        result.integers[i], " at ", i}));
    }
    return result;
}

}  // namespace ferret::secure
