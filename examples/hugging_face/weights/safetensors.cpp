#include "hugging_face/weights/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "files/file.hpp"
#include "files/file_error.hpp"
#include "files/git_lfs_pointer.hpp"

namespace hugging_face {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the tensors of a safetensors file are little-endian and are read as they stand");

using Json = nlohmann::ordered_json;

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t max_header_bytes = 100'000'000;  // the limit of the format's own reader

struct NamedDtype {
    std::string_view name;
    std::uint64_t bits;
    std::optional<torch::Dtype> dtype = std::nullopt;
};
constexpr std::array<NamedDtype, 22> dtypes{{
    {"F32", 32, torch::kFloat32},
    {"F16", 16, torch::kFloat16},
    {"BF16", 16, torch::kBFloat16},
    {"F4", 4},
    {"F6_E2M3", 6},
    {"F6_E3M2", 6},
    {"F8_E4M3", 8},
    {"F8_E5M2", 8},
    {"F8_E8M0", 8},
    {"F8_E4M3FNUZ", 8},
    {"F8_E5M2FNUZ", 8},
    {"F64", 64},
    {"C64", 64},
    {"BOOL", 8},
    {"U8", 8},
    {"I8", 8},
    {"U16", 16},
    {"I16", 16},
    {"U32", 32},
    {"I32", 32},
    {"U64", 64},
    {"I64", 64},
}};

std::uint64_t little_endian(const std::array<char, length_bytes>& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = length_bytes; i-- > 0;) {
        value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

/// The JSON header; `data_begin` becomes the first byte after it.
Json read_header(const std::filesystem::path& file, std::uint64_t& data_begin,
                 std::uint64_t& file_bytes) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        throw files::FileError(file, "file", "a readable file", "none");
    }
    files::expect_no_git_lfs_pointer(file);
    file_bytes = std::filesystem::file_size(file, error);
    if (error) throw files::FileError(file, "file", "a readable file", error.message());
    if (file_bytes < length_bytes) {
        throw files::FileError(file, "header length", "8 bytes", std::to_string(file_bytes));
    }
    std::ifstream stream(file, std::ios::binary);
    std::array<char, length_bytes> length{};
    stream.read(length.data(), length_bytes);
    const std::uint64_t header_bytes = little_endian(length);
    const std::uint64_t most = std::min(max_header_bytes, file_bytes - length_bytes);
    if (header_bytes > most) {
        throw files::FileError(file, "header length", "at most " + std::to_string(most) + " bytes",
                               std::to_string(header_bytes));
    }
    std::string header(static_cast<std::size_t>(header_bytes), '\0');
    stream.read(header.data(), static_cast<std::streamsize>(header_bytes));
    if (!stream) throw files::FileError(file, "header", "a readable header", "a read error");
    data_begin = length_bytes + header_bytes;
    Json json = files::parse_json(header, file);
    if (!json.is_object())
        throw files::FileError(file, "header", "an object", files::describe(json));
    return json;
}

/// A list of numbers in 0..2^63-1, or nothing.
std::optional<std::vector<std::int64_t>> integers(const Json& tensor, const char* field) {
    if (!tensor.is_object() || !tensor.contains(field) || !tensor.at(field).is_array()) {
        return std::nullopt;
    }
    std::vector<std::int64_t> values;
    for (const Json& value : tensor.at(field)) {
        constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) return std::nullopt;
        values.push_back(value.get<std::int64_t>());
    }
    return values;
}

const NamedDtype& read_dtype(const std::filesystem::path& file, const std::string& name,
                             const Json& tensor) {
    const Json found =
        tensor.is_object() && tensor.contains("dtype") ? tensor.at("dtype") : Json("nothing");
    for (const NamedDtype& candidate : dtypes) {
        if (found == candidate.name) return candidate;
    }
    throw files::FileError(file, name + ".dtype", "a dtype of the safetensors format",
                           files::describe(found));
}

/// Bytes of a tensor of this shape, or nothing where they are no whole number up to `limit`.
std::optional<std::uint64_t> size_in_bytes(const std::vector<std::int64_t>& shape,
                                           std::uint64_t bits_each, std::uint64_t limit) {
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
    std::uint64_t bits = bits_each;
    for (const std::int64_t dimension : shape) {
        if (static_cast<std::uint64_t>(dimension) > 8 * limit / bits) return std::nullopt;
        bits *= static_cast<std::uint64_t>(dimension);
    }
    if (bits % 8 != 0) return std::nullopt;
    return bits / 8;
}

