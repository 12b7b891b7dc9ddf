#include "fed_llm/text/prompt.hpp"

#include "support/doctest.hpp"

TEST_CASE("the Alpaca prompt, with and without input") {
    CHECK(fed_llm::alpaca_prompt("Count.", "a b") ==
          "Below is an instruction that describes a task, paired with an input that provides "
          "further context. Write a response that appropriately completes the request.\n\n"
          "### Instruction:\nCount.\n\n### Input:\na b\n\n### Response:");
    CHECK(fed_llm::alpaca_prompt("Count.", "") ==
          "Below is an instruction that describes a task. Write a response that appropriately "
          "completes the request.\n\n### Instruction:\nCount.\n\n### Response:");
}
