#include "fed_llm/model/rope_config.hpp"

#include <string>
#include <vector>

#include "support/doctest.hpp"
#include "support/file_error.hpp"

using namespace files;
using namespace fed_llm;
using Json = nlohmann::ordered_json;

namespace {

LlamaConfig sizes() {
    LlamaConfig config;
    config.hidden_size = 64;
    config.num_attention_heads = 4;
    config.max_position_embeddings = 256;
    return config;
}

LlamaConfig read(const Json& json, const WarningObserver& warn = {}) {
    LlamaConfig config = sizes();
    read_rope(json, "config.json", config, warn);
    return config;
}

std::string refused(const Json& json) {
    return error_field([&] { read(json); });
}

const Json llama3{{"rope_type", "llama3"},
                  {"factor", 8.0},
                  {"low_freq_factor", 1.0},
                  {"high_freq_factor", 4.0},
                  {"original_max_position_embeddings", 128}};

Json with(Json object, const char* field, const Json& value) {
    object[field] = value;
    return object;
}

}  // namespace

TEST_CASE("no word of rope means theta 10000 and no scaling, null and empty objects too") {
    for (const Json& json :
         {Json::object(), Json{{"rope_theta", nullptr}}, Json{{"rope_scaling", nullptr}},
          Json{{"rope_scaling", Json::object()}}, Json{{"rope_parameters", nullptr}},
          Json{{"rope_scaling", {{"rope_type", "default"}}}},
          Json{{"rope_scaling", {{"type", "default"}, {"factor", nullptr}}}}}) {
        CAPTURE(json.dump());
        CHECK(read(json).rope_theta == 10000.0);
        CHECK_FALSE(read(json).rope_scaling);
    }
}

TEST_CASE("theta stands beside the object or in it") {
    CHECK(read({{"rope_theta", 7.0}}).rope_theta == 7.0);
    CHECK(read({{"rope_parameters", {{"rope_theta", 7.0}}}}).rope_theta == 7.0);
    CHECK(read({{"rope_parameters", {{"rope_type", "default"}, {"rope_theta", 7}}}}).rope_theta ==
          7.0);
    CHECK(read({{"rope_scaling", with(llama3, "rope_theta", 7.0)}}).rope_theta == 7.0);
    CHECK(read({{"rope_theta", 7.0}, {"rope_parameters", {{"rope_theta", 7.0}}}}).rope_theta ==
          7.0);
    // Readers differ in which they take.
    CHECK(refused({{"rope_theta", 10000.0}, {"rope_parameters", {{"rope_theta", 7.0}}}}) ==
          "rope_theta");
    CHECK(refused({{"rope_theta", "7"}}) == "rope_theta");
    CHECK(refused({{"rope_parameters", {{"rope_theta", "7"}}}}) == "rope_parameters.rope_theta");
}

TEST_CASE("every type is read with its fields") {
    const auto scaling_of = [](const Json& object) {
        return read({{"rope_scaling", object}}).rope_scaling;
    };
    CHECK(
        (scaling_of({{"rope_type", "linear"}, {"factor", 4}}) == RopeScaling(LinearScaling{4.0})));
    CHECK((scaling_of({{"type", "linear"}, {"factor", 4.0}}) == RopeScaling(LinearScaling{4.0})));
    CHECK((scaling_of({{"type", "linear"}, {"rope_type", "linear"}, {"factor", 4.0}}) ==
           RopeScaling(LinearScaling{4.0})));
    CHECK((scaling_of({{"type", "dynamic"}, {"factor", 2.0}}) == RopeScaling(DynamicScaling{2.0})));
    CHECK((scaling_of(llama3) == RopeScaling(Llama3Scaling{8.0, 1.0, 4.0, 128})));
    CHECK((scaling_of({{"rope_type", "yarn"}, {"factor", 4.0}, {"beta_fast", nullptr}}) ==
           RopeScaling(YarnScaling{.factor = 4.0})));
    CHECK((scaling_of({{"rope_type", "yarn"},
                       {"factor", 4.0},
                       {"original_max_position_embeddings", 64},
                       {"beta_fast", 16},
                       {"beta_slow", 2},
                       {"mscale", 1.0},
                       {"mscale_all_dim", 0.5},
                       {"truncate", false}}) ==
           RopeScaling(YarnScaling{.factor = 4.0,
                                   .original_max_position_embeddings = 64,
                                   .beta_fast = 16.0,
                                   .beta_slow = 2.0,
                                   .mscale = 1.0,
                                   .mscale_all_dim = 0.5,
                                   .truncate = false})));
}

