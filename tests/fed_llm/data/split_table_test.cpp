#include "fed_llm/data/split_table.hpp"

#include "support/doctest.hpp"

using namespace fed_llm;

TEST_CASE("a split is a table of clients against categories") {
    const std::vector<Client> clients{{"client 1", {}, {{"open_qa", 3}, {"brainstorming", 1}}},
                                      {"client 2", {}, {{"open_qa", 2}}}};
    CHECK(split_table(clients) ==
          "client,brainstorming,open_qa\n"
          "client 1,1,3\n"
          "client 2,0,2\n");
}

TEST_CASE("names with commas, quotes or line ends are quoted") {
    CHECK(split_table({{"a,b", {}, {{"say \"so\"", 1}, {"two\nlines", 2}}}}) ==
          "client,\"say \"\"so\"\"\",\"two\nlines\"\n"
          "\"a,b\",1,2\n");
}
