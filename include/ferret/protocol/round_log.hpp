#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "../error_text.hpp"
#include "../little_endian.hpp"
#include "broadcast.hpp"
#include "follower.hpp"

namespace ferret {

/// The broadcasts of all rounds in a file that is only ever appended to, from which a follower that
/// missed rounds catches up. docs/wire.md has the format.
class RoundLog {
public:
    /// Opens the log, or begins one. One process at a time may hold it. What a killed process left
    /// half written at the end is cut off.
    /// Throws: FileError if the file cannot be opened, is held by another process, or is no log
    explicit RoundLog(std::filesystem::path file) : file_(std::move(file)) {
        descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (descriptor_ < 0) fail("open");
        try {
            if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) fail("hold alone");
            scan();
        } catch (...) {
            ::close(descriptor_);
            throw;
        }
    }
    ~RoundLog() { ::close(descriptor_); }
    RoundLog(const RoundLog&) = delete;
    RoundLog& operator=(const RoundLog&) = delete;

    /// How many rounds the log has: 1 to rounds().
    std::uint64_t rounds() const { return offsets_.size() - 1; }

    /// Adds the broadcast of the next round. Once this returns, no power cut takes it away.
    /// Throws: WireError if it is none, WrongRound if it is not that of the next round; FileError,
    ///         and the log is then as it was
    void append(std::span<const std::byte> broadcast) {
        const std::uint64_t round = decode_broadcast(broadcast).round;
        if (round != rounds() + 1)
            throw WrongRound(error_text({"round log ", file_.string(), ": expected round ",
                                         rounds() + 1, ", got ", round}));
        std::vector<std::byte> record;
        append_little_endian(record, std::uint64_t{broadcast.size()});
        record.insert(record.end(), broadcast.begin(), broadcast.end());
        write_at(offsets_.back(), record);
        if (::fsync(descriptor_) != 0) take_back(offsets_.back(), "store");
        offsets_.push_back(offsets_.back() + record.size());
    }

    /// The broadcast of a round.
    /// Throws: WrongRound if the log does not have it, FileError
    std::vector<std::byte> broadcast(std::uint64_t round) const {
        if (round < 1 || round > rounds())
            throw WrongRound(
                error_text({"round log ", file_.string(), ": expected a round in 1 to ", rounds(),
                            ", got ", round}));
        const std::uint64_t begin = offsets_[round - 1] + length_size;
        std::vector<std::byte> bytes(static_cast<std::size_t>(offsets_[round] - begin));
        read_at(begin, bytes);
        return bytes;
    }

private:
    static constexpr std::array<std::byte, 6> header{std::byte{'F'}, std::byte{'R'}, std::byte{'R'},
                                                     std::byte{'L'}, std::byte{1},   std::byte{0}};
    static constexpr std::size_t length_size = 8;

    /// Finds the records, and cuts off what was never written to its end.
    void scan() {
        std::uint64_t size = end_of_file();
        std::vector<std::byte> start(
            static_cast<std::size_t>((std::min)(size, std::uint64_t{header.size()})));
        read_at(0, start);
        if (!std::equal(start.begin(), start.end(), header.begin()))
            throw FileError(error_text({"round log ", file_.string(),
                                        ": expected a file that begins with "
                                        "FRRL and version 1"}));
        if (start.size() < header.size()) {
            write_at(0, header);
            size = header.size();
        }
        offsets_ = {header.size()};
        while (const std::uint64_t length = whole_record(offsets_.back(), size))
            offsets_.push_back(offsets_.back() + length);
        if (offsets_.back() == size) return;
        // Only what was being appended can be torn: all before it was stored.
        if (::ftruncate(descriptor_, static_cast<off_t>(offsets_.back())) != 0) fail("cut");
    }

    /// The length of the record that begins there; 0 if it is not there in full.
    std::uint64_t whole_record(std::uint64_t begin, std::uint64_t size) const {
        if (size - begin < length_size) return 0;
        std::array<std::byte, length_size> bytes{};
        read_at(begin, bytes);
        const auto length = read_little_endian<std::uint64_t>(bytes, 0);
        if (length == 0 || length > size - begin - length_size) return 0;
        std::vector<std::byte> broadcast(static_cast<std::size_t>(length));
        read_at(begin + length_size, broadcast);
        const bool last = begin + length_size + length == size;
        try {
            const std::uint64_t round = decode_broadcast(broadcast).round;
            if (round != rounds() + 1)
                throw Malformed(error_text({"expected round ", rounds() + 1, ", got ", round}));
        } catch (const WireError& error) {
            if (last) return 0;  // its length was stored before its bytes were
            throw FileError(error_text(
                {"round log ", file_.string(), ": round ", rounds() + 1, ": ", error.what()}));
        }
        return length_size + length;
    }

    std::uint64_t end_of_file() const {
        const off_t size = ::lseek(descriptor_, 0, SEEK_END);
        if (size < 0) fail("measure");
        return static_cast<std::uint64_t>(size);
    }

    void read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
        while (!bytes.empty()) {
            const ssize_t count =
                ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) fail("read");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
    }

    /// Throws: FileError, with the file as it was
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
        const std::uint64_t begin = offset;
        while (!bytes.empty()) {
            const ssize_t count =
                ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) take_back(begin, "write");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += static_cast<std::uint64_t>(count);
        }
    }

    /// Cuts off what was not written or stored, and throws FileError.
    [[noreturn]] void take_back(std::uint64_t begin, const std::string& what) {
        const int error = errno;
        // Should this fail too, the next record is written over it, and the next opening cuts what is torn.
        static_cast<void>(::ftruncate(descriptor_, static_cast<off_t>(begin)));
        errno = error;
        fail(what);
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw FileError(error_text({"round log ", file_.string(), ": expected to ", what,
                                    " the file, got ", std::strerror(errno)}));
    }

    std::filesystem::path file_;
    int descriptor_ = -1;
    std::vector<std::uint64_t> offsets_;  ///< of each round's record, and of the end
};

/// Brings a follower that missed rounds to the last one of the log.
/// Throws: as Follower::apply, for the first round that does not follow; the rounds before it stay
/// Repro:  the very bits of a follower that missed none
template <class Backend, MutableTensorList<Backend::space> Model>
void catch_up(Follower<Backend>& follower, const RoundLog& log, Model&& model) {
    while (follower.round() < log.rounds())
        follower.apply(log.broadcast(follower.round() + 1), model);
}

/// The log as one sketch, where the bases are the same in all rounds: K numbers for any number of
/// rounds, to be added to the model of round 0 with a scale of 1.
/// Math:   coordinates = sum over rounds of scale times coordinates
/// Throws: SketchMismatch if there is no round, or the bases differ; WireError, NonFinite
/// Repro:  added in double, rounded once: the rebuilt model is the rounds' up to rounding only
inline Sketch fold(const RoundLog& log) {
    std::vector<Sketch> sketches;
    std::vector<double> scales;
    for (std::uint64_t round = 1; round <= log.rounds(); ++round) {
        const Broadcast broadcast = decode_broadcast(log.broadcast(round));
        for (const std::vector<std::byte>& sketch : broadcast.sketches) {
            sketches.push_back(decode(sketch));
            scales.push_back(static_cast<double>(broadcast.scale));
        }
    }
    return sum(sketches, scales);
}

}  // namespace ferret
