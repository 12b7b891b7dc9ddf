#pragma once

#include <algorithm>
#include <functional>
#include <utility>

#include "../error_text.hpp"
#include "../wire/frame.hpp"
#include "messages.hpp"

namespace ferret::secure {

namespace detail {

inline std::vector<std::byte> sign(FrameWriter&& frame, const Identity& sender) {
    frame.bare_bytes(sender.sign(frame.content()));
    return std::move(frame).finish();
}

/// Reads the signature of all before it, with which a message ends.
inline void expect_signature(FrameReader& frame, const PublicIdentity& signer,
                             const std::string& who) {
    const std::span<const std::byte> content = frame.content();
    const std::span<const std::byte> signature = frame.bare_bytes(sizeof(Signature));
    frame.expect_end();
    if (!is_signed_by(signer, signature, content))
        throw Forged(
            error_text({frame.name(), ": expected the signature of ", who, ", got another"}));
}

inline void expect_server(FrameReader& frame, const PublicIdentity& server) {
    expect_signature(frame, server, "the server");
}

inline void expect_client(FrameReader& frame, std::uint64_t client, const Directory& clients) {
    const auto found = clients.find(client);
    if (found == clients.end())
        throw Malformed(
            error_text({frame.name(), ": expected a client of the directory, got ", client}));
    expect_signature(frame, found->second, "client " + std::to_string(client));
}

template <std::size_t Size>
std::array<std::byte, Size> read_array(FrameReader& frame) {
    std::array<std::byte, Size> bytes;
    std::ranges::copy(frame.bare_bytes(Size), bytes.begin());
    return bytes;
}

inline Bytes32 read_32(FrameReader& frame) {
    return read_array<sizeof(Bytes32)>(frame);
}

inline std::vector<std::byte> read_message(FrameReader& frame) {
    const std::span<const std::byte> bytes = frame.bytes();
    return {bytes.begin(), bytes.end()};
}

template <class Items, class Write>
void write_list(FrameWriter& frame, const Items& items, const Write& write) {
    frame.number(static_cast<std::uint32_t>(items.size()));
    for (const auto& item : items) write(item);
}

/// Nothing is allocated for items that are not there.
template <class Read>
auto read_list(FrameReader& frame, const Read& read) {
    std::vector<decltype(read(frame))> items;
    const auto count = frame.number<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) items.push_back(read(frame));
    return items;
}

inline void write_clients(FrameWriter& frame, std::span<const std::uint64_t> clients) {
    write_list(frame, clients, [&](std::uint64_t client) { frame.number(client); });
}

inline std::vector<std::uint64_t> read_clients(FrameReader& frame) {
    std::vector<std::uint64_t> clients =
        read_list(frame, [](FrameReader& from) { return from.number<std::uint64_t>(); });
    if (std::ranges::adjacent_find(clients, std::greater_equal{}) != clients.end())
        throw Malformed(error_text({frame.name(), ": expected ascending clients, got others"}));
    return clients;
}

inline void write_messages(FrameWriter& frame,
                           const std::vector<std::vector<std::byte>>& messages) {
    write_list(frame, messages, [&](const std::vector<std::byte>& m) { frame.bytes(m); });
}

}  // namespace detail

inline void check_opening(const Opening& opening) {
    const std::size_t clients = opening.roster.size();
    if (clients < fewest_clients || clients > most_clients)
        throw Malformed(error_text({"opening: expected ", fewest_clients, " to ", most_clients,
                                    " clients, got ", clients}));
    if (std::ranges::adjacent_find(opening.roster, std::greater_equal{}) != opening.roster.end())
        throw Malformed("opening: expected ascending clients, got others");
    if (opening.threshold < lowest_threshold(clients) || opening.threshold > clients)
        throw UnsafeRequest(
            error_text({"opening: expected a threshold of ", lowest_threshold(clients), " to ",
                        clients, " for ", clients, " clients, got ", opening.threshold}));
    if (opening.length == 0 || opening.largest == 0 || opening.sum_bits() > 32)
        throw Malformed(
            error_text({"opening: expected integers whose sum has up to 32 bits, got ",
                        opening.length, " up to ", opening.largest, " of ", clients, " clients"}));
}

