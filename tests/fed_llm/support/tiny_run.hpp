#pragma once

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "fed_llm/data/natural_instructions.hpp"
#include "fed_llm/data/synthetic.hpp"
#include "fed_llm/model/hugging_face.hpp"
#include "fed_llm/options/options.hpp"
#include "federated/store/run_folder.hpp"
#include "hugging_face/tokenizer/sentencepiece_tokenizer.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

/// A tiny model and the synthetic tasks.
class TinyInputs {
public:
    TinyInputs() {
        using namespace fed_llm;
        fed_llm::write_synthetic_tasks(data(), 3);
        const hugging_face::Tokenizer tokenizer =
            hugging_face::train_tokenizer(fed_llm::read_training_texts(data()), 400);
        fed_llm::LlamaConfig config;
        config.hidden_size = 16;
        config.intermediate_size = 24;
        config.num_hidden_layers = 1;
        config.num_attention_heads = 2;
        config.num_key_value_heads = 2;
        config.vocab_size = tokenizer.vocab_size();
        config.max_position_embeddings = 256;
        config.tie_word_embeddings = true;
        Llama llama(config);
        fed_llm::initialize(llama, 3);
        std::filesystem::create_directories(model());
        fed_llm::save_llama(llama, model());
        tokenizer.save(model());
    }
    std::filesystem::path data() const { return folder_.path() / "data"; }
    std::filesystem::path model() const { return folder_.path() / "model"; }

private:
    TemporaryFolder folder_;
};

/// Made once.
inline const TinyInputs& tiny_inputs() {
    static const TinyInputs made;
    return made;
}

/// A run on them that takes a second.
inline fed_llm::CommandLine tiny_command(const std::filesystem::path& out,
                                         const std::string& algorithm) {
    fed_llm::CommandLine line;
    line.options.model = tiny_inputs().model().string();
    line.options.data = tiny_inputs().data().string();
    line.options.algorithm = algorithm;
    line.options.rounds = 4;
    line.options.clients_per_round = 3;
    line.options.local_steps = 2;
    line.options.batch_size = 2;
    line.options.optimizer = "adamw";
    line.options.lr = 0.01;
    line.options.budget = 64;
    line.options.pool_size = 64;
    line.options.test_examples = 10;
    line.options.rouge_examples = 2;
    line.options.max_new_tokens = 4;
    line.options.out = out.string();
    return line;
}

/// The program and its arguments for these options.
inline std::vector<std::string> command_of(const fed_llm::Options& options) {
    std::vector<std::string> command{FED_LLM_PROGRAM};
    const nlohmann::ordered_json json = to_json(options);
    for (const auto& [key, value] : json.items()) {
        if (value == "") continue;
        command.push_back("--" + key + "=" +
                          (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    return command;
}

/// Waits for what a child process is about to do; fails after a time that no machine needs.
template <typename Condition>
void wait_until(const Condition& condition) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + std::chrono::minutes(10);
    while (!condition()) {
        REQUIRE(Clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// The metrics without what differs from one run to the next: seconds.
inline std::string timeless_metrics(const federated::RunFolder& folder) {
    std::istringstream lines(read_bytes(folder.metrics()));
    std::string result;
    for (std::string text; std::getline(lines, text);) {
        auto json = nlohmann::ordered_json::parse(text);
        json.erase("seconds");
        json.erase("bytes_between_processes");
        result += json.dump() + "\n";
    }
    return result;
}

/// Weights, state and metrics, bit for bit.
inline void expect_same_result(const federated::RunFolder& left,
                               const federated::RunFolder& right) {
    CHECK(read_bytes(left.checkpoint()) == read_bytes(right.checkpoint()));
    CHECK(read_bytes(left.model() / "model.safetensors") ==
          read_bytes(right.model() / "model.safetensors"));
    CHECK(timeless_metrics(left) == timeless_metrics(right));
}
