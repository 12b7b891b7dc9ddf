#include "hugging_face/tokenizer/sentencepiece_module.hpp"

#include <dlfcn.h>

#include <stdexcept>

#include "support/doctest.hpp"

using namespace hugging_face;

namespace {

const SentencePieceModule& loaded() {
    void* const library = dlopen(SENTENCEPIECE_MODULE, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library != nullptr);
    void* const symbol = dlsym(library, sentencepiece_module_symbol);
    REQUIRE(symbol != nullptr);
    return *reinterpret_cast<const SentencePieceModule* (*)()>(symbol)();
}

const std::vector<std::string> texts{"the cat sat on the mat", "the dog sat on the log"};

}  // namespace

TEST_CASE("the module trains a model and opens it") {
    const std::string bytes = loaded().train(texts, 290);
    const auto model = loaded().open(bytes);
    CHECK(model->size() == 290);
    CHECK(model->bytes() == bytes);
    CHECK(model->unknown() == 0);
    CHECK(model->bos() == 1);
    CHECK(model->eos() == 2);
    CHECK(model->name(1) == "<s>");
    CHECK(model->find("<s>") == 1);
    CHECK(model->find("no such token") == -1);
    CHECK(model->find("<unk>") == 0);
}

TEST_CASE("only the beginning of a text has the space that the model was trained with") {
    const auto model = loaded().open(loaded().train(texts, 290));
    const std::vector<int> first = model->encode("the cat", true);
    const std::vector<int> next = model->encode("the cat", false);
    CHECK(first != next);
    CHECK(model->encode(" the cat", false) == first);
    CHECK(model->decode(first, true) == "the cat");
    CHECK(model->decode(first, false) == " the cat");
    CHECK(model->decode(next, false) == "the cat");
}

TEST_CASE("what is no model, or the beginning of one, is refused") {
    CHECK_THROWS_AS(loaded().open(""), std::runtime_error);
    CHECK_THROWS_AS(loaded().open("no model"), std::runtime_error);
    const std::string bytes = loaded().train(texts, 290);
    for (std::size_t size = 0; size < bytes.size(); size += 97) {
        CHECK_THROWS_AS(loaded().open(std::string_view(bytes).substr(0, size)), std::runtime_error);
    }
    CHECK_THROWS_AS(loaded().train({}, 290), std::runtime_error);
}
