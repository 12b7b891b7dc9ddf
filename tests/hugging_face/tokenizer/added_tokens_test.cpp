#include "hugging_face/tokenizer/added_tokens.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/doctest.hpp"

using hugging_face::AddedTokens;
using Segments = std::vector<std::pair<std::string, std::int64_t>>;

namespace {

Segments split(const hugging_face::AddedTokens& tokens, std::string_view text) {
    Segments segments;
    for (const auto& segment : tokens.split(text)) {
        segments.emplace_back(segment.text, segment.token);
    }
    return segments;
}

}  // namespace

TEST_CASE("added tokens cut the text, the longest first") {
    hugging_face::AddedTokens tokens;
    tokens.add("<a>", 1);
    tokens.add("<a><a>", 2);
    tokens.add("<b", 3);
    CHECK(split(tokens, "x<a>y<b>") ==
          Segments{{"x", -1}, {"<a>", 1}, {"y", -1}, {"<b", 3}, {">", -1}});
    CHECK(split(tokens, "<a><a><a>") == Segments{{"<a><a>", 2}, {"<a>", 1}});
    CHECK(split(tokens, "<<a") == Segments{{"<<a", -1}});
    CHECK(split(tokens, "") == Segments{});
    CHECK(split(hugging_face::AddedTokens(), "<a>") == Segments{{"<a>", -1}});
}
