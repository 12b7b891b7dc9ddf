#include "hugging_face/tokenizer/sentencepiece_module.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace hugging_face {
namespace {

void check(const sentencepiece::util::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// Takes a number in protobuf's variable length off the front of the bytes; nothing where there is
/// none.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= std::uint64_t{byte & 0x7Fu} << shift;
        if (byte < 0x80) return value;
    }
    return std::nullopt;
}

/// Whether a model has the settings that stand behind its pieces. One that was cut off between two
/// pieces parses, too, and would be read with other settings than its own.
bool has_settings(std::string_view bytes) {
    constexpr std::uint64_t message = 2;  // all fields of a model are messages
    constexpr std::uint64_t training = 2;
    constexpr std::uint64_t normalization = 3;
    bool found_training = false;
    bool found_normalization = false;
    while (!bytes.empty()) {
        const auto tag = take_varint(bytes);
        const auto length = take_varint(bytes);
        if (!tag || !length || (*tag & 7) != message || *length > bytes.size()) return false;
        bytes.remove_prefix(static_cast<std::size_t>(*length));
        found_training = found_training || *tag >> 3 == training;
        found_normalization = found_normalization || *tag >> 3 == normalization;
    }
    return found_training && found_normalization;
}

class Model : public SentencePieceModel {
public:
    explicit Model(std::string_view bytes) {
        if (!has_settings(bytes)) throw std::runtime_error("no model, or only a part of one");
        check(processor_.LoadFromSerializedProto({bytes.data(), bytes.size()}));
        // Of messages that follow one another, protobuf takes the last value of each field: this one
        // sets add_dummy_prefix of the normalization to false.
        const std::string changed = std::string(bytes) + std::string("\x1A\x02\x18\x00", 4);
        check(continuing_.LoadFromSerializedProto({changed.data(), changed.size()}));
    }

    std::vector<int> encode(std::string_view text, bool prefix) const override {
        std::vector<int> tokens;
        check(processor(prefix).Encode({text.data(), text.size()}, &tokens));
        return tokens;
    }

    std::string decode(const std::vector<int>& tokens, bool prefix) const override {
        std::string text;
        check(processor(prefix).Decode(tokens, &text));
        return text;
    }

    int unknown() const override { return processor_.unk_id(); }
    int bos() const override { return processor_.bos_id(); }
    int eos() const override { return processor_.eos_id(); }
    int size() const override { return processor_.GetPieceSize(); }
    std::string name(int token) const override { return processor_.IdToPiece(token); }

    int find(const std::string& name) const override {
        const int token = processor_.PieceToId(name);  // the unknown token where there is none
        return token >= 0 && token < size() && processor_.IdToPiece(token) == name ? token : -1;
    }

    std::string bytes() const override { return processor_.serialized_model_proto(); }

private:
    const sentencepiece::SentencePieceProcessor& processor(bool prefix) const {
        return prefix ? processor_ : continuing_;
    }

    sentencepiece::SentencePieceProcessor processor_;
    sentencepiece::SentencePieceProcessor continuing_;  ///< without a space before the text
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
}  // namespace hugging_face

extern "C" __attribute__((visibility("default"))) const hugging_face::SentencePieceModule*
hugging_face_sentencepiece_module() {
    static constexpr hugging_face::SentencePieceModule module{hugging_face::open,
                                                              hugging_face::train};
    return &module;
}
