#include "kd_lora/model/peft_folder.hpp"

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "files/file.hpp"
#include "hugging_face/weights/safetensors.hpp"
#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"
#include "support/file_error.hpp"
#include "support/temporary_folder.hpp"

using namespace kd_lora;
using Json = nlohmann::ordered_json;
using Tensors = std::vector<std::pair<std::string, torch::Tensor>>;

namespace {

const LoraSettings settings{
    .rank = 4, .alpha = 6.0, .dropout = 0.25, .targets = {"q_lin", "v_lin"}};

SequenceClassifier adapted(BertFamily family = BertFamily::distilbert,
                           const LoraSettings& with = settings) {
    SequenceClassifier model = tiny_classifier(family);
    add_lora(model, with, 1);
    const torch::NoGradGuard no_grad;
    torch::manual_seed(5);
    for (NamedParameter& parameter : model.trained_parameters()) parameter.tensor.normal_();
    return model;
}

bool equal_parameters(const SequenceClassifier& a, const SequenceClassifier& b) {
    const auto left = a.parameters();
    const auto right = b.parameters();
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i].name != right[i].name) return false;
        if (!torch::equal(left[i].tensor, right[i].tensor)) return false;
        if (left[i].tensor.requires_grad() != right[i].tensor.requires_grad()) return false;
    }
    return true;
}

Json read_config(const std::filesystem::path& folder) {
    return files::read_json(folder / "adapter_config.json", 10'000);
}

/// The field that load_adapter refuses after a change to the folder of a good adapter, where the
/// model must then be as before.
std::string refused(const std::function<void(Json&, Tensors&)>& change) {
    const TemporaryFolder folder;
    SequenceClassifier good = adapted();
    save_adapter(good, settings, folder.path());
    Json config = read_config(folder.path());
    Tensors tensors;
    {
        const hugging_face::SafetensorsReader reader(folder.path() / "adapter_model.safetensors");
        for (const auto& [name, entry] : reader.entries()) {
            tensors.emplace_back(name, reader.read(name));
        }
    }
    change(config, tensors);
    folder.write("adapter_config.json", config.dump());
    hugging_face::write_safetensors(folder.path() / "adapter_model.safetensors", tensors);
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    const std::string field = error_field([&] { load_adapter(model, folder.path()); });
    if (field != "no error") {
        CHECK(equal_parameters(model, tiny_classifier(BertFamily::distilbert)));
    }
    return field;
}

std::string refused(const char* field, const Json& value) {
    return refused([&](Json& config, Tensors&) { config[field] = value; });
}

}  // namespace

TEST_CASE("a saved adapter loads again bit for bit") {
    const TemporaryFolder folder;
    const auto place = folder.path() / "new" / "folder";
    SequenceClassifier model = adapted();
    save_adapter(model, settings, place, "some/base");
    SequenceClassifier again = tiny_classifier(BertFamily::distilbert);
    const LoraSettings loaded = load_adapter(again, place);
    CHECK(equal_parameters(again, model));
    CHECK(loaded.rank == 4);
    CHECK(loaded.alpha == 6.0);
    CHECK(loaded.dropout == 0.25);
    CHECK(loaded.targets == settings.targets);
    CHECK(loaded.whole == settings.whole);
    for (const Projection* projection : again.projections()) {
        if (!projection->adapter) continue;
        CHECK(projection->adapter->scale == 1.5);
        CHECK(projection->adapter->dropout == 0.25);
    }
    const Json config = read_config(place);
    CHECK(config.at("base_model_name_or_path") == "some/base");
    CHECK(config.at("lora_alpha").is_number_integer());
    const hugging_face::SafetensorsReader reader(place / "adapter_model.safetensors");
    CHECK(reader.entries().size() == 16);
    CHECK(reader.entries().contains(
        "base_model.model.distilbert.transformer.layer.2.attention.v_lin.lora_B.weight"));
    CHECK(reader.entries().contains("base_model.model.pre_classifier.bias"));
}

TEST_CASE("BERT's adapters and fractions of alpha are kept") {
    const LoraSettings other{
        .rank = 2, .alpha = 0.5, .dropout = 0.0, .targets = {"query", "dense"}};
    const TemporaryFolder folder;
    SequenceClassifier model = adapted(BertFamily::bert, other);
    save_adapter(model, other, folder.path());
    SequenceClassifier again = tiny_classifier(BertFamily::bert);
    CHECK(load_adapter(again, folder.path()).alpha == 0.5);
    CHECK(equal_parameters(again, model));
}

