#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sodium.hpp"

namespace ferret::secure {

/// Whether X25519 gives everybody the same result with this public key.
/// Cost:   an X25519 product
bool is_of_small_order(const Bytes32& public_key);

/// An X25519 key of one round.
class RoundKey {
public:
    static RoundKey random() { return RoundKey(Secret::random()); }
    explicit RoundKey(const Secret& secret);

    const Secret& secret() const { return secret_; }
    const Bytes32& public_key() const { return public_key_; }

    /// What only the two owners of these keys know. Whoever claims another's public key as its own gets another
    /// agreement.
    /// own, peer: numbers of this key's client and of the other one, whose public key peer_key is
    /// Math:   a hash, for the purpose, of X25519's result, the round's opening, both numbers and both public
    ///         keys
    /// Throws: Forged for a public key of small order
    Secret agree(const char* purpose, const Bytes32& opening, std::uint64_t own, std::uint64_t peer,
                 const Bytes32& peer_key) const;

private:
    Secret secret_;
    Bytes32 public_key_;
};

/// Two shares for one client, that nobody else can read.
using SealedShares =
    std::array<std::byte, 2 * sizeof(Bytes32) + crypto_aead_chacha20poly1305_ietf_ABYTES>;

struct SharePair {
    Secret of_self_mask;
    Secret of_mask_key;
};

/// Seals the shares for the way from one client to another.
/// key: agreed on by the two for this round alone; each direction seals one pair under it
/// context: what both must see alike
SealedShares seal(const SharePair& shares, const Secret& key, std::uint64_t from, std::uint64_t to,
                  const Bytes32& context);

/// Opens them; nothing if they are not what `from` sealed for `to` in this context.
std::optional<SharePair> open(const SealedShares& sealed, const Secret& key, std::uint64_t from,
                              std::uint64_t to, const Bytes32& context);

enum class MaskSign : std::uint8_t { plus, minus };

/// Adds the mask that a seed stands for to integers modulo 2^32, or subtracts it.
/// Math:   ChaCha20's words under the seed as key, nonce and first block 0, each lowest byte first
void add_mask(std::span<std::uint32_t> integers, const Secret& seed, MaskSign sign);

}  // namespace ferret::secure

#include "masks.inl"
