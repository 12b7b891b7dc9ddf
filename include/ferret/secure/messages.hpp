#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../error.hpp"
#include "identity.hpp"
#include "masks.hpp"
#include "sodium.hpp"

// What is sent in a round of secure summation, in its order; docs/wire.md has the formats. `encode` signs with
// the sender's identity, and readers check the signature before they give anything out. `opening` is
// the hash of the round's opening, which every message of the round carries.

namespace ferret::secure {

/// How many clients a round can have: one alone has no sum to hide in, and every two of a round share
/// a mask.
inline constexpr std::size_t fewest_clients = 3;
inline constexpr std::size_t most_clients = 200;

/// The lowest threshold that clients accept.
/// Math:   floor(2 n / 3) + 1: more than (n + k) / 2 while k < n / 3 clients collude with the server
constexpr std::uint32_t lowest_threshold(std::size_t clients) {
    return static_cast<std::uint32_t>(2 * clients / 3 + 1);
}

/// What the server opens a round with.
struct Opening {
    std::uint64_t round = 0;
    Bytes32 nonce{};                    ///< tells two openings of the same round apart
    std::vector<std::uint64_t> roster;  ///< the clients that may take part, ascending
    std::uint32_t threshold = 0;        ///< how many clients have to stay to the end
    std::uint64_t length = 0;           ///< integers that each client sends
    std::uint32_t largest = 0;          ///< that one of them may be
    std::vector<std::byte> terms;       ///< what the integers are about, for those who use the sum

    bool operator==(const Opening&) const = default;

    /// Bits of a sum, and so of the masked integers. No sum of all clients wraps.
    unsigned sum_bits() const {
        return static_cast<unsigned>(std::bit_width(std::uint64_t{roster.size()} * largest));
    }
};

/// A client's public keys of the round.
struct Keys {
    Bytes32 opening{};
    std::uint64_t client = 0;
    Bytes32 channel_key{};  ///< to seal shares for it
    Bytes32 mask_key{};     ///< to agree on masks with it

    bool operator==(const Keys&) const = default;
};

/// The keys of all clients that sent some, as they sent them.
struct KeyList {
    Bytes32 opening{};
    std::vector<std::vector<std::byte>> keys;  ///< messages, by client

    bool operator==(const KeyList&) const = default;
};

/// A client's secrets in shares, one pair for each other client of the key list.
struct Shares {
    Bytes32 opening{};
    std::uint64_t client = 0;
    Bytes32 key_list{};                ///< hash of the message
    Bytes32 self_mask{};               ///< commitment to the seed of the client's own mask
    std::vector<SealedShares> sealed;  ///< for all other clients of the key list, by client

    bool operator==(const Shares&) const = default;
};

/// The shares for one client.
struct Delivery {
    Bytes32 opening{};
    std::uint64_t recipient = 0;
    std::vector<std::uint64_t> sharers;  ///< the clients that sent shares, ascending
    std::vector<SealedShares> sealed;    ///< by them for this one, which itself has none

    bool operator==(const Delivery&) const = default;
};

/// What a client signs of its masked vector.
struct Receipt {
    Bytes32 opening{};
    std::uint64_t client = 0;
    Bytes32 sharers{};  ///< hash_of_sharers that it masked for
    Bytes32 vector{};   ///< hash_of_vector

    bool operator==(const Receipt&) const = default;
};

/// A client's masked vector.
struct MaskedVector {
    std::vector<std::byte> receipt;   ///< its message
    std::vector<std::byte> integers;  ///< packed, of the opening's sum_bits

    bool operator==(const MaskedVector&) const = default;
};

/// Who is in the sum, and who is not.
struct RevealRequest {
    Bytes32 opening{};
    std::vector<std::vector<std::byte>> receipts;  ///< of the living, by client
    std::vector<std::uint64_t> dead;               ///< the other sharers, ascending

    bool operator==(const RevealRequest&) const = default;
};

/// A client's shares: of a living client's self-mask, of a dead one's mask key.
struct Reveal {
    Bytes32 opening{};
    std::uint64_t client = 0;
    std::vector<Bytes32> shares;  ///< one a sharer, by client

    bool operator==(const Reveal&) const = default;
};

std::vector<std::byte> encode(const Opening& opening, const Identity& server);
std::vector<std::byte> encode(const Keys& keys, const Identity& client);
std::vector<std::byte> encode(const KeyList& list, const Identity& server);
std::vector<std::byte> encode(const Shares& shares, const Identity& client);
std::vector<std::byte> encode(const Delivery& delivery, const Identity& server);
std::vector<std::byte> encode(const Receipt& receipt, const Identity& client);
std::vector<std::byte> encode(const MaskedVector& vector);
std::vector<std::byte> encode(const RevealRequest& request, const Identity& server);
std::vector<std::byte> encode(const Reveal& reveal, const Identity& client);

// Throws, all of them: WireError, of which Forged for a signature that is not the sender's, and
// Malformed for a sender that is not in the directory.

/// Throws: also Malformed for a roster, length or largest integer that no round has; UnsafeRequest for
///         a threshold that is too low
Opening decode_opening(std::span<const std::byte> bytes, const PublicIdentity& server);
Keys decode_keys(std::span<const std::byte> bytes, const Directory& clients);
KeyList decode_key_list(std::span<const std::byte> bytes, const PublicIdentity& server);
Shares decode_shares(std::span<const std::byte> bytes, const Directory& clients);
Delivery decode_delivery(std::span<const std::byte> bytes, const PublicIdentity& server);
Receipt decode_receipt(std::span<const std::byte> bytes, const Directory& clients);
/// Its receipt is for decode_receipt.
MaskedVector decode_masked_vector(std::span<const std::byte> bytes);
RevealRequest decode_reveal_request(std::span<const std::byte> bytes, const PublicIdentity& server);
Reveal decode_reveal(std::span<const std::byte> bytes, const Directory& clients);

/// Throws: as decode_opening
void check_opening(const Opening& opening);

Bytes32 hash_of_opening(std::span<const std::byte> message);
Bytes32 hash_of_key_list(std::span<const std::byte> message);
Bytes32 hash_of_sharers(const Bytes32& key_list, std::span<const std::uint64_t> sharers);
Bytes32 hash_of_vector(std::span<const std::byte> packed_integers);
Bytes32 commitment_to(const Secret& self_mask);

}  // namespace ferret::secure

#include "messages.inl"
