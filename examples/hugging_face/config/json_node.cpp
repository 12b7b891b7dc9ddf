#include "hugging_face/config/json_node.hpp"

#include <utility>

#include "files/file.hpp"
#include "files/file_error.hpp"

namespace hugging_face {
namespace {

using Json = nlohmann::json;

const Json nothing;

}  // namespace

JsonNode::JsonNode(const Json& json, const std::filesystem::path& file) : JsonNode(json, file, {}) {
    if (!json.is_object()) throw files::FileError(file, "JSON", "an object", files::describe(json));
}

JsonNode::JsonNode(const Json& json, const std::filesystem::path& file, std::string where)
    : json_(&json), file_(&file), where_(std::move(where)) {}

JsonNode JsonNode::operator[](const std::string& field) const {
    const bool there = json_->is_object() && json_->contains(field);
    return {there ? json_->at(field) : nothing, *file_,
            where_.empty() ? field : where_ + "." + field};
}

std::vector<JsonNode> JsonNode::entries(std::size_t most) const {
    std::vector<JsonNode> nodes;
    if (is_null()) return nodes;
    if (!json_->is_array() || json_->size() > most) {
        refuse("a list of at most " + std::to_string(most));
    }
    for (const Json& entry : *json_) {
        nodes.push_back({entry, *file_, where_ + "[" + std::to_string(nodes.size()) + "]"});
    }
    return nodes;
}

bool JsonNode::is_absent() const {
    return json_ == &nothing;
}

const std::string& JsonNode::text() const {
    if (!json_->is_string()) refuse("a text");
    return json_->get_ref<const std::string&>();
}

const std::string& JsonNode::name() const {
    if (text().empty()) refuse("a text that is not empty");
    return text();
}

bool JsonNode::boolean(bool absent) const {
    if (is_null()) return absent;
    if (!json_->is_boolean()) refuse("true or false");
    return json_->get<bool>();
}

std::int64_t JsonNode::token(std::int64_t limit) const {
    if (!json_->is_number_unsigned() ||
        json_->get<std::uint64_t>() >= static_cast<std::uint64_t>(limit)) {
        refuse("a token below " + std::to_string(limit));
    }
    return json_->get<std::int64_t>();
}

void JsonNode::only(const Json& supported) const {
    if (!is_null() && *json_ != supported) {
        refuse(files::describe(supported) + " (anything else is unsupported)");
    }
}

void JsonNode::refuse(const std::string& expected) const {
    refuse(expected, files::describe(*json_));
}

void JsonNode::refuse(const std::string& expected, const std::string& got) const {
    throw files::FileError(*file_, where_, expected, got);
}

std::string JsonNode::place() const {
    return file_->filename().string() + ", " + where_;
}

JsonFile::JsonFile(std::filesystem::path file, std::uint64_t max_bytes) : file_(std::move(file)) {
    if (!std::filesystem::exists(file_)) return;
    json_ = files::parse_sorted_json(files::read_file(file_, max_bytes), file_);
    root();  // refuses what is no object
}

}  // namespace hugging_face
