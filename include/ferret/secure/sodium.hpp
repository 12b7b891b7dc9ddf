#pragma once

/// What the rest of this folder takes from libsodium: 32 bytes by many names, hashes, secrets that are wiped.

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "../error.hpp"
#include "../little_endian.hpp"

namespace ferret::secure {

/// A hash, a public key, or a share of a secret.
using Bytes32 = std::array<std::byte, 32>;

/// Before anything else of libsodium, which then chooses its code for this processor.
/// Throws: Unsupported if there is no source of random numbers
inline void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) throw Unsupported("libsodium: expected a source of random numbers, got none");
}

inline unsigned char* raw(std::byte* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}
inline const unsigned char* raw(const std::byte* bytes) {
    return reinterpret_cast<const unsigned char*>(bytes);
}

/// Bytes that nobody else may see. Its memory is wiped when it goes.
class Secret : public Bytes32 {
public:
    Secret() : Bytes32{} {}
    explicit Secret(const Bytes32& bytes) : Bytes32(bytes) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    ~Secret() { sodium_memzero(data(), size()); }

    /// Bytes that nobody can guess.
    static Secret random() {
        start_sodium();
        Secret secret;
        randombytes_buf(secret.data(), secret.size());
        return secret;
    }
};

/// BLAKE2b of a purpose and a list of parts: bytes, which come after their length, and numbers, as 8 bytes
/// without one. Lists of one purpose have parts of the same kinds in the same order, or say first how
/// many; those that are cut or meant differently then have other hashes.
class Hasher {
public:
    explicit Hasher(std::string_view purpose) {
        start_sodium();
        crypto_generichash_init(&state_, nullptr, 0, sizeof(Bytes32));
        add(std::as_bytes(std::span(purpose)));
    }
    ~Hasher() { sodium_memzero(&state_, sizeof state_); }
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void add(std::span<const std::byte> part) {
        add(std::uint64_t{part.size()});
        crypto_generichash_update(&state_, raw(part.data()), part.size());
    }
    void add(std::uint64_t number) {
        std::array<unsigned char, 8> bytes;
        for (unsigned i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<unsigned char>((number >> (8 * i)) & 0xFFu);
        crypto_generichash_update(&state_, bytes.data(), bytes.size());
    }

    Bytes32 hash() {
        Bytes32 result;
        crypto_generichash_final(&state_, raw(result.data()), result.size());
        return result;
    }
    Secret secret() {
        Secret result;
        crypto_generichash_final(&state_, raw(result.data()), result.size());
        return result;
    }

private:
    crypto_generichash_state state_;
};

}  // namespace ferret::secure
