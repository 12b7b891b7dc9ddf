#pragma once

#include <algorithm>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../little_endian.hpp"
#include "masks.hpp"

namespace ferret::secure {

inline RoundKey::RoundKey(const Secret& secret) : secret_(secret) {
    start_sodium();
    crypto_scalarmult_base(raw(public_key_.data()), raw(secret_.data()));
}

inline bool is_of_small_order(const Bytes32& public_key) {
    // A scalar of X25519 is 8 times a number under the large orders of points: whom one takes to 0 all do.
    start_sodium();
    constexpr Bytes32 any_scalar{};
    Bytes32 result;
    return crypto_scalarmult(raw(result.data()), raw(any_scalar.data()), raw(public_key.data())) !=
           0;
}

inline Secret RoundKey::agree(const char* purpose, const Bytes32& opening, std::uint64_t own,
                              std::uint64_t peer, const Bytes32& peer_key) const {
    Secret shared;
    if (crypto_scalarmult(raw(shared.data()), raw(secret_.data()), raw(peer_key.data())) != 0)
        throw Forged(error_text({"key agreement with client ", peer,
                                 ": expected an X25519 public key, got one of small order"}));
    Hasher hasher(purpose);
    hasher.add(shared);
    hasher.add(opening);
    hasher.add((std::min)(own, peer));
    hasher.add((std::max)(own, peer));
    hasher.add((std::min)(public_key_, peer_key));
    hasher.add((std::max)(public_key_, peer_key));
    return hasher.secret();
}

namespace detail {

/// The nonce tells the directions of a key apart.
inline std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> seal_nonce(
    std::uint64_t from, std::uint64_t to) {
    std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_NPUBBYTES> nonce{};
    nonce[0] = from < to ? 0 : 1;
    return nonce;
}

inline std::vector<std::byte> seal_context(std::uint64_t from, std::uint64_t to,
                                           const Bytes32& context) {
    std::vector<std::byte> bytes(context.begin(), context.end());
    append_little_endian(bytes, from);
    append_little_endian(bytes, to);
    return bytes;
}

}  // namespace detail

inline SealedShares seal(const SharePair& shares, const Secret& key, std::uint64_t from,
                         std::uint64_t to, const Bytes32& context) {
    std::array<std::byte, 2 * sizeof(Bytes32)> plain;
    std::ranges::copy(shares.of_self_mask, plain.begin());
    std::ranges::copy(shares.of_mask_key, plain.begin() + sizeof(Bytes32));
    const auto nonce = detail::seal_nonce(from, to);
    const std::vector<std::byte> also = detail::seal_context(from, to, context);
    SealedShares sealed;
    crypto_aead_chacha20poly1305_ietf_encrypt(raw(sealed.data()), nullptr, raw(plain.data()),
                                              plain.size(), raw(also.data()), also.size(), nullptr,
                                              nonce.data(), raw(key.data()));
    sodium_memzero(plain.data(), plain.size());
    return sealed;
}

inline std::optional<SharePair> open(const SealedShares& sealed, const Secret& key,
                                     std::uint64_t from, std::uint64_t to, const Bytes32& context) {
    std::array<std::byte, 2 * sizeof(Bytes32)> plain;
    const auto nonce = detail::seal_nonce(from, to);
    const std::vector<std::byte> also = detail::seal_context(from, to, context);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(
            raw(plain.data()), nullptr, nullptr, raw(sealed.data()), sealed.size(),
            raw(also.data()), also.size(), nonce.data(), raw(key.data())) != 0)
        return std::nullopt;
    SharePair shares;
    std::copy_n(plain.begin(), sizeof(Bytes32), shares.of_self_mask.begin());
    std::copy_n(plain.begin() + sizeof(Bytes32), sizeof(Bytes32), shares.of_mask_key.begin());
    sodium_memzero(plain.data(), plain.size());
    return shares;
}

inline void add_mask(std::span<std::uint32_t> integers, const Secret& seed, MaskSign sign) {
    constexpr std::size_t words_at_once = 1024;
    constexpr std::size_t words_per_block = 16;
    constexpr std::array<unsigned char, crypto_stream_chacha20_ietf_NONCEBYTES> nonce{};
    std::array<std::byte, 4 * words_at_once> bytes;
    std::array<std::uint32_t, words_at_once> words;
    for (std::size_t done = 0; done < integers.size();) {
        const std::size_t count = (std::min)(words_at_once, integers.size() - done);
        bytes.fill(std::byte{0});
        crypto_stream_chacha20_ietf_xor_ic(
            raw(bytes.data()), raw(bytes.data()), 4 * count, nonce.data(),
            static_cast<std::uint32_t>(done / words_per_block), raw(seed.data()));
        load_little_endian(bytes.data(), std::span(words).first(count));
        std::uint32_t* const to = integers.data() + done;
        if (sign == MaskSign::plus)
            for (std::size_t i = 0; i < count; ++i) to[i] += words[i];
        else
            for (std::size_t i = 0; i < count; ++i) to[i] -= words[i];
        done += count;
    }
    sodium_memzero(bytes.data(), bytes.size());
    sodium_memzero(words.data(), sizeof words);
}

}  // namespace ferret::secure