TEST_CASE("scaling without a type, or with another one, is refused by name") {
    const auto field = [](const Json& object) { return refused({{"rope_scaling", object}}); };
    CHECK(field({{"factor", 4.0}}) == "rope_scaling.rope_type");
    CHECK(field({{"type", nullptr}, {"factor", 4.0}}) == "rope_scaling.type");
    CHECK(field({{"rope_type", nullptr}}) == "rope_scaling.rope_type");
    CHECK(field({{"rope_type", 3}}) == "rope_scaling.rope_type");
    CHECK(field({{"type", "longrope"}}) == "rope_scaling.type");
    CHECK(field({{"rope_type", "Linear"}, {"factor", 4.0}}) == "rope_scaling.rope_type");
    CHECK(field({{"type", "linear"}, {"rope_type", "dynamic"}, {"factor", 4.0}}) ==
          "rope_scaling.type");
    Json without_type = with(llama3, "rope_theta", 10000.0);
    without_type.erase("rope_type");
    CHECK(refused({{"rope_parameters", without_type}}) == "rope_parameters.rope_type");
    CHECK(refused({{"rope_scaling", 2.0}}) == "rope_scaling");
    CHECK(refused({{"rope_parameters", Json::array()}}) == "rope_parameters");
}

TEST_CASE("fields that the type has not are refused, and those that it needs are missed") {
    const auto field = [](const Json& object) { return refused({{"rope_parameters", object}}); };
    CHECK(field({{"rope_type", "default"}, {"factor", 4.0}}) == "rope_parameters.factor");
    CHECK(field({{"rope_type", "linear"}, {"factor", 4.0}, {"beta_fast", 32}}) ==
          "rope_parameters.beta_fast");
    CHECK(field({{"rope_type", "dynamic"},
                 {"factor", 4.0},
                 {"original_max_position_embeddings", 64}}) ==
          "rope_parameters.original_max_position_embeddings");
    CHECK(field({{"type", "yarn"}, {"factor", 4.0}, {"finetuned", true}}) ==
          "rope_parameters.finetuned");
    CHECK(field({{"rope_type", "linear"}}) == "rope_parameters.factor");
    CHECK(field({{"rope_type", "linear"}, {"factor", nullptr}}) == "rope_parameters.factor");
    CHECK(field({{"rope_type", "linear"}, {"factor", "4"}}) == "rope_parameters.factor");
    CHECK(field({{"rope_type", "linear"}, {"factor", 0.5}}) == "rope_parameters.factor");
    CHECK(field({{"rope_type", "yarn"}, {"factor", 2.0}, {"truncate", 1}}) ==
          "rope_parameters.truncate");
    CHECK(field(with(llama3, "original_max_position_embeddings", 8.5)) ==
          "rope_parameters.original_max_position_embeddings");
    CHECK(field(with(llama3, "high_freq_factor", 0.5)) == "rope_parameters.high_freq_factor");
}

TEST_CASE("only whole heads turn") {
    CHECK(refused({{"partial_rotary_factor", 1.0}}) == "no error");
    CHECK(refused({{"partial_rotary_factor", 0.5}}) == "partial_rotary_factor");
    CHECK(refused({{"rope_parameters", {{"partial_rotary_factor", 1}}}}) == "no error");
    CHECK(refused({{"rope_parameters", {{"partial_rotary_factor", 0.5}}}}) ==
          "rope_parameters.partial_rotary_factor");
}