SafetensorsReader::Entry read_entry(const std::filesystem::path& file, const std::string& name,
                                    const Json& tensor, std::uint64_t data_begin,
                                    std::uint64_t data_bytes) {
    const NamedDtype& dtype = read_dtype(file, name, tensor);
    SafetensorsReader::Entry entry{dtype.name, dtype.dtype, {}, 0, 0};
    auto shape = integers(tensor, "shape");
    if (!shape) {
        throw files::FileError(file, name + ".shape", "a list of integers from 0 on",
                               tensor.contains("shape") ? tensor.at("shape").dump() : "nothing");
    }
    const auto offsets = integers(tensor, "data_offsets");
    if (!offsets || offsets->size() != 2 || offsets->front() > offsets->back() ||
        static_cast<std::uint64_t>(offsets->back()) > data_bytes) {
        throw files::FileError(
            file, name + ".data_offsets",
            "first and last byte within " + std::to_string(data_bytes) + " bytes",
            tensor.contains("data_offsets") ? tensor.at("data_offsets").dump() : "nothing");
    }
    const auto given = static_cast<std::uint64_t>(offsets->back() - offsets->front());
    const auto needed = size_in_bytes(*shape, dtype.bits, data_bytes);
    if (needed != given) {
        throw files::FileError(
            file, name + ".data_offsets",
            needed ? std::to_string(*needed) + " bytes by dtype and shape" : "a shape that fits",
            std::to_string(given) + " bytes");
    }
    entry.shape = *std::move(shape);
    entry.begin = data_begin + static_cast<std::uint64_t>(offsets->front());
    entry.end = data_begin + static_cast<std::uint64_t>(offsets->back());
    return entry;
}

void check_without_holes(const std::filesystem::path& file,
                         const std::map<std::string, SafetensorsReader::Entry>& entries,
                         std::uint64_t data_begin, std::uint64_t file_bytes) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& [name, entry] : entries) ranges.emplace_back(entry.begin, entry.end);
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t at = data_begin;
    for (const auto& [begin, end] : ranges) {
        if (begin != at) {
            throw files::FileError(file, "data_offsets", "tensors without hole or overlap",
                                   "one that begins at byte " + std::to_string(begin) +
                                       " of the file, not " + std::to_string(at));
        }
        at = end;
    }
    if (at != file_bytes) {
        throw files::FileError(file, "size", std::to_string(at) + " bytes by the header",
                               std::to_string(file_bytes));
    }
}

std::string_view dtype_name(torch::Dtype dtype) {
    for (const NamedDtype& candidate : dtypes) {
        if (candidate.dtype == dtype) return candidate.name;
    }
    throw std::invalid_argument(
        std::string("safetensors: expected float32, float16 or bfloat16, got ") +
        c10::toString(dtype));
}

}  // namespace

SafetensorsReader::SafetensorsReader(std::filesystem::path file) : file_(std::move(file)) {
    std::uint64_t data_begin = 0;
    std::uint64_t file_bytes = 0;
    const Json header = read_header(file_, data_begin, file_bytes);
    for (const auto& [name, tensor] : header.items()) {
        if (name == "__metadata__") {
            if (tensor.is_object() || tensor.is_null()) continue;
            throw files::FileError(file_, name, "an object", files::describe(tensor));
        }
        entries_.emplace(name,
                         read_entry(file_, name, tensor, data_begin, file_bytes - data_begin));
    }
    check_without_holes(file_, entries_, data_begin, file_bytes);
}

torch::Tensor SafetensorsReader::read(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) throw files::FileError(file_, name, "a tensor", "none");
    const Entry& entry = found->second;
    if (!entry.dtype) {
        throw files::FileError(file_, name + ".dtype", "F32, F16 or BF16 (others are unsupported)",
                               entry.dtype_name);
    }
    std::ifstream stream(file_, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(entry.begin));
    torch::Tensor tensor = torch::empty(entry.shape, *entry.dtype);
    stream.read(static_cast<char*>(tensor.data_ptr()),
                static_cast<std::streamsize>(entry.end - entry.begin));
    if (!stream) throw files::FileError(file_, name, "readable bytes", "a read error");
    return tensor;
}

void write_safetensors(const std::filesystem::path& file,
                       const std::vector<std::pair<std::string, torch::Tensor>>& tensors) {
    Json header = {{"__metadata__", {{"format", "pt"}}}};
    std::uint64_t at = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t end = at + tensor.nbytes();
        header[name] = {{"dtype", dtype_name(tensor.scalar_type())},
                        {"shape", tensor.sizes().vec()},
                        {"data_offsets", {at, end}}};
        at = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');
    files::replace_file(file, [&](std::ostream& stream) {
        const auto length = static_cast<std::uint64_t>(text.size());
        stream.write(reinterpret_cast<const char*>(&length), length_bytes);
        stream.write(text.data(), static_cast<std::streamsize>(text.size()));
        for (const auto& [name, tensor] : tensors) {
            const torch::Tensor bytes = tensor.detach().to(torch::kCPU).contiguous();
            stream.write(static_cast<const char*>(bytes.data_ptr()),
                         static_cast<std::streamsize>(bytes.nbytes()));
        }
    });
}

}  // namespace hugging_face
