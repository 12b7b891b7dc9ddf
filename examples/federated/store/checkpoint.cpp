#include "federated/store/checkpoint.hpp"

#include <ferret/little_endian.hpp>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "federated/message/checked_bytes.hpp"
#include "federated/message/tensor_message.hpp"
#include "files/durable_file.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {
namespace {

constexpr std::string_view magic = "FEDCKPT2";
constexpr std::size_t header_size = magic.size() + 2 * sizeof(std::uint64_t);

}  // namespace

std::vector<std::byte> encode(const Checkpoint& checkpoint) {
    std::vector<std::byte> bytes = opening_letters(magic);
    ferret::append_little_endian(bytes, static_cast<std::uint64_t>(checkpoint.round));
    ferret::append_little_endian(bytes, static_cast<std::uint64_t>(checkpoint.state.size()));
    bytes.insert(bytes.end(), checkpoint.state.begin(), checkpoint.state.end());
    bytes.reserve(bytes.size() + encoded_size(checkpoint.weights) + checksum_size);
    append_tensors(bytes, checkpoint.weights);
    append_checksum(bytes);
    return bytes;
}

void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint) {
    files::replace_durably(file, encode(checkpoint));
}

Checkpoint load_checkpoint(const std::filesystem::path& file, const Weights& like) {
    const std::string text = files::read_file(file, std::numeric_limits<std::uint64_t>::max());
    return decode_checkpoint(std::as_bytes(std::span(text)), like, file);
}

Checkpoint decode_checkpoint(std::span<const std::byte> bytes, const Weights& like,
                             const std::filesystem::path& file) {
    if (bytes.size() < header_size + checksum_size || !opens_with(bytes, magic)) {
        throw files::FileError(file, "opening", std::string(magic) + " and a header",
                               std::to_string(bytes.size()) + " bytes of something else");
    }
    if (!fits_checksum(bytes)) {
        throw files::FileError(file, "checksum", "that of the content", "another");
    }
    const auto content = bytes.first(bytes.size() - checksum_size);
    const auto round = ferret::read_little_endian<std::uint64_t>(bytes, magic.size());
    const auto state_size =
        ferret::read_little_endian<std::uint64_t>(bytes, magic.size() + sizeof(std::uint64_t));
    if (round > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        throw files::FileError(file, "round", "below 2^63", std::to_string(round));
    }
    const auto rest = content.subspan(header_size);
    if (state_size > rest.size()) {
        throw files::FileError(file, "state size", "at most " + std::to_string(rest.size()),
                               std::to_string(state_size));
    }
    const auto state = rest.first(static_cast<std::size_t>(state_size));
    Checkpoint checkpoint;
    checkpoint.round = static_cast<std::int64_t>(round);
    checkpoint.state.assign(state.begin(), state.end());
    checkpoint.weights = decode_tensors(rest.subspan(state.size()), like, file.string());
    return checkpoint;
}

}  // namespace federated