TEST_CASE("objects for types of layers are read where they are the same") {
    const Json object = with(llama3, "rope_theta", 7.0);
    for (const Json& nested : {Json{{"full_attention", object}},
                               Json{{"full_attention", object}, {"sliding_attention", object}}}) {
        const auto config = read({{"rope_parameters", nested}});
        CHECK(config.rope_theta == 7.0);
        CHECK((config.rope_scaling == RopeScaling(Llama3Scaling{8.0, 1.0, 4.0, 128})));
    }
    const auto field = [](const Json& nested) { return refused({{"rope_parameters", nested}}); };
    CHECK(field({{"full_attention", object}, {"sliding_attention", {{"rope_theta", 7.0}}}}) ==
          "rope_parameters.sliding_attention");
    CHECK(field({{"full_attention", nullptr}}) == "rope_parameters.full_attention");
    CHECK(field({{"full_attention", object}, {"rope_theta", 7.0}}) == "rope_parameters.rope_theta");
    CHECK(field({{"full_attention", {{"factor", 7.0}}}}) ==
          "rope_parameters.full_attention.rope_type");
    CHECK(field({{"chunked_attention", object}}) == "rope_parameters.rope_type");
}

TEST_CASE("two objects have to say the same") {
    const Json both = with(llama3, "rope_theta", 7.0);
    const auto config = read({{"rope_scaling", llama3}, {"rope_parameters", both}});
    CHECK(config.rope_theta == 7.0);
    CHECK(config.rope_scaling);
    CHECK(refused({{"rope_scaling", llama3}, {"rope_parameters", {{"rope_theta", 7.0}}}}) ==
          "rope_parameters");
    CHECK(refused({{"rope_scaling", with(llama3, "rope_theta", 8.0)}, {"rope_parameters", both}}) ==
          "rope_theta");
}

TEST_CASE("an original context beside the object has to be that in it") {
    const char* field = "original_max_position_embeddings";
    CHECK(refused({{"rope_scaling", llama3}, {field, 128}}) == "no error");
    CHECK(refused({{"rope_scaling", llama3}, {field, 64}}) == field);
    CHECK(refused({{"rope_scaling", {{"type", "yarn"}, {"factor", 2.0}}}, {field, 64}}) == field);
    CHECK(refused({{field, 64}}) == "no error");
}

TEST_CASE("a yarn factor that readers understand differently warns") {
    std::vector<std::string> warnings;
    const auto warn = [&](const std::string& message) { warnings.push_back(message); };
    Json yarn{{"rope_type", "yarn"}, {"factor", 4.0}, {"original_max_position_embeddings", 64}};
    read({{"rope_parameters", yarn}}, warn);
    CHECK(warnings.empty());
    yarn["original_max_position_embeddings"] = 128;
    read({{"rope_parameters", yarn}}, warn);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("config.json: rope_parameters.factor is 4.0") != std::string::npos);
}

TEST_CASE("what was read is written again as it stood") {
    for (const Json& json :
         {Json{{"rope_theta", 7.0}}, Json{{"rope_theta", 7.0}, {"rope_scaling", nullptr}},
          Json{{"rope_theta", 7}, {"rope_scaling", {{"type", "linear"}, {"factor", 4}}}},
          Json{{"rope_parameters", with(llama3, "rope_theta", 7.0)}},
          Json{{"rope_parameters", {{"full_attention", with(llama3, "rope_theta", 7.0)}}}}}) {
        CAPTURE(json.dump());
        Json written = json;
        write_rope(read(json), written);
        CHECK(written == json);
    }
}

TEST_CASE("what another program changed or made is written in full") {
    LlamaConfig config = sizes();
    Json json = Json::object();
    write_rope(config, json);
    CHECK(json == Json{{"rope_theta", 10000.0}});
    config.rope_theta = 7.0;
    config.rope_scaling = YarnScaling{.factor = 4.0, .truncate = false};
    json = {{"rope_parameters", with(llama3, "rope_theta", 7.0)}};
    write_rope(config, json);
    CHECK(json ==
          Json{{"rope_theta", 7.0},
               {"rope_scaling", {{"rope_type", "yarn"}, {"factor", 4.0}, {"truncate", false}}}});
    CHECK((read(json).rope_scaling == config.rope_scaling));
    config.rope_scaling.reset();
    write_rope(config, json);
    CHECK(json == Json{{"rope_theta", 7.0}});
}
