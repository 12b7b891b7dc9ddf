#include "fed_llm/data/example.hpp"

#include <vector>

#include "fed_llm/support/tokenizers.hpp"
#include "hugging_face/support/tokenizer_json.hpp"
#include "support/doctest.hpp"
#include "support/temporary_folder.hpp"

using namespace hugging_face;
using namespace fed_llm;

namespace {

using Tokens = std::vector<std::int64_t>;

/// `first`, prompt, response, EOS.
Tokens joined(Tokens first, const Tokenizer& tokenizer) {
    for (const Tokens& part : {tokenizer.encode("Do it."), tokenizer.encode("output 1")}) {
        first.insert(first.end(), part.begin(), part.end());
    }
    first.push_back(tokenizer.eos());
    return first;
}

}  // namespace

TEST_CASE("an example begins with BOS where the tokenizer has one") {
    const Tokenizer& with_bos = small_tokenizer();
    const Example example = make_example(with_bos, "Do it.", "output 1");
    CHECK(example.tokens == joined({with_bos.bos().value()}, with_bos));
    CHECK(example.prompt_length == 1 + with_bos.encode("Do it.").size());
    CHECK(example.reference == "output 1");

    const TemporaryFolder folder;
    folder.write("tokenizer.json", stored_tokenizers().at("smollm2").at("tokenizer").dump());
    folder.write("tokenizer_config.json", R"({"eos_token": "<|end|>"})");
    const Tokenizer without(folder.path());
    REQUIRE_FALSE(without.bos());
    const Example other = make_example(without, "Do it.", "output 1");
    CHECK(other.tokens == joined({}, without));
    CHECK(other.prompt_length == without.encode("Do it.").size());
}
