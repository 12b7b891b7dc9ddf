#include "federated/transport/mpi.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace federated {
namespace {

/// MPI counts in int.
constexpr std::size_t largest_piece = std::size_t{1} << 30;

constexpr int tag = 0;

/// Calls transfer(data, count) for one piece after the other.
template <class Byte, class Transfer>
void in_pieces(std::span<Byte> bytes, const Transfer& transfer) {
    for (std::size_t first = 0; first < bytes.size(); first += largest_piece) {
        const std::size_t count = std::min(largest_piece, bytes.size() - first);
        transfer(bytes.data() + first, static_cast<int>(count));
    }
}

/// A group of the world, given back at the end, which all its processes do together. One that leaves by an
/// exception leaves alone, and would wait for the others.
class Group : public Mpi {
public:
    explicit Group(MPI_Comm communicator) : Mpi(communicator), communicator_(communicator) {}
    ~Group() override {
        if (std::uncaught_exceptions() == 0) MPI_Comm_free(&communicator_);
    }

private:
    MPI_Comm communicator_;
};

}  // namespace

Mpi::Mpi(MPI_Comm communicator) : communicator_(communicator) {
    int rank = 0;
    int size = 0;
    MPI_Comm_rank(communicator, &rank);
    MPI_Comm_size(communicator, &size);
    rank_ = static_cast<std::size_t>(rank);
    size_ = static_cast<std::size_t>(size);
}

void Mpi::send(std::span<const std::byte> bytes, std::size_t rank) {
    const std::uint64_t size = bytes.size();
    const auto to = static_cast<int>(rank);
    MPI_Send(&size, 1, MPI_UINT64_T, to, tag, communicator_);
    in_pieces(bytes, [&](const std::byte* data, int count) {
        MPI_Send(data, count, MPI_BYTE, to, tag, communicator_);
    });
    bytes_moved_ += bytes.size();
}

std::vector<std::byte> Mpi::receive(std::size_t rank) {
    std::uint64_t size = 0;
    const auto from = static_cast<int>(rank);
    MPI_Recv(&size, 1, MPI_UINT64_T, from, tag, communicator_, MPI_STATUS_IGNORE);
    std::vector<std::byte> bytes(static_cast<std::size_t>(size));
    in_pieces(std::span(bytes), [&](std::byte* data, int count) {
        MPI_Recv(data, count, MPI_BYTE, from, tag, communicator_, MPI_STATUS_IGNORE);
    });
    bytes_moved_ += bytes.size();
    return bytes;
}

std::vector<std::vector<std::byte>> Mpi::gather(std::vector<std::byte> bytes) {
    if (rank_ != 0) {
        send(bytes, 0);
        return {};
    }
    std::vector<std::vector<std::byte>> all;
    all.push_back(std::move(bytes));
    for (std::size_t rank = 1; rank < size_; ++rank) all.push_back(receive(rank));
    return all;
}

void Mpi::broadcast(std::vector<std::byte>& bytes) {
    std::uint64_t size = bytes.size();
    MPI_Bcast(&size, 1, MPI_UINT64_T, 0, communicator_);
    bytes.resize(static_cast<std::size_t>(size));
    in_pieces(std::span(bytes), [&](std::byte* data, int count) {
        MPI_Bcast(data, count, MPI_BYTE, 0, communicator_);
    });
    bytes_moved_ += (size_ - 1) * bytes.size();
}

std::vector<std::byte> Mpi::scatter(std::vector<std::vector<std::byte>> bytes) {
    if (rank_ != 0) return receive(0);
    for (std::size_t rank = 1; rank < size_; ++rank) send(bytes.at(rank), rank);
    return std::move(bytes.at(0));
}

std::unique_ptr<Transport> Mpi::split(std::size_t group) {
    MPI_Comm part = MPI_COMM_NULL;
    MPI_Comm_split(communicator_, static_cast<int>(group), static_cast<int>(rank_), &part);
    return std::make_unique<Group>(part);
}

}  // namespace federated
