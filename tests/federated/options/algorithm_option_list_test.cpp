#include "federated/options/algorithm_option_list.hpp"

#include <set>
#include <sstream>
#include <type_traits>

#include "federated/options/algorithm_options.hpp"
#include "support/doctest.hpp"

using namespace federated;

namespace {

template <class Field>
std::string as_text(const Field& field) {
    std::ostringstream text;
    text << field;
    return text.str();
}

/// What the option's limits say of the text; empty: nothing.
std::string refusal(const std::string& wanted, std::string text) {
    std::string answer = "no such option";
    const AlgorithmOptions options;
    visit_algorithm_options(options, [&](const std::string& key, const auto&, const auto&,
                                         const auto&, const CLI::Validator& limits) {
        if (key == wanted) answer = limits(text);
    });
    return answer;
}

}  // namespace

TEST_CASE("every option has its own key, a help text, and a default within its limits") {
    const AlgorithmOptions options;
    std::set<std::string> keys;
    visit_algorithm_options(options,
                            [&](const std::string& key, const auto& field, const std::string& group,
                                const std::string& help, const CLI::Validator& limits) {
                                CAPTURE(key);
                                CHECK(keys.insert(key).second);
                                CHECK_FALSE(group.empty());
                                CHECK_FALSE(help.empty());
                                std::string text = as_text(field);
                                CHECK(limits(text) == "");
                            });
    CHECK(keys.size() > 20);
}

TEST_CASE("values beyond the limits are refused, and names that stand for nothing") {
    CHECK(refusal("lr", "0.1") == "");
    CHECK(refusal("lr", "0") != "");
    CHECK(refusal("server-lr", "0") == "");
    CHECK(refusal("budget", "4294967296") != "");
    CHECK(refusal("pool-momentum", "1") != "");
    CHECK(refusal("coordinates", "int16") == "");
    CHECK(refusal("coordinates", "1bit") == "");
    CHECK(refusal("coordinates", "int8") ==
          "expected auto|1bit|2bit|3bit|4bit|8bit|int16|float32, got int8");
    CHECK(refusal("bytes", "4K") == "");
    CHECK(refusal("bytes", "1/1000") == "");
    CHECK(refusal("bytes", "") == "");
    CHECK(refusal("bytes", "4 K") != "");
    CHECK(refusal("budget-down", "0") == "");
    CHECK(refusal("budget-down", "4294967296") != "");
    CHECK(refusal("basis", "sparse-sign") == "");
    CHECK(refusal("basis", "sparse") != "");
}