TEST_CASE("names that find nothing are passed over, as PEFT does") {
    CHECK(refused([](Json& config, Tensors&) {
              config["modules_to_save"] = {"classifier", "score"};
              config["target_modules"] = {"v_lin", "query", "q_lin"};
          }) == "no error");
    // Fields of newer releases, at the values that change nothing.
    CHECK(refused([](Json& config, Tensors&) {
              config["use_qalora"] = false;
              config["exclude_modules"] = nullptr;
              config["corda_config"] = nullptr;
              config["peft_version"] = "0.18.1";
          }) == "no error");
}

TEST_CASE("what these adapters have not is refused under its name") {
    CHECK(refused("peft_type", "IA3") == "peft_type");
    CHECK(refused("peft_type", nullptr) == "peft_type");
    CHECK(refused("task_type", "CAUSAL_LM") == "task_type");
    CHECK(refused("bias", "all") == "bias");
    CHECK(refused("use_dora", true) == "use_dora");
    CHECK(refused("use_rslora", true) == "use_rslora");
    CHECK(refused("fan_in_fan_out", true) == "fan_in_fan_out");
    CHECK(refused("init_lora_weights", "pissa") == "init_lora_weights");
    CHECK(refused("rank_pattern", {{"q_lin", 2}}) == "rank_pattern");
    CHECK(refused("alpha_pattern", {{"q_lin", 2}}) == "alpha_pattern");
    CHECK(refused("layers_to_transform", {0}) == "layers_to_transform");
    CHECK(refused("exclude_modules", {"v_lin"}) == "exclude_modules");
    CHECK(refused("target_modules", "all-linear") == "target_modules");
    CHECK(refused("target_modules", Json::array()) == "target_modules");
    CHECK(refused("target_modules", {1}) == "target_modules");
    CHECK(refused("target_modules", {"query"}) == "target_modules");
    CHECK(refused("modules_to_save", "classifier") == "modules_to_save");
    CHECK(refused("modules_to_save", {"q_lin"}) == "modules_to_save");
    for (const Json& wrong : std::vector<Json>{nullptr, 0, -1, 1.5, "8", std::int64_t{1} << 40}) {
        CHECK(refused("r", wrong) == "r");
    }
    CHECK(refused("lora_alpha", 0) == "lora_alpha");
    CHECK(refused("lora_alpha", "16") == "lora_alpha");
    CHECK(refused("lora_dropout", 1.0) == "lora_dropout");
}

TEST_CASE("tensors are exactly those of settings and model") {
    const std::string a =
        "base_model.model.distilbert.transformer.layer.1.attention.q_lin.lora_A.weight";
    const auto tensor = [&](Tensors& tensors) -> torch::Tensor& {
        for (auto& [name, found] : tensors) {
            if (name == a) return found;
        }
        throw std::out_of_range(a);
    };
    CHECK(refused("r", 5).ends_with("q_lin.lora_A.weight.shape"));
    CHECK(refused("target_modules", {"q_lin"}).ends_with("v_lin.lora_A.weight"));
    CHECK(refused("target_modules", {"q_lin", "v_lin", "k_lin"}).ends_with("k_lin.lora_A.weight"));
    CHECK(refused("modules_to_save", nullptr).starts_with("base_model.model.classifier."));
    CHECK(refused([&](Json&, Tensors& tensors) {
              tensor(tensors)[2][3] = std::numeric_limits<float>::infinity();
          }) == a + "[27]");
    CHECK(refused([&](Json&, Tensors& tensors) {
              std::erase_if(tensors, [&](const auto& entry) { return entry.first == a; });
          }) == a);
    CHECK(refused([&](Json&, Tensors& tensors) {
              tensors.emplace_back("pre_classifier.weight", torch::zeros({12, 12}));
          }) == "pre_classifier.weight");
    const TemporaryFolder folder;
    SequenceClassifier model = tiny_classifier(BertFamily::distilbert);
    CHECK(error_field([&] { load_adapter(model, folder.path()); }) != "no error");
}

TEST_CASE("only what a model has is saved") {
    const TemporaryFolder folder;
    SequenceClassifier plain = tiny_classifier(BertFamily::distilbert);
    CHECK_THROWS_AS(save_adapter(plain, settings, folder.path()), std::invalid_argument);
    SequenceClassifier model = adapted();
    LoraSettings other = settings;
    other.rank = 2;
    CHECK_THROWS_AS(save_adapter(model, other, folder.path()), std::invalid_argument);
    other = settings;
    other.targets = {"q_lin"};
    CHECK_THROWS_AS(save_adapter(model, other, folder.path()), std::invalid_argument);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "adapter_config.json"));
}
