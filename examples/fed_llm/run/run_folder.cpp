#include "run/run_folder.hpp"

#include <cstdint>
#include <stdexcept>

#include "file/file.hpp"
#include "file/file_error.hpp"
#include "run/durable_file.hpp"

namespace fed_llm {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_config_bytes = 1 << 20;

Json read_part(const RunFolder& folder, const std::string& part) {
    Json config = read_json(folder.config(), max_config_bytes);
    if (!config.is_object() || !config.contains(part)) {
        throw FileError(folder.config(), part, "an object", "nothing");
    }
    return config[part];
}

}  // namespace

void expect_no_run(const RunFolder& folder) {
    for (const auto& file : {folder.config(), folder.metrics(), folder.checkpoint(), folder.split(),
                             folder.model(), folder.tensorboard()}) {
        if (std::filesystem::exists(file)) {
            throw std::invalid_argument(
                folder.path().string() + " already holds a run or a part of one (" +
                file.filename().string() + "): continue it with --resume, or choose another --out");
        }
    }
}

void begin_run(const RunFolder& folder, const Options& options, const Json& facts) {
    create_folder(folder.path());
    // First: a run that is killed after this line can be continued, and --resume makes the rest.
    const Json config = {{"options", to_json(options)}, {"facts", facts}};
    replace_durably(folder.config(), std::string_view(config.dump(2) + "\n"));
    replace_durably(folder.metrics(), std::string_view());
}

Options stored_options(const RunFolder& folder) {
    return options_from_json(read_part(folder, "options"), folder.config());
}

void expect_facts(const RunFolder& folder, const Json& facts) {
    const Json stored = read_part(folder, "facts");
    for (const auto& [key, value] : facts.items()) {
        if (!stored.is_object() || !stored.contains(key) || stored[key] != value) {
            throw FileError(folder.config(), "facts." + key, describe(value),
                            stored.contains(key) ? describe(stored[key]) : "nothing");
        }
    }
}

}  // namespace fed_llm
