#include <doctest/doctest.h>

#include <cstdint>
#include <ferret/tensor/device_tensor.hpp>
#include <vector>

using ferret::device_tensor;
using ferret::DeviceTensor;
using ferret::DType;
using ferret::MemorySpace;

TEST_CASE("a device tensor is an address, a size and the dtype of its elements") {
    // Never read from: any address will do.
    alignas(16) std::byte memory[16];
    void* const address = memory;
    const auto check = [&]<class T>(T*, DType dtype) {
        const DeviceTensor tensor = device_tensor(static_cast<T*>(address), 3);
        CHECK(tensor.data == address);
        CHECK(tensor.size == 3);
        CHECK(tensor.dtype == dtype);
    };
    check(static_cast<float*>(nullptr), DType::float32);
    check(static_cast<double*>(nullptr), DType::float64);
    check(static_cast<ferret::half*>(nullptr), DType::float16);
    check(static_cast<ferret::bfloat16*>(nullptr), DType::bfloat16);
}

TEST_CASE("ferret takes device tensors in lists, to read and to write") {
    float memory[5];
    std::vector<DeviceTensor> model{device_tensor(memory, 2), device_tensor(memory + 2, 3)};
    const std::vector<ferret::TensorView> views = ferret::views_of(model);
    const std::vector<ferret::MutableTensorView> writable = ferret::mutable_views_of(model);
    REQUIRE(views.size() == 2);
    REQUIRE(writable.size() == 2);
    CHECK(views[1].data == memory + 2);
    CHECK(views[1].size == 3);
    CHECK(views[1].dtype == DType::float32);
    CHECK(writable[1].data == memory + 2);
    CHECK(writable[1].size == 3);
    CHECK(writable[1].dtype == DType::float32);
}

TEST_CASE("device tensors are for backends that reach device memory") {
    CHECK(ferret::MutableTensorList<std::vector<DeviceTensor>, MemorySpace::device>);
    CHECK(ferret::TensorList<DeviceTensor, MemorySpace::device>);
    CHECK_FALSE(ferret::TensorList<DeviceTensor, MemorySpace::host>);
    CHECK_FALSE(ferret::TensorList<std::vector<DeviceTensor>, MemorySpace::host>);
}
