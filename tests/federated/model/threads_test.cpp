#include "federated/model/threads.hpp"

#include <dlfcn.h>
#include <torch/torch.h>

#include "support/doctest.hpp"

TEST_CASE("LibTorch and its OpenBLAS compute with as many threads as asked") {
    const int before = torch::get_num_threads();
    using GetThreads = int (*)();
    const auto blas_threads =
        reinterpret_cast<GetThreads>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
    for (const int threads : {1, 2}) {
        federated::set_threads(threads);
        CHECK(torch::get_num_threads() == threads);
        if (blas_threads != nullptr) CHECK(blas_threads() == threads);
    }
    federated::set_threads(before);
}
