#include "kd_lora/model/classifier_folder.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "hugging_face/support/sharded.hpp"
#include "hugging_face/weights/safetensors.hpp"
#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;
using Json = nlohmann::ordered_json;
using Tensors = std::vector<std::pair<std::string, torch::Tensor>>;

namespace {

constexpr BertFamily families[] = {BertFamily::bert, BertFamily::distilbert};

Tensors weights_of(const SequenceClassifier& model) {
    Tensors tensors;
    for (const NamedParameter& parameter : model.parameters()) {
        tensors.emplace_back(parameter.name, parameter.tensor.detach());
    }
    return tensors;
}

std::map<std::string, torch::Tensor> by_name(const SequenceClassifier& model) {
    const Tensors tensors = weights_of(model);
    return {tensors.begin(), tensors.end()};
}

bool equal_weights(const SequenceClassifier& a, const SequenceClassifier& b) {
    const Tensors left = weights_of(a);
    const Tensors right = weights_of(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].first != right[i].first) return false;
        if (!torch::equal(left[i].second, right[i].second)) return false;
    }
    return true;
}

/// A folder with config.json and a changed list of tensors.
void write_changed(const std::filesystem::path& folder, const SequenceClassifier& model,
                   const std::function<void(Tensors&)>& change) {
    save_classifier(model, folder);
    Tensors tensors = weights_of(model);
    change(tensors);
    hugging_face::write_safetensors(folder / "model.safetensors", tensors);
}

torch::Tensor& tensor_of(Tensors& tensors, const std::string& name) {
    for (auto& [found, tensor] : tensors) {
        if (found == name) return tensor;
    }
    throw std::out_of_range(name);
}

void erase_tensors(Tensors& tensors, const std::string& start) {
    std::erase_if(tensors, [&](const auto& entry) { return entry.first.starts_with(start); });
}

std::string without_prefix(std::string name) {
    for (const std::string prefix : {"distilbert.", "bert."}) {
        if (name.starts_with(prefix)) return name.substr(prefix.size());
    }
    return name;
}

/// The field that load_classifier refuses after the change.
std::string refused(BertFamily family, const std::function<void(Tensors&)>& change,
                    const LoadSettings& settings = {}) {
    const TemporaryFolder folder;
    write_changed(folder.path(), tiny_classifier(family), change);
    return error_field([&] { load_classifier(folder.path(), settings); });
}

}  // namespace

