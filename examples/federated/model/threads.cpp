#include "federated/model/threads.hpp"

#include <dlfcn.h>
#include <torch/torch.h>

namespace federated {

void set_threads(std::int64_t threads) {
    const auto count = static_cast<int>(threads);
    torch::set_num_threads(count);
    using SetThreads = void (*)(int);
    // Not there where LibTorch brings another library.
    if (void* const found = dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) {
        reinterpret_cast<SetThreads>(found)(count);
    }
}

}  // namespace federated
