#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hugging_face {

/// A value in a JSON file together with its place, for the errors. It points into both, which
/// outlive it. What refuses throws FileError.
class JsonNode {
public:
    /// The whole file. Throws: FileError where it is no object.
    JsonNode(const nlohmann::json& json, const std::filesystem::path& file);

    /// The field of this object; a null where there is none.
    JsonNode operator[](const std::string& field) const;

    /// The entries of this list; none where it is null. Refuses other values and longer lists.
    std::vector<JsonNode> entries(std::size_t most) const;

    /// Of a field that the object does not have, or that stands in no object.
    bool is_absent() const;

    /// Of an absent field, too.
    bool is_null() const { return json_->is_null(); }

    const nlohmann::json& json() const { return *json_; }

    const std::string& text() const;

    /// A text with at least one letter.
    const std::string& name() const;

    /// `absent` where it is null.
    bool boolean(bool absent = false) const;

    /// An integer in 0..limit-1.
    std::int64_t token(std::int64_t limit) const;

    /// Refuses what is neither null nor `supported`.
    void only(const nlohmann::json& supported) const;

    [[noreturn]] void refuse(const std::string& expected) const;
    [[noreturn]] void refuse(const std::string& expected, const std::string& got) const;

    /// File and place, for errors about another node.
    std::string place() const;

private:
    JsonNode(const nlohmann::json& json, const std::filesystem::path& file, std::string where);

    const nlohmann::json* json_;
    const std::filesystem::path* file_;
    std::string where_;
};

/// The object in a JSON file; an empty one where there is no such file.
class JsonFile {
public:
    JsonFile() = default;

    /// Throws: FileError where the file is unreadable, longer than `max_bytes` or holds no object.
    JsonFile(std::filesystem::path file, std::uint64_t max_bytes);

    JsonNode root() const { return {json_, file_}; }

private:
    std::filesystem::path file_;
    nlohmann::json json_ = nlohmann::json::object();
};

}  // namespace hugging_face
