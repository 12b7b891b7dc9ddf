#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "federated/store/run_folder.hpp"
#include "kd_lora/model/classifier_folder.hpp"
#include "kd_lora/options/options.hpp"
#include "kd_lora/support/tiny_classifier.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

/// A tiny teacher and student with one vocabulary, and sentences whose label is the word before the last.
class TinyInputs {
public:
    TinyInputs() {
        std::string vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nbad\ngood\n";
        for (int word = 0; word < 34; ++word) vocabulary += word_of(word) + "\n";
        kd_lora::BertConfig student = tiny_config(kd_lora::BertFamily::distilbert);
        student.num_hidden_layers = 1;
        kd_lora::save_classifier(tiny_classifier(student), this->student());
        kd_lora::save_classifier(tiny_classifier(kd_lora::BertFamily::bert), teacher());
        for (const auto& folder : {this->student(), teacher()}) {
            folder_.write(folder / "vocab.txt", vocabulary);
        }
        folder_.write(data() / "train.tsv", rows(60, 0));
        folder_.write(data() / "dev.tsv", rows(14, 7));
    }

    std::filesystem::path student() const { return folder_.path() / "student"; }
    std::filesystem::path teacher() const { return folder_.path() / "teacher"; }
    std::filesystem::path data() const { return folder_.path() / "data"; }

private:
    static std::string word_of(int word) { return "w" + std::to_string(word % 34); }

    static std::string rows(int count, int shift) {
        std::string text = "sentence\tlabel\n";
        for (int row = 0; row < count; ++row) {
            const int label = (row * 7 + shift) % 3 % 2;
            text += word_of(5 * row + shift);
            for (int word = 0; word < row % 5; ++word) text += " " + word_of(row + 3 * word);
            text += std::string(label == 1 ? " good " : " bad ") + word_of(row) + "\t" +
                    std::to_string(label) + "\n";
        }
        return text;
    }

    TemporaryFolder folder_;
};

/// Made once.
inline const TinyInputs& tiny_inputs() {
    static const TinyInputs made;
    return made;
}

/// A run on them that takes a second.
inline kd_lora::CommandLine tiny_command(const std::filesystem::path& out,
                                         const std::string& scheme) {
    kd_lora::CommandLine line;
    line.options.scheme = scheme;
    line.options.model = tiny_inputs().student().string();
    line.options.teacher = tiny_inputs().teacher().string();
    line.options.data = tiny_inputs().data().string();
    line.options.clients = 3;
    line.options.rounds = 3;
    line.options.batch_size = 4;
    line.options.examples_per_round = 10;
    line.options.public_examples = 7;
    line.options.lr = 0.01;
    line.options.distill_lr = 0.001;
    line.options.bytes = "1/4";
    line.options.threads = 1;
    line.options.out = out.string();
    return line;
}

/// The program and its arguments for these options.
inline std::vector<std::string> command_of(const kd_lora::Options& options) {
    std::vector<std::string> command{KD_LORA_PROGRAM, "run"};
    const nlohmann::ordered_json json = to_json(options);
    for (const auto& [key, value] : json.items()) {
        if (value == "" || key == "epochs") continue;
        command.push_back("--" + key + "=" +
                          (value.is_string() ? value.get<std::string>() : value.dump()));
    }
    return command;
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

/// Weights, state, metrics and the saved models, bit for bit.
inline void expect_same_result(const federated::RunFolder& left,
                               const federated::RunFolder& right) {
    CHECK(read_bytes(left.checkpoint()) == read_bytes(right.checkpoint()));
    CHECK(timeless_metrics(left) == timeless_metrics(right));
    for (const char* part : {"model", "teacher"}) {
        const std::filesystem::path file = std::filesystem::path(part) / "model.safetensors";
        CHECK(read_bytes(left.path() / file) == read_bytes(right.path() / file));
    }
}
