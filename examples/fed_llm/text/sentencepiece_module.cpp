#include "text/sentencepiece_module.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace fed_llm {
namespace {

void check(const sentencepiece::util::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
}

class Model : public SentencePieceModel {
public:
    explicit Model(std::string_view bytes) {
        check(processor_.LoadFromSerializedProto({bytes.data(), bytes.size()}));
    }

    std::vector<int> encode(std::string_view text) const override {
        std::vector<int> tokens;
        check(processor_.Encode({text.data(), text.size()}, &tokens));
        return tokens;
    }

    std::string decode(const std::vector<int>& tokens) const override {
        std::string text;
        check(processor_.Decode(tokens, &text));
        return text;
    }

    int bos() const override { return processor_.bos_id(); }
    int eos() const override { return processor_.eos_id(); }
    int size() const override { return processor_.GetPieceSize(); }
    std::string bytes() const override { return processor_.serialized_model_proto(); }

private:
    sentencepiece::SentencePieceProcessor processor_;
};

/// Hands the texts of a vector to the trainer.
class Texts : public sentencepiece::SentenceIterator {
public:
    explicit Texts(const std::vector<std::string>& texts) : texts_(texts) {}
    bool done() const override { return at_ == texts_.size(); }
    void Next() override { ++at_; }
    const std::string& value() const override { return texts_[at_]; }
    sentencepiece::util::Status status() const override { return {}; }

private:
    const std::vector<std::string>& texts_;
    std::size_t at_ = 0;
};

std::unique_ptr<SentencePieceModel> open(std::string_view bytes) {
    return std::make_unique<Model>(bytes);
}

std::string train(const std::vector<std::string>& texts, int vocab_size) {
    std::size_t longest = 1;
    for (const std::string& text : texts) longest = std::max(longest, text.size());
    const std::unordered_map<std::string, std::string> options{
        {"model_type", "bpe"},
        {"vocab_size", std::to_string(vocab_size)},
        {"hard_vocab_limit", "false"},
        {"byte_fallback", "true"},
        {"character_coverage", "1.0"},
        {"normalization_rule_name", "identity"},
        {"remove_extra_whitespaces", "false"},
        {"split_digits", "true"},
        // Longer texts would be left out.
        {"max_sentence_length", std::to_string(longest)},
        // Several threads could count pairs in another order.
        {"num_threads", "1"},
        {"minloglevel", "2"},
    };
    Texts iterator(texts);
    std::string bytes;
    check(sentencepiece::SentencePieceTrainer::Train(options, &iterator, &bytes));
    return bytes;
}

}  // namespace
}  // namespace fed_llm

extern "C" __attribute__((visibility("default"))) const fed_llm::SentencePieceModule*
fed_llm_sentencepiece_module() {
    static constexpr fed_llm::SentencePieceModule module{fed_llm::open, fed_llm::train};
    return &module;
}
