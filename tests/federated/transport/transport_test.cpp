#include "federated/transport/transport.hpp"

#include <stdexcept>

#include "support/doctest.hpp"

using namespace federated;

namespace {

std::vector<std::byte> bytes(std::size_t count) {
    return std::vector<std::byte>(count, std::byte{7});
}

}  // namespace

TEST_CASE("one process sends to itself") {
    InProcess process;
    CHECK(process.rank() == 0);
    CHECK(process.size() == 1);
    const auto gathered = process.gather(bytes(3));
    REQUIRE(gathered.size() == 1);
    CHECK((gathered[0] == bytes(3)));
    std::vector<std::byte> own = bytes(2);
    process.broadcast(own);
    CHECK((own == bytes(2)));
    CHECK((process.scatter({bytes(5)}) == bytes(5)));
    CHECK_THROWS_AS(process.scatter({}), std::out_of_range);
    CHECK(process.split(4)->size() == 1);
    CHECK(process.bytes_moved() == 0);
}
