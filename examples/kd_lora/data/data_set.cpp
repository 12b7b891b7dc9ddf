#include "kd_lora/data/data_set.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "federated/round/sampling.hpp"
#include "files/file_error.hpp"
#include "kd_lora/data/glue.hpp"
#include "kd_lora/data/labelled_jsonl.hpp"
#include "kd_lora/data/labelled_tsv.hpp"
#include "kd_lora/data/row_fields.hpp"

namespace kd_lora {
namespace {

/// A data set that is known by name.
struct KnownDataSet {
    const char* name;
    const char* published_folder;  ///< its folder in GLUE; nullptr for people's own files
    const char* extension;
    std::int64_t labels;  ///< 0: as many as the training file has
    LabelledFile (*read)(const std::filesystem::path& file, std::int64_t labels);
};

constexpr KnownDataSet known_data_sets[] = {{"cola", "CoLA", ".tsv", 2, read_cola},
                                            {"sst2", "SST-2", ".tsv", 2, read_sst2},
                                            {"tsv", nullptr, ".tsv", 0, read_labelled_tsv},
                                            {"jsonl", nullptr, ".jsonl", 0, read_labelled_jsonl}};

const KnownDataSet& find_data_set(const std::string& name) {
    for (const KnownDataSet& known : known_data_sets) {
        if (name == known.name) return known;
    }
    std::string names;
    for (const std::string& known : data_set_names()) {
        names.append(names.empty() ? "" : ", ").append(known);
    }
    throw std::invalid_argument("data set: expected one of " + names + ", got '" + name + "'");
}

/// The number of classes of a training file, which shows them all.
std::int64_t count_labels(const LabelledFile& rows, const std::filesystem::path& file) {
    std::set<std::int64_t> labels;
    for (const LabelledExample& example : rows.examples) labels.insert(example.label);
    std::int64_t missing = 0;
    while (labels.contains(missing)) ++missing;
    const auto beyond = labels.upper_bound(missing);
    if (beyond != labels.end()) {
        const auto row = std::ranges::find(rows.examples, *beyond, &LabelledExample::label);
        const auto at = static_cast<std::size_t>(row - rows.examples.begin());
        RowFields(file, rows.lines[at], 0)
            .refuse("label", "labels from 0 without a gap",
                    "'" + std::to_string(*beyond) + "', and no row of " + std::to_string(missing));
    }
    if (missing < 2) {
        throw files::FileError(file, "label", "rows of at least two labels", "only rows of 0");
    }
    return missing;
}

/// Takes a random tenth out of `rows`.
std::vector<LabelledExample> hold_out_tenth(std::vector<LabelledExample>& rows, std::uint64_t seed,
                                            const std::filesystem::path& file) {
    if (rows.size() < 2) {
        throw files::FileError(file, "file", "at least two rows, one of them to validate on",
                               "one");
    }
    std::mt19937_64 generator = federated::named_generator(seed, "held out");
    std::vector<bool> is_held(rows.size(), false);
    for (const std::size_t row : federated::sample_without_replacement(
             generator, rows.size(), std::max<std::size_t>(rows.size() / 10, 1))) {
        is_held[row] = true;
    }
    std::vector<LabelledExample> held;
    std::vector<LabelledExample> left;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        (is_held[row] ? held : left).push_back(std::move(rows[row]));
    }
    rows = std::move(left);
    return held;
}

DataSet load_glue(const KnownDataSet& known, const std::filesystem::path& path) {
    std::filesystem::path folder = path;
    if (!std::filesystem::exists(folder / "train.tsv")) folder /= known.published_folder;
    if (!std::filesystem::exists(folder / "train.tsv")) {
        throw files::FileError(path, "path",
                               std::string("a folder with train.tsv and dev.tsv, or with ") +
                                   known.published_folder + ", which has them",
                               "none");
    }
    return {known.read(folder / "train.tsv", known.labels).examples,
            known.read(folder / "dev.tsv", known.labels).examples, known.labels};
}

DataSet load_own(const KnownDataSet& known, const DataSetSettings& settings) {
    const auto in_folder = [&](const std::string& part) {
        return settings.path / (part + known.extension);
    };
    const bool is_folder = std::filesystem::is_directory(settings.path);
    const std::filesystem::path file = is_folder ? in_folder("train") : settings.path;
    LabelledFile rows = known.read(file, known.labels);
    DataSet data;
    data.labels = count_labels(rows, file);
    data.train = std::move(rows.examples);
    for (const char* part : {"dev", "validation"}) {
        if (is_folder && std::filesystem::exists(in_folder(part))) {
            data.validation = known.read(in_folder(part), data.labels).examples;
            return data;
        }
    }
    data.validation = hold_out_tenth(data.train, settings.seed, file);
    return data;
}

}  // namespace

const std::vector<std::string>& data_set_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const KnownDataSet& known : known_data_sets) list.emplace_back(known.name);
        return list;
    }();
    return names;
}

DataSet load_data_set(const DataSetSettings& settings) {
    const KnownDataSet& known = find_data_set(settings.name);
    return known.published_folder == nullptr ? load_own(known, settings)
                                             : load_glue(known, settings.path);
}

}  // namespace kd_lora
