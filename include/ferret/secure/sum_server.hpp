#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "identity.hpp"
#include "messages.hpp"

namespace ferret::secure {

/// The sum of a round.
struct Sum {
    std::vector<std::uint32_t> integers;  ///< exactly the sum of the clients', which never wraps
    std::vector<std::uint64_t> clients;   ///< whose, ascending

    bool operator==(const Sum&) const = default;
};

/// The server's part in sums of integers that it cannot look into. A round goes through four steps, each of
/// which takes one message of every client that is still there, and ends when the server makes its
/// next message; whoever has not answered by then has dropped out. What is refused leaves all as it was.
/// Source: Bonawitz et al., Practical secure aggregation (CCS 2017)
class SumServer {
public:
    /// clients: identities of all that can be in a roster
    SumServer(Identity identity, Directory clients)
        : identity_(std::move(identity)), clients_(std::move(clients)) {}

    /// Begins a round, and ends the one before, if there is one.
    /// opening: with its roster ascending; the nonce is chosen here, and the threshold where it is 0: the
    ///          lowest that clients accept
    /// -> the message for all of the roster
    /// Throws: as check_opening; Malformed for a client that is not in the directory; std::length_error and
    ///         std::bad_alloc for more integers than there is memory for. The round before then goes on
    std::vector<std::byte> open(Opening opening);

    /// Takes a client's message of the step that is open.
    /// Throws: WireError, of which Malformed for a client that has dropped out or never was there;
    ///         Forged for keys of small order; WrongRound for another opening's; WrongStep; Duplicate
    /// Cost:   two X25519 products for keys, a sum of length integers for a masked vector
    void receive(std::span<const std::byte> message);

    /// How many clients have answered in the step that is open.
    std::size_t received() const { return received_.size(); }

    /// Ends the first step.
    /// -> the message for all clients that sent keys
    /// Throws: WrongStep, TooFewClients
    std::vector<std::byte> list_keys();

    /// Ends the second step.
    /// -> the message for each client that sent shares
    /// Throws: WrongStep, TooFewClients
    std::map<std::uint64_t, std::vector<std::byte>> deliver_shares();

    /// Ends the third step.
    /// -> the message for all clients that sent masked vectors
    /// Throws: WrongStep, TooFewClients
    std::vector<std::byte> request_reveal();

    /// The sum of the masked vectors, in the fourth step.
    /// Cost:   length words of ChaCha20 for each client in the sum; for each that dropped out in the
    ///         third step an X25519 product and as many words for each client in the sum; O(sharers
    ///         threshold) multiplications of shares
    /// Throws: WrongStep; TooFewClients; Forged for shares that do not give back what they were made of;
    ///         Malformed for a sum that is more than the clients' integers can make
    /// Repro:  the same for every threshold of reveals, in whatever order messages came
    Sum sum() const;

    /// Forgets the round and all of its messages: nothing is taken until the next opening.
    void end();

private:
    enum class Step : std::uint8_t { none, keys, shares, vectors, reveals };

    void expect_step(Step step, const char* what) const;
    void expect_client(const Bytes32& opening, std::uint64_t client, const char* what) const;
    void expect_enough(const char* what) const;
    void next_step(Step step);
    void receive_keys(std::span<const std::byte> message);
    void receive_shares(std::span<const std::byte> message);
    void receive_vector(std::span<const std::byte> message);
    void receive_reveal(std::span<const std::byte> message);
    void remove_dead(std::vector<std::uint32_t>& integers, std::uint64_t client,
                     const Secret& mask_key) const;

    Identity identity_;
    Directory clients_;
    Step step_ = Step::none;
    Opening opening_;
    Bytes32 hash_{};
    std::vector<std::uint64_t> expected_;                       ///< who may answer in this step
    std::map<std::uint64_t, std::vector<std::byte>> received_;  ///< messages of this step
    std::map<std::uint64_t, Keys> keys_;
    Bytes32 key_list_{};
    std::map<std::uint64_t, Shares> shares_;
    Bytes32 sharers_hash_{};
    std::vector<std::uint32_t> masked_sum_;  ///< of those who sent vectors
    std::vector<std::uint64_t> living_;
    std::map<std::uint64_t, Reveal> reveals_;
};

}  // namespace ferret::secure

#include "sum_server.inl"