inline std::vector<std::byte> encode(const Opening& opening, const Identity& server) {
    FrameWriter frame("FRSO", 1);
    frame.number(opening.round);
    frame.bare_bytes(opening.nonce);
    detail::write_clients(frame, opening.roster);
    frame.number(opening.threshold);
    frame.number(opening.length);
    frame.number(opening.largest);
    frame.bytes(opening.terms);
    return detail::sign(std::move(frame), server);
}

inline Opening decode_opening(std::span<const std::byte> bytes, const PublicIdentity& server) {
    FrameReader frame(bytes, "FRSO", 1, "opening");
    Opening opening;
    opening.round = frame.number<std::uint64_t>();
    opening.nonce = detail::read_32(frame);
    opening.roster = detail::read_clients(frame);
    opening.threshold = frame.number<std::uint32_t>();
    opening.length = frame.number<std::uint64_t>();
    opening.largest = frame.number<std::uint32_t>();
    opening.terms = detail::read_message(frame);
    detail::expect_server(frame, server);
    check_opening(opening);
    return opening;
}

inline std::vector<std::byte> encode(const Keys& keys, const Identity& client) {
    FrameWriter frame("FRSK", 1);
    frame.bare_bytes(keys.opening);
    frame.number(keys.client);
    frame.bare_bytes(keys.channel_key);
    frame.bare_bytes(keys.mask_key);
    return detail::sign(std::move(frame), client);
}

inline Keys decode_keys(std::span<const std::byte> bytes, const Directory& clients) {
    FrameReader frame(bytes, "FRSK", 1, "keys");
    Keys keys;
    keys.opening = detail::read_32(frame);
    keys.client = frame.number<std::uint64_t>();
    keys.channel_key = detail::read_32(frame);
    keys.mask_key = detail::read_32(frame);
    detail::expect_client(frame, keys.client, clients);
    return keys;
}

inline std::vector<std::byte> encode(const KeyList& list, const Identity& server) {
    FrameWriter frame("FRSL", 1);
    frame.bare_bytes(list.opening);
    detail::write_messages(frame, list.keys);
    return detail::sign(std::move(frame), server);
}

inline KeyList decode_key_list(std::span<const std::byte> bytes, const PublicIdentity& server) {
    FrameReader frame(bytes, "FRSL", 1, "key list");
    KeyList list;
    list.opening = detail::read_32(frame);
    list.keys = detail::read_list(frame, detail::read_message);
    detail::expect_server(frame, server);
    return list;
}

inline std::vector<std::byte> encode(const Shares& shares, const Identity& client) {
    FrameWriter frame("FRSS", 1);
    frame.bare_bytes(shares.opening);
    frame.number(shares.client);
    frame.bare_bytes(shares.key_list);
    frame.bare_bytes(shares.self_mask);
    detail::write_list(frame, shares.sealed, [&](const SealedShares& s) { frame.bare_bytes(s); });
    return detail::sign(std::move(frame), client);
}

inline Shares decode_shares(std::span<const std::byte> bytes, const Directory& clients) {
    FrameReader frame(bytes, "FRSS", 1, "shares");
    Shares shares;
    shares.opening = detail::read_32(frame);
    shares.client = frame.number<std::uint64_t>();
    shares.key_list = detail::read_32(frame);
    shares.self_mask = detail::read_32(frame);
    shares.sealed = detail::read_list(frame, detail::read_array<sizeof(SealedShares)>);
    detail::expect_client(frame, shares.client, clients);
    return shares;
}

inline std::vector<std::byte> encode(const Delivery& delivery, const Identity& server) {
    FrameWriter frame("FRSD", 1);
    frame.bare_bytes(delivery.opening);
    frame.number(delivery.recipient);
    detail::write_clients(frame, delivery.sharers);
    detail::write_list(frame, delivery.sealed, [&](const SealedShares& s) { frame.bare_bytes(s); });
    return detail::sign(std::move(frame), server);
}

inline Delivery decode_delivery(std::span<const std::byte> bytes, const PublicIdentity& server) {
    FrameReader frame(bytes, "FRSD", 1, "delivery");
    Delivery delivery;
    delivery.opening = detail::read_32(frame);
    delivery.recipient = frame.number<std::uint64_t>();
    delivery.sharers = detail::read_clients(frame);
    delivery.sealed = detail::read_list(frame, detail::read_array<sizeof(SealedShares)>);
    detail::expect_server(frame, server);
    return delivery;
}

