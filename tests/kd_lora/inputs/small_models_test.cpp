#include "kd_lora/inputs/small_models.hpp"

#include <map>
#include <string>

#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

std::map<std::string, torch::Tensor> named(const SequenceClassifier& model) {
    std::map<std::string, torch::Tensor> tensors;
    for (const NamedParameter& parameter : model.parameters()) {
        tensors[parameter.name] = parameter.tensor;
    }
    return tensors;
}

}  // namespace

TEST_CASE("a student has every second layer of its teacher, and embeds alike") {
    const SequenceClassifier teacher = small_teacher(100, 1);
    const SequenceClassifier student = half_the_layers(teacher, 2);
    CHECK(teacher.config().num_hidden_layers == 4);
    CHECK(student.config().num_hidden_layers == 2);
    auto from = named(teacher);
    auto to = named(student);
    const auto check = [&](const std::string& student_name, const std::string& teacher_name) {
        INFO(student_name);
        CHECK(torch::equal(to.at(student_name), from.at(teacher_name)));
    };
    check("distilbert.embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight");
    CHECK(torch::equal(to.at("distilbert.embeddings.position_embeddings.weight"),
                       from.at("bert.embeddings.position_embeddings.weight") +
                           from.at("bert.embeddings.token_type_embeddings.weight")[0]));
    check("distilbert.transformer.layer.0.attention.q_lin.weight",
          "bert.encoder.layer.1.attention.self.query.weight");
    check("distilbert.transformer.layer.1.attention.out_lin.weight",
          "bert.encoder.layer.3.attention.output.dense.weight");
    check("distilbert.transformer.layer.1.ffn.lin2.weight",
          "bert.encoder.layer.3.output.dense.weight");
    CHECK_FALSE(torch::equal(to.at("pre_classifier.weight"), from.at("bert.pooler.dense.weight")));
}
