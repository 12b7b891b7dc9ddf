#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <istream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "files/file_error.hpp"

namespace federated {

/// Reads --config as CLI11 does, which takes a byte order mark for a part of a key, and knows sections
/// for subcommands only.
class ConfigFile : public CLI::ConfigTOML {
public:
    /// command: asked once the command line is read, names the subcommand whose options the file has;
    /// empty: they are the program's own
    explicit ConfigFile(std::function<std::string()> command) : command_(std::move(command)) {}

    std::vector<CLI::ConfigItem> from_config(std::istream& stream) const override {
        std::ostringstream bytes;
        bytes << stream.rdbuf();
        std::istringstream text;
        try {
            text.str(files::without_byte_order_mark(bytes.str(), "--config"));
        } catch (const files::FileError& error) {
            throw CLI::ConfigError(error.what(), CLI::ExitCodes::ConfigError);
        }
        std::vector<CLI::ConfigItem> items = CLI::ConfigTOML::from_config(text);
        const std::string command = command_();
        if (!command.empty()) {
            for (CLI::ConfigItem& item : items) item.parents.insert(item.parents.begin(), command);
        }
        return items;
    }

private:
    std::function<std::string()> command_;
};

/// Gives the program --config FILE.
inline void add_config_file(CLI::App& app, std::function<std::string()> command) {
    app.config_formatter(std::make_shared<ConfigFile>(std::move(command)));
    app.set_config("--config", "", "Read options from a TOML or INI file, as KEY = VALUE");
    app.allow_config_extras(CLI::config_extras_mode::error);
}

}  // namespace federated
