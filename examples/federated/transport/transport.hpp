#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace federated {

/// Carries bytes between the processes of one federation. Rank 0 is the server's. Every member but
/// rank, size and bytes_moved is called by all processes, in the same order.
class Transport {
public:
    virtual ~Transport() = default;

    virtual std::size_t rank() const = 0;
    virtual std::size_t size() const = 0;

    /// The bytes of all processes, in the order of their ranks, for rank 0; nothing for the others.
    virtual std::vector<std::vector<std::byte>> gather(std::vector<std::byte> bytes) = 0;

    /// Rank 0's bytes, for all. Those of the others are replaced.
    virtual void broadcast(std::vector<std::byte>& bytes) = 0;

    /// Bytes of rank 0 for each rank. Shapes: size() of them at rank 0, none elsewhere.
    virtual std::vector<std::byte> scatter(std::vector<std::vector<std::byte>> bytes) = 0;

    /// Those who name the same group, in the order of their ranks.
    virtual std::unique_ptr<Transport> split(std::size_t group) = 0;

    /// Bytes that rank 0 of this transport has sent to and got from other processes.
    virtual std::uint64_t bytes_moved() const = 0;
};

/// A federation in one process.
class InProcess : public Transport {
public:
    std::size_t rank() const override { return 0; }
    std::size_t size() const override { return 1; }
    std::vector<std::vector<std::byte>> gather(std::vector<std::byte> bytes) override {
        std::vector<std::vector<std::byte>> all;
        all.push_back(std::move(bytes));
        return all;
    }
    void broadcast(std::vector<std::byte>&) override {}
    std::vector<std::byte> scatter(std::vector<std::vector<std::byte>> bytes) override {
        return std::move(bytes.at(0));
    }
    std::unique_ptr<Transport> split(std::size_t) override { return std::make_unique<InProcess>(); }
    std::uint64_t bytes_moved() const override { return 0; }
};

}  // namespace federated
