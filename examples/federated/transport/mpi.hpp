#pragma once

#include <mpi.h>

#include "federated/transport/transport.hpp"

namespace federated {

/// Processes of one MPI communicator. MPI ends all of them when a call fails or one of them dies.
class Mpi : public Transport {
public:
    /// MPI is initialized. The communicator outlives the object.
    explicit Mpi(MPI_Comm communicator);

    std::size_t rank() const override { return rank_; }
    std::size_t size() const override { return size_; }
    std::vector<std::vector<std::byte>> gather(std::vector<std::byte> bytes) override;
    void broadcast(std::vector<std::byte>& bytes) override;
    std::vector<std::byte> scatter(std::vector<std::vector<std::byte>> bytes) override;
    std::unique_ptr<Transport> split(std::size_t group) override;
    std::uint64_t bytes_moved() const override { return bytes_moved_; }

private:
    void send(std::span<const std::byte> bytes, std::size_t rank);
    std::vector<std::byte> receive(std::size_t rank);

    MPI_Comm communicator_;
    std::size_t rank_ = 0;
    std::size_t size_ = 0;
    std::uint64_t bytes_moved_ = 0;
};

}  // namespace federated
