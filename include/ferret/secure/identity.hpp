#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "sodium.hpp"

namespace ferret::secure {

/// Whom a public identity belongs to is agreed on before, by way of somebody other than the server.
using PublicIdentity = Bytes32;
using Signature = std::array<std::byte, 64>;

/// All clients of a federation by number: the identities that are pinned.
using Directory = std::map<std::uint64_t, PublicIdentity>;

/// A client's or a server's identity, for the life of a federation: an Ed25519 key.
class Identity {
public:
    /// A new one.
    static Identity random() { return Identity(Secret::random()); }

    /// The one of this seed, which its owner keeps.
    explicit Identity(const Secret& seed) : seed_(seed) {
        start_sodium();
        crypto_sign_seed_keypair(raw(public_identity_.data()), secret_key_.data(),
                                 raw(seed_.data()));
    }
    ~Identity() { sodium_memzero(secret_key_.data(), secret_key_.size()); }
    Identity(const Identity&) = default;
    Identity& operator=(const Identity&) = default;

    const Secret& seed() const { return seed_; }
    const PublicIdentity& public_identity() const { return public_identity_; }

    Signature sign(std::span<const std::byte> content) const {
        Signature signature;
        crypto_sign_detached(raw(signature.data()), nullptr, raw(content.data()), content.size(),
                             secret_key_.data());
        return signature;
    }

private:
    Secret seed_;
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_key_;
    PublicIdentity public_identity_;
};

/// Whether the signature is the signer's and of this content.
/// Shapes: signature: 64 bytes
inline bool is_signed_by(const PublicIdentity& signer, std::span<const std::byte> signature,
                         std::span<const std::byte> content) {
    start_sodium();
    return signature.size() == sizeof(Signature) &&
           crypto_sign_verify_detached(raw(signature.data()), raw(content.data()), content.size(),
                                       raw(signer.data())) == 0;
}

}  // namespace ferret::secure
