#include "hugging_face/tokenizer/byte_pair_encoding.hpp"

#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "support/doctest.hpp"

using hugging_face::BytePairEncoding;

namespace {

using Tokens = std::vector<std::int64_t>;

/// The letters a to d as 0 to 3, and then some of their pairs.
hugging_face::BytePairEncoding small_encoding(bool whole_pieces = false) {
    const std::unordered_map<std::string, std::uint32_t> vocabulary{
        {"a", 0},  {"b", 1},  {"c", 2},   {"d", 3},    {"ab", 4},
        {"bc", 5}, {"aa", 6}, {"abc", 7}, {"aaab", 8}, {"dd", 9}};
    hugging_face::BytePairEncoding encoding(vocabulary, whole_pieces);
    encoding.add_merge("b", "c");
    encoding.add_merge("a", "b");
    encoding.add_merge("a", "a");
    encoding.add_merge("ab", "c");
    encoding.add_merge("aa", "ab");
    return encoding;
}

Tokens encode(const hugging_face::BytePairEncoding& encoding, const std::string& piece) {
    Tokens tokens;
    encoding.encode(piece, tokens);
    return tokens;
}

}  // namespace

TEST_CASE("pairs join in the order in which they were learnt, the leftmost first") {
    const hugging_face::BytePairEncoding encoding = small_encoding();
    CHECK(encode(encoding, "") == Tokens{});
    CHECK(encode(encoding, "abc") == Tokens{0, 5});
    CHECK(encode(encoding, "abd") == Tokens{4, 3});
    CHECK(encode(encoding, "aaa") == Tokens{6, 0});
    CHECK(encode(encoding, "aaaa") == Tokens{6, 6});
    CHECK(encode(encoding, "aaab") == Tokens{8});
    CHECK(encode(encoding, "abcab") == Tokens{0, 5, 4});
    CHECK(encode(encoding, "dd") == Tokens{3, 3});
}

TEST_CASE("tokens are appended") {
    Tokens tokens{11};
    small_encoding().encode("d", tokens);
    CHECK(tokens == Tokens{11, 3});
}

TEST_CASE("whole pieces of the vocabulary need no merges, if so wished") {
    CHECK(encode(small_encoding(true), "dd") == Tokens{9});
    CHECK(encode(small_encoding(true), "abc") == Tokens{7});
    CHECK(encode(small_encoding(true), "ddd") == Tokens{3, 3, 3});
}

TEST_CASE("bytes without a token are left out, and their neighbours meet") {
    CHECK_FALSE(small_encoding().is_complete());
    CHECK(encode(small_encoding(), "axb") == Tokens{4});
    CHECK(encode(small_encoding(), "x\xFF") == Tokens{});
}

TEST_CASE("a merge outside the vocabulary is refused") {
    hugging_face::BytePairEncoding encoding = small_encoding();
    CHECK_THROWS_AS(encoding.add_merge("a", "x"), std::invalid_argument);
    CHECK_THROWS_AS(encoding.add_merge("x", "a"), std::invalid_argument);
    CHECK_THROWS_AS(encoding.add_merge("d", "a"), std::invalid_argument);
}

TEST_CASE("a long piece takes no quadratic time") {
    // A quadratic search would take minutes.
    CHECK(encode(small_encoding(), std::string(1'000'000, 'a')).size() == 500'000);
}
