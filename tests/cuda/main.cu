#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <thrust/device_ptr.h>

#include <cstdio>

#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
#include <cuda_runtime.h>
#endif

int main(int count, char** arguments) {
#if THRUST_DEVICE_SYSTEM == THRUST_DEVICE_SYSTEM_CUDA
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
        std::puts("skipped: there is no GPU");
        return 77;
    }
#endif
    return doctest::Context(count, arguments).run();
}
