#include "cuda/support/device.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <ferret/ferret.hpp>
#include <memory_resource>
#include <new>
#include <vector>

namespace {

/// Device memory that counts what is taken and given back, and may refuse.
class CountingMemory : public std::pmr::memory_resource {
public:
    std::size_t held = 0;
    std::size_t taken = 0;
    bool refuses = false;

private:
    void* do_allocate(std::size_t bytes, std::size_t) override {
        if (refuses) throw std::bad_alloc();
        void* memory = nullptr;
#if FERRET_ON_GPU
        if (cudaMalloc(&memory, bytes) != cudaSuccess) throw std::bad_alloc();
#else
        memory = ::operator new(bytes);
#endif
        held += bytes;
        taken += bytes;
        return memory;
    }
    void do_deallocate(void* memory, std::size_t bytes, std::size_t) override {
        held -= bytes;
#if FERRET_ON_GPU
        static_cast<void>(cudaFree(memory));
#else
        ::operator delete(memory);
#endif
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

}  // namespace

TEST_CASE("scratch memory comes from the caller and all goes back") {
    const std::vector<float> values = ferret_test::simple_update(30000);
    const ferret::Layout layout = ferret::Layout::uniform({30000}, 20000);
    CountingMemory memory;
    const ferret::Cuda cuda{.scratch = &memory};
    for (const ferret::Basis& basis : ferret::all_bases) {
        thrust::device_vector<float> model = ferret_test::on_device(values);
        memory.taken = 0;
        const ferret::Sketch sketch = ferret::Projector{layout, basis, ferret::NormShare{30}, cuda}(
            model, ferret::Seed{42, 7});
        CHECK(memory.taken > 0);
        memory.taken = 0;
        ferret::Reconstructor{layout, basis, cuda}(sketch, model, 1.0f);
        CHECK(memory.taken > 0);
        CHECK(memory.held == 0);
    }
}

TEST_CASE("where there is no scratch memory the model stays as it was") {
    const std::vector<float> values = ferret_test::simple_update(3000);
    const ferret::Layout layout = ferret::Layout::per_tensor({3000});
    CountingMemory memory;
    const ferret::Cuda cuda{.scratch = &memory};
    thrust::device_vector<float> model = ferret_test::on_device(values);
    const ferret::Projector project{layout, ferret::SparseSign{}, ferret::Uniform{30}, cuda};
    const ferret::Sketch sketch = project(model, ferret::Seed{42, 7});
    memory.refuses = true;
    CHECK_THROWS_AS(static_cast<void>(project(model, ferret::Seed{42, 7})), std::bad_alloc);
    const ferret::Reconstructor reconstruct{layout, ferret::SparseSign{}, cuda};
    CHECK_THROWS_AS(reconstruct(sketch, model, 1.0f), std::bad_alloc);
    CHECK(memory.held == 0);
    CHECK(ferret_test::on_host(model) == values);
}

#if FERRET_ON_GPU
TEST_CASE("work is queued on the caller's stream") {
    const std::vector<float> values = ferret_test::simple_update(300000);
    const ferret::Layout layout = ferret::Layout::per_tensor({300000});
    std::vector<float> expected = values;
    const ferret::Projector on_cpu{layout, ferret::Rademacher{}, ferret::Uniform{40}};
    const ferret::Sketch sketch = on_cpu(values, ferret::Seed{42, 7});
    ferret::Reconstructor{layout, ferret::Rademacher{}}(sketch, expected, 0.5f);

    cudaStream_t stream = nullptr;
    REQUIRE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
    const ferret::Cuda cuda{.stream = stream};
    thrust::device_vector<float> model = ferret_test::on_device(values);
    const ferret::Projector on_gpu{layout, ferret::Rademacher{}, ferret::Uniform{40}, cuda};
    CHECK(on_gpu(model, ferret::Seed{42, 7}) == sketch);
    ferret::Reconstructor{layout, ferret::Rademacher{}, cuda}(sketch, model, 0.5f);
    REQUIRE(cudaStreamSynchronize(stream) == cudaSuccess);
    CHECK(ferret_test::on_host(model) == expected);
    REQUIRE(cudaStreamDestroy(stream) == cudaSuccess);
}
#endif
