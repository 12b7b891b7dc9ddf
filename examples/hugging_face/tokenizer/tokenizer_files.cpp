#include "hugging_face/tokenizer/tokenizer_files.hpp"

#include <array>
#include <cstdint>

#include "files/file.hpp"

namespace hugging_face {
namespace {

constexpr std::uint64_t max_companion_bytes = std::uint64_t{1} << 28;

constexpr std::array<const char*, 5> companion_names{"tokenizer.json", "tokenizer_config.json",
                                                     "special_tokens_map.json", "added_tokens.json",
                                                     "chat_template.jinja"};

}  // namespace

void add_companions(const std::filesystem::path& folder, TokenizerFiles& files) {
    for (const char* name : companion_names) {
        if (!files.contains(name) && std::filesystem::exists(folder / name)) {
            files.emplace(name, files::read_file(folder / name, max_companion_bytes));
        }
    }
}

void write_files(const TokenizerFiles& files, const std::filesystem::path& folder) {
    files::create_folder(folder);
    for (const auto& [name, bytes] : files) files::write_file(folder / name, bytes);
}

}  // namespace hugging_face
