#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "federated/algorithm/fed_avg.hpp"
#include "kd_lora/federation/distilling_server.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/model/peft_folder.hpp"
#include "kd_lora/model/trainable_classifier.hpp"
#include "kd_lora/support/fixture.hpp"
#include "support/doctest.hpp"

using namespace kd_lora;

namespace {

/// The fixture's round of FedKD-LoRA by the program's own client, server and steps, through their
/// messages, but with batches in the file's order and without dropout.
class GoldenRun {
public:
    explicit GoldenRun(torch::Dtype dtype)
        : golden_(read_expected("tiny-distilbert").at("golden_round")),
          most_(dtype == torch::kFloat64 ? 1e-9 : 2e-5),
          teacher_(load_classifier(fixture_folder("tiny-bert"), {dtype})),
          student_(load_classifier(fixture_folder("tiny-distilbert"), {dtype})) {
        load_adapter(student_, fixture_folder("tiny-distilbert") / "adapter");
        for (const Json& example : golden_.at("examples")) {
            examples_.push_back({example.at("ids").get<std::vector<std::int64_t>>(),
                                 example.at("label").get<std::int64_t>()});
        }
        clients_ = {rows_of_part("client_0"), rows_of_part("client_1")};
        source_.examples = examples_;
        model_ = trainable(student_, source_, clients_);
    }

    void check() {
        federated::FedAvgClient client(model_, trainer(), 0);
        WeightedAverageServer server(model_.parameters, [](const federated::Participant& one) {
            return static_cast<double>(one.examples);
        });
        const federated::Round round{};
        for (std::uint64_t id = 0; id < clients_.size(); ++id) {
            const federated::Participant participant{id, clients_[id].size()};
            server.receive(participant, round, client.train(participant, round, {}, {}).message);
        }
        client.follow(round, server.close(round));
        check_norms("averaged_norms");
        check_logits(student_, golden_.at("averaged_test_logits"));

        ServerPhase phase;
        phase.source = source_;
        phase.teacher_rate = rate_;
        phase.student_rate = rate_;
        phase.optimizer = AdamWKind::torch_no_decay;
        const BatchRows batches = cut_batches(rows_of_part("public"), 4);
        losses_.clear();
        const auto record = [this](std::int64_t, std::int64_t, double loss) {
            losses_.push_back(loss);
        };
        run_server_phase(teacher_, student_, phase, {batches, batches}, nullptr, record);
        std::vector<double> expected = golden_.at("teacher_losses").get<std::vector<double>>();
        for (const Json& loss : golden_.at("distillation_losses")) expected.push_back(loss);
        check_losses(expected);
        check_norms("final_student_norms");
        check_logits(student_, golden_.at("final_student").at("logits"));
        check_logits(teacher_, golden_.at("final_teacher").at("logits"));
    }

private:
    std::vector<std::size_t> rows_of_part(const std::string& part) const {
        const Json& range = golden_.at("parts").at(part);
        std::vector<std::size_t> rows(range.at(1).get<std::size_t>() -
                                      range.at(0).get<std::size_t>());
        std::iota(rows.begin(), rows.end(), range.at(0).get<std::size_t>());
        return rows;
    }

    federated::LocalTrainer trainer() {
        return
            [this](federated::TrainableModel& tuned, const federated::Participant& client,
                   const federated::Round&, federated::DataOrder, const federated::StepObserver&) {
                losses_.clear();
                const federated::LocalResult result = take_steps(
                    {.groups = {{tuned.parameters, rate_}}, .optimizer = AdamWKind::torch_no_decay},
                    source_, cut_batches(clients_[client.id], 4),
                    [this](const BatchTensors& batch) {
                        return cross_entropy(student_, batch, nullptr);
                    },
                    [this](std::int64_t, std::int64_t, double loss) { losses_.push_back(loss); });
                check_losses(golden_.at("client_losses").at(client.id).get<std::vector<double>>());
                return result;
            };
    }

    void check_losses(const std::vector<double>& expected) const {
        REQUIRE(losses_.size() == expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            CHECK(std::abs(losses_[i] - expected[i]) < most_);
        }
    }

    void check_norms(const char* field) const {
        for (const NamedParameter& parameter : student_.trained_parameters()) {
            const double expected = golden_.at(field).at(parameter.name).get<double>();
            CHECK(std::abs(parameter.tensor.norm().item<double>() - expected) < most_);
        }
    }

    void check_logits(const SequenceClassifier& model, const Json& expected) const {
        const torch::NoGradGuard no_grad;
        const BatchTensors test = source_.batch(rows_of_part("test"));
        CHECK(largest_difference(model.forward(test.tokens, test.mask).logits, expected) < most_);
    }

    static constexpr double rate_ = 0.001;
    Json golden_;
    double most_;
    SequenceClassifier teacher_;
    SequenceClassifier student_;
    std::vector<EncodedExample> examples_;
    federated::ClientRows clients_;
    ExampleSource source_;
    federated::TrainableModel model_;
    std::vector<double> losses_;
};

}  // namespace

TEST_SUITE_BEGIN("shared");

TEST_CASE("the program's clients and server come to the known round of FedKD-LoRA") {
    for (const torch::Dtype dtype : {torch::kFloat64, torch::kFloat32}) GoldenRun(dtype).check();
}

TEST_SUITE_END();
