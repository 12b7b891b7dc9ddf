#include "federated/report/table.hpp"

#include <sstream>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("numbers as text") {
    CHECK(decimal(3.14159, 2) == "3.14");
    CHECK(grouped_digits(0.0) == "0");
    CHECK(grouped_digits(999.0) == "999");
    CHECK(grouped_digits(1234567.4) == "1 234 567");
    CHECK(format_bytes(0.0) == "0 B");
    CHECK(format_bytes(1023.0) == "1023 B");
    CHECK(format_bytes(1536.0) == "1.5 KiB");
    CHECK(format_bytes(1024.0 * 1024.0) == "1.0 MiB");
    CHECK(format_bytes(3.0 * 1024.0 * 1024.0 * 1024.0) == "3.0 GiB");
    CHECK(format_bytes(2e18) == "1818989.4 TiB");
}

TEST_CASE("columns line up") {
    std::ostringstream stream;
    print_table(stream, {{"", "a", "long name"}, {"row", "12345", "1"}});
    CHECK(stream.str() ==
          "|     |     a | long name |\n"
          "|-----|------:|----------:|\n"
          "| row | 12345 |         1 |\n");
}
