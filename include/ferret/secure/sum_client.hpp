#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../error.hpp"
#include "identity.hpp"
#include "masks.hpp"
#include "messages.hpp"
#include "sodium.hpp"

namespace ferret::secure {

/// A client's part in sums of integers that no one can look into: four messages a round, each of which
/// answers one of the server's. A message of the server that is refused leaves all as it was; a new
/// opening ends the round before.
/// Source: Bonawitz et al., Practical secure aggregation (CCS 2017)
class SumClient {
public:
    /// number: what tells this client from the others
    /// clients: identities of all, this one among them; server: the server's
    /// masked: the last round that a vector was masked in. Whoever may be started again keeps
    ///         masked_round() before a masked vector leaves, and gives it here
    /// least: the lowest threshold of rounds that this client takes part in, and so the fewest clients of
    ///         a roster; docs/security.md says what it is good for
    /// Throws: Malformed if the directory has another identity for this client, or none
    SumClient(std::uint64_t number, Identity identity, Directory clients, PublicIdentity server,
              std::uint64_t masked = 0, std::uint32_t least = lowest_threshold(fewest_clients));

    std::uint64_t number() const { return number_; }
    std::uint64_t masked_round() const { return masked_; }
    const PublicIdentity& server() const { return server_; }

    /// Takes part in the round of this opening, with new keys.
    /// -> the client's keys
    /// Throws: as decode_opening; Malformed for a roster without this client, or with one who is not in
    ///         the directory; UnsafeRequest for a threshold under the least; WrongRound unless the round is
    ///         after the last one masked in
    std::vector<std::byte> join(std::span<const std::byte> opening);

    /// Hands its secrets out in shares. The key that sealed them is gone then.
    /// -> the client's shares
    /// Cost:   two X25519 products and a signature's check for each other client, O(n threshold)
    ///         multiplications of shares
    /// Throws: WrongStep; as decode_key_list and decode_keys; WrongRound for another round's keys;
    ///         Malformed for clients that are not in the roster or not ascending, or another key for
    ///         this one; Forged for a key of small order; TooFewClients
    std::vector<std::byte> share(std::span<const std::byte> key_list);

    /// Whether `mask` would take this delivery, but for the seals: for who has work to do for the integers.
    /// Throws: as mask, for the step and the delivery
    void check_delivery(std::span<const std::byte> delivery) const;

    /// Masks its integers for those who shared. A round masks once, and no round up to it again. What is
    /// left of the round's secrets then are the shares to reveal.
    /// Shapes: integers: the opening's length, each up to its largest
    /// -> the client's masked vector
    /// Cost:   an X25519 product and length words of ChaCha20 for each other sharer
    /// Throws: WrongStep; as decode_delivery; WrongRound; Malformed for another's delivery, for sharers
    ///         without this client or outside the key list, and for integers that are not as the opening
    ///         says; Forged for shares that are not their sender's; TooFewClients
    std::vector<std::byte> mask(std::span<const std::byte> delivery,
                                std::span<const std::uint32_t> integers);

    /// Reveals shares, once: of the self-masks of the living and the mask keys of the dead. All secrets
    /// of the round are gone then.
    /// -> the client's reveal
    /// Cost:   a signature's check for each of the living
    /// Throws: WrongStep; as decode_reveal_request and decode_receipt; WrongRound; UnsafeRequest if a
    ///         client is both living and dead or neither, if this one is not among the living, or if one
    ///         of them masked for other sharers; TooFewClients
    std::vector<std::byte> reveal(std::span<const std::byte> request);

    /// Forgets the round, if there is one, with its secrets: nothing is taken until the next opening.
    void end() { round_.reset(); }

private:
    enum class Step : std::uint8_t { keys, shares, vector };  ///< what was sent last

    struct Peer {
        Keys keys;
        std::size_t position;  ///< in the roster
        Secret channel;  ///< seals shares on their way, until they are open; unused for oneself
        SharePair held;  ///< of this peer's secrets
    };

    struct Round {
        Step step = Step::keys;
        Opening opening;
        Bytes32 hash{};                       ///< of the opening
        std::optional<RoundKey> channel_key;  ///< until the shares are sealed
        std::optional<RoundKey> mask_key;     ///< until the vector is masked
        Secret self_mask;                     ///< as long
        Bytes32 key_list{};
        std::map<std::uint64_t, Peer> peers{};  ///< of the key list, this client among them
        std::vector<std::uint64_t> sharers{};
    };

    Round& expect_step(Step step, const char* what) const;
    void expect_opening(const Bytes32& opening, const std::string& what) const;
    void expect_enough(std::size_t clients, const std::string& what) const;
    std::map<std::uint64_t, Peer> read_peers(const Round& round, const KeyList& list) const;
    Delivery read_delivery(std::span<const std::byte> bytes) const;

    std::uint64_t number_;
    Identity identity_;
    Directory clients_;
    PublicIdentity server_;
    std::uint64_t masked_;
    std::uint32_t least_;
    std::unique_ptr<Round> round_;
};

}  // namespace ferret::secure

#include "sum_client.inl"