TEST_CASE("a saved model loads again bit for bit") {
    for (const BertFamily family : families) {
        const TemporaryFolder folder;
        const SequenceClassifier model = tiny_classifier(family);
        const auto place = folder.path() / "new" / "folder";
        save_classifier(model, place);
        CHECK(equal_weights(load_classifier(place), model));
        CHECK(files::read_json(place / "config.json", 10'000).at("torch_dtype") == "float32");
        write_sharded(place, weights_of(model));
        CHECK(equal_weights(load_classifier(place), model));
        const SequenceClassifier wide = load_classifier(place, {torch::kFloat64});
        CHECK((wide.options().dtype() == torch::kFloat64));
        CHECK_THROWS_AS(save_classifier(wide, place), std::invalid_argument);
    }
}

TEST_CASE("halves are kept in the file and converted on request") {
    for (const torch::Dtype dtype : {torch::kFloat16, torch::kBFloat16}) {
        const TemporaryFolder folder;
        const SequenceClassifier model = tiny_classifier(BertFamily::bert, dtype);
        save_classifier(model, folder.path());
        CHECK(equal_weights(load_classifier(folder.path(), {dtype}), model));
        const auto wide = by_name(load_classifier(folder.path()));
        for (const auto& [name, tensor] : by_name(model)) {
            CHECK(torch::equal(wide.at(name), tensor.to(torch::kFloat32)));
        }
    }
}

TEST_CASE("names without prefix, older norms and position_ids are read") {
    for (const BertFamily family : families) {
        const SequenceClassifier model = tiny_classifier(family);
        const TemporaryFolder folder;
        write_changed(folder.path(), model, [&](Tensors& tensors) {
            for (auto& [name, tensor] : tensors) {
                name = without_prefix(name);
                const std::size_t norm = name.rfind("LayerNorm.");
                if (norm == std::string::npos) continue;
                name.replace(norm, std::string::npos,
                             name.ends_with("bias") ? "LayerNorm.beta" : "LayerNorm.gamma");
            }
        });
        CHECK(equal_weights(load_classifier(folder.path()), model));
    }
    const SequenceClassifier model = tiny_classifier(BertFamily::bert);
    const TemporaryFolder folder;
    // As in real files, where it is int64, which is not read.
    std::vector<std::string> warnings;
    write_changed(folder.path(), model, [](Tensors& tensors) {
        tensors.emplace_back("bert.embeddings.position_ids", torch::arange(16).to(torch::kFloat32));
        tensors.emplace_back("cls.predictions.bias", torch::zeros(41));
        tensors.emplace_back("nothing", torch::zeros({0, 3}));
    });
    CHECK(equal_weights(
        load_classifier(folder.path(), {},
                        [&](const std::string& message) { warnings.push_back(message); }),
        model));
    CHECK(warnings.empty());
}

TEST_CASE("a head that is not there is drawn from the seed") {
    for (const BertFamily family : families) {
        const bool bert = family == BertFamily::bert;
        const std::string pooler = bert ? "bert.pooler.dense" : "pre_classifier";
        for (const bool with_pooler : {true, false}) {
            const SequenceClassifier model = tiny_classifier(family);
            const TemporaryFolder folder;
            write_changed(folder.path(), model, [&](Tensors& tensors) {
                erase_tensors(tensors, "classifier");
                if (!with_pooler) erase_tensors(tensors, pooler);
                for (auto& [name, tensor] : tensors) name = without_prefix(name);
            });
            std::vector<std::string> warnings;
            LoadSettings settings;
            settings.labels = 5;
            settings.head_seed = 3;
            const auto loaded =
                by_name(load_classifier(folder.path(), settings, [&](const std::string& text) {
                    warnings.push_back(text);
                }));
            REQUIRE(warnings.size() == 1);
            CHECK((warnings[0].find(pooler) == std::string::npos) == with_pooler);
            for (const auto& [name, tensor] : by_name(model)) {
                if (name.starts_with("classifier")) continue;
                if (!with_pooler && name.starts_with(pooler)) continue;
                CHECK(torch::equal(loaded.at(name), tensor));
            }
            const torch::Tensor head = loaded.at("classifier.weight");
            CHECK(head.sizes() == torch::IntArrayRef({5, 12}));
            // 60 squares: relative deviation of their mean sqrt(2 / 60) = 0.18; five of them.
            CHECK(std::abs(head.square().mean().item<double>() / 0.09 - 1.0) < 0.92);
            CHECK(loaded.at("classifier.bias").abs().max().item<double>() == 0.0);
            const auto again = by_name(load_classifier(folder.path(), settings));
            CHECK(torch::equal(again.at("classifier.weight"), head));
            CHECK(torch::equal(again.at(pooler + ".weight"), loaded.at(pooler + ".weight")));
            settings.head_seed = 4;
            CHECK_FALSE(torch::equal(
                by_name(load_classifier(folder.path(), settings)).at("classifier.weight"), head));
        }
    }
}

TEST_CASE("labels are those of the head that is there") {
    const auto nothing = [](Tensors&) {};
    CHECK(refused(BertFamily::bert, nothing, {.labels = 2}) == "no error");
    CHECK(refused(BertFamily::bert, nothing, {.labels = 3}) == "classifier.weight");
    const auto without = [](Tensors& tensors) { erase_tensors(tensors, "classifier"); };
    CHECK(refused(BertFamily::bert, without, {.labels = 3}) == "no error");
    CHECK_THROWS_AS(refused(BertFamily::bert, without, {.labels = 1}), std::invalid_argument);
}

TEST_CASE("half a head is refused") {
    CHECK(refused(BertFamily::bert, [](Tensors& t) { erase_tensors(t, "classifier.bias"); }) ==
          "classifier.bias");
    CHECK(refused(BertFamily::bert, [](Tensors& t) {
              erase_tensors(t, "bert.pooler.dense.weight");
          }) == "bert.pooler.dense.weight");
    CHECK(refused(BertFamily::distilbert, [](Tensors& t) { erase_tensors(t, "pre_classifier"); }) ==
          "pre_classifier.weight");
}

TEST_CASE("weights that do not fit are refused under their names") {
    const std::string query = "bert.encoder.layer.1.attention.self.query.weight";
    CHECK(refused(BertFamily::bert, [&](Tensors& t) { erase_tensors(t, query); }) == query);
    CHECK(refused(BertFamily::bert, [&](Tensors& t) {
              tensor_of(t, query) = torch::zeros({12, 11});
          }) == query + ".shape");
    CHECK(refused(BertFamily::bert, [&](Tensors& t) {
              tensor_of(t, query)[3][5] = std::numeric_limits<float>::quiet_NaN();
          }) == query + "[41]");
    CHECK(refused(BertFamily::bert, [](Tensors& t) {
              t.emplace_back("bert.encoder.layer.3.output.dense.weight", torch::zeros({12, 20}));
          }) == "bert.encoder.layer.3.output.dense.weight");
    CHECK(refused(BertFamily::distilbert, [](Tensors& t) {
              t.emplace_back("embeddings.LayerNorm.weight", torch::zeros(12));
          }) == "embeddings.LayerNorm.weight");
    CHECK(refused(BertFamily::distilbert, [](Tensors& t) {
              t.emplace_back("qa_outputs.weight", torch::zeros(12));
          }) == "qa_outputs.weight");
    // One family's weights are not the other's.
    const TemporaryFolder folder;
    save_classifier(tiny_classifier(BertFamily::bert), folder.path());
    const std::string weights = read_bytes(folder.path() / "model.safetensors");
    save_classifier(tiny_classifier(BertFamily::distilbert), folder.path());
    folder.write("model.safetensors", weights);
    CHECK(error_field([&] { load_classifier(folder.path()); }) == "pre_classifier.weight");
}

TEST_CASE("sizes count only once the files bear them out") {
    for (const char* field : {"vocab_size", "num_hidden_layers", "intermediate_size",
                              "max_position_embeddings", "type_vocab_size"}) {
        const TemporaryFolder folder;
        save_classifier(tiny_classifier(BertFamily::bert), folder.path());
        Json json = files::read_json(folder.path() / "config.json", 10'000);
        json[field] = std::int64_t{1} << 31;
        folder.write("config.json", json.dump());
        CHECK(error_field([&] { load_classifier(folder.path()); }) != "no error");
    }
}