inline std::vector<std::byte> encode(const Receipt& receipt, const Identity& client) {
    FrameWriter frame("FRSR", 1);
    frame.bare_bytes(receipt.opening);
    frame.number(receipt.client);
    frame.bare_bytes(receipt.sharers);
    frame.bare_bytes(receipt.vector);
    return detail::sign(std::move(frame), client);
}

inline Receipt decode_receipt(std::span<const std::byte> bytes, const Directory& clients) {
    FrameReader frame(bytes, "FRSR", 1, "receipt");
    Receipt receipt;
    receipt.opening = detail::read_32(frame);
    receipt.client = frame.number<std::uint64_t>();
    receipt.sharers = detail::read_32(frame);
    receipt.vector = detail::read_32(frame);
    detail::expect_client(frame, receipt.client, clients);
    return receipt;
}

inline std::vector<std::byte> encode(const MaskedVector& vector) {
    FrameWriter frame("FRSM", 1);
    frame.bytes(vector.receipt);
    frame.bytes(vector.integers);
    return std::move(frame).finish();
}

inline MaskedVector decode_masked_vector(std::span<const std::byte> bytes) {
    FrameReader frame(bytes, "FRSM", 1, "masked vector");
    MaskedVector vector;
    vector.receipt = detail::read_message(frame);
    vector.integers = detail::read_message(frame);
    frame.expect_end();
    return vector;
}

inline std::vector<std::byte> encode(const RevealRequest& request, const Identity& server) {
    FrameWriter frame("FRSQ", 1);
    frame.bare_bytes(request.opening);
    detail::write_messages(frame, request.receipts);
    detail::write_clients(frame, request.dead);
    return detail::sign(std::move(frame), server);
}

inline RevealRequest decode_reveal_request(std::span<const std::byte> bytes,
                                           const PublicIdentity& server) {
    FrameReader frame(bytes, "FRSQ", 1, "reveal request");
    RevealRequest request;
    request.opening = detail::read_32(frame);
    request.receipts = detail::read_list(frame, detail::read_message);
    request.dead = detail::read_clients(frame);
    detail::expect_server(frame, server);
    return request;
}

inline std::vector<std::byte> encode(const Reveal& reveal, const Identity& client) {
    FrameWriter frame("FRSV", 1);
    frame.bare_bytes(reveal.opening);
    frame.number(reveal.client);
    detail::write_list(frame, reveal.shares,
                       [&](const Bytes32& share) { frame.bare_bytes(share); });
    return detail::sign(std::move(frame), client);
}

inline Reveal decode_reveal(std::span<const std::byte> bytes, const Directory& clients) {
    FrameReader frame(bytes, "FRSV", 1, "reveal");
    Reveal reveal;
    reveal.opening = detail::read_32(frame);
    reveal.client = frame.number<std::uint64_t>();
    reveal.shares = detail::read_list(frame, detail::read_32);
    detail::expect_client(frame, reveal.client, clients);
    return reveal;
}

inline Bytes32 hash_of_opening(std::span<const std::byte> message) {
    Hasher hasher("ferret opening");
    hasher.add(message);
    return hasher.hash();
}

inline Bytes32 hash_of_key_list(std::span<const std::byte> message) {
    Hasher hasher("ferret key list");
    hasher.add(message);
    return hasher.hash();
}

inline Bytes32 hash_of_sharers(const Bytes32& key_list, std::span<const std::uint64_t> sharers) {
    Hasher hasher("ferret sharers");
    hasher.add(key_list);
    hasher.add(std::uint64_t{sharers.size()});
    for (const std::uint64_t client : sharers) hasher.add(client);
    return hasher.hash();
}

inline Bytes32 hash_of_vector(std::span<const std::byte> packed_integers) {
    Hasher hasher("ferret masked vector");
    hasher.add(packed_integers);
    return hasher.hash();
}

inline Bytes32 commitment_to(const Secret& self_mask) {
    Hasher hasher("ferret self-mask");
    hasher.add(self_mask);
    return hasher.hash();
}

}  // namespace ferret::secure
