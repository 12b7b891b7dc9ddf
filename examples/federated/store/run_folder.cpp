#include "federated/store/run_folder.hpp"

#include <cstdint>
#include <stdexcept>

#include "files/durable_file.hpp"
#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_config_bytes = 1 << 20;

Json read_part(const RunFolder& folder, const std::string& part) {
    Json config = files::read_json(folder.config(), max_config_bytes);
    if (!config.is_object() || !config.contains(part)) {
        throw files::FileError(folder.config(), part, "an object", "nothing");
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

void begin_run(const RunFolder& folder, const Json& options, const Json& facts) {
    files::create_folder(folder.path());
    // First: a run that is killed after this line can be continued, and --resume makes the rest.
    const Json config = {{"options", options}, {"facts", facts}};
    files::replace_durably(folder.config(), std::string_view(config.dump(2) + "\n"));
    files::replace_durably(folder.metrics(), std::string_view());
}

Json stored_options(const RunFolder& folder) {
    Json options = read_part(folder, "options");
    if (!options.is_object()) {
        throw files::FileError(folder.config(), "options", "an object", files::describe(options));
    }
    return options;
}

void tell_how_to_continue(std::ostream& stream, const RunFolder& folder,
                          const std::string& resume) {
    if (std::filesystem::exists(folder.config())) {
        stream << "interrupted; to continue: " << resume << ' ' << folder.path().string()
               << std::endl;
    } else {
        stream << "interrupted before the first round; start again with the same command"
               << std::endl;
    }
}

void expect_facts(const RunFolder& folder, const Json& facts) {
    const Json stored = read_part(folder, "facts");
    for (const auto& [key, value] : facts.items()) {
        if (!stored.is_object() || !stored.contains(key) || stored[key] != value) {
            throw files::FileError(folder.config(), "facts." + key, files::describe(value),
                                   stored.contains(key) ? files::describe(stored[key]) : "nothing");
        }
    }
}

}  // namespace federated
