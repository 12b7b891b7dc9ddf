#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace federated {

/// Where a run keeps its files.
class RunFolder {
public:
    explicit RunFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    const std::filesystem::path& path() const { return folder_; }
    std::filesystem::path config() const { return folder_ / "config.json"; }
    std::filesystem::path metrics() const { return folder_ / "metrics.jsonl"; }
    std::filesystem::path split() const { return folder_ / "split.csv"; }
    std::filesystem::path checkpoint() const { return folder_ / "checkpoint"; }
    std::filesystem::path tensorboard() const { return folder_ / "tensorboard"; }
    std::filesystem::path model() const { return folder_ / "model"; }        ///< the result
    std::filesystem::path embedded() const { return folder_ / "embedded"; }  ///< without --cache
    std::filesystem::path lock() const { return folder_ / "run.lock"; }      ///< see FolderClaim

private:
    std::filesystem::path folder_;
};

/// Throws: std::invalid_argument if the folder already holds a run, or anything that one would
/// overwrite: a model of the user's, say.
void expect_no_run(const RunFolder& folder);

/// Begins a run: config.json with the options and `facts`, what they led to (the number of clients,
/// a fingerprint of the data, ...), and an empty metrics.jsonl. Throws: FileError.
void begin_run(const RunFolder& folder, const nlohmann::ordered_json& options,
               const nlohmann::ordered_json& facts);

/// The options a run was begun with, unchecked but for being an object. Throws: FileError.
nlohmann::ordered_json stored_options(const RunFolder& folder);

/// For whoever interrupted a run. resume: the command that continues one, without its folder
void tell_how_to_continue(std::ostream& stream, const RunFolder& folder, const std::string& resume);

/// Throws: FileError naming the key if the run was begun with other facts, for instance with other
/// data in the same place.
void expect_facts(const RunFolder& folder, const nlohmann::ordered_json& facts);

}  // namespace federated
