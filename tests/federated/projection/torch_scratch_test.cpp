#include "federated/projection/torch_scratch.hpp"

#include <cstdint>
#include <cstring>

#include "support/doctest.hpp"

using namespace federated;

TEST_CASE("scratch memory is aligned, its own, and can be written") {
    TorchScratch scratch(torch::kCPU);
    void* const first = scratch.allocate(1000, 64);
    void* const second = scratch.allocate(1000, 16);
    CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
    std::memset(first, 1, 1000);
    std::memset(second, 2, 1000);
    CHECK(static_cast<const unsigned char*>(first)[999] == 1);
    CHECK(static_cast<const unsigned char*>(second)[0] == 2);
    scratch.deallocate(first, 1000, 64);
    scratch.deallocate(second, 1000, 16);
}

TEST_CASE("memory that LibTorch does not align so far is refused") {
    TorchScratch scratch(torch::kCPU);
    constexpr std::size_t half_of_the_address_space = std::size_t{1} << 46;
    CHECK_THROWS_AS(static_cast<void>(scratch.allocate(8, half_of_the_address_space)),
                    std::runtime_error);
}

TEST_CASE("memory goes back to the resource that it came from") {
    const TorchScratch scratch(torch::kCPU);
    const TorchScratch other(torch::kCPU);
    CHECK(scratch == scratch);
    CHECK(scratch != other);
}
