#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory_resource>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "../../error.hpp"
#include "cuda.cuh"

namespace ferret::cuda {

#if FERRET_ON_GPU
/// Throws: DeviceError saying what failed and how
inline void check(cudaError_t error, const char* what) {
    if (error != cudaSuccess)
        throw DeviceError(std::string("cuda: ") + what + ": " + cudaGetErrorString(error));
}

/// The pool of the current device that scratch memory comes from. It keeps what is given back, where
/// a device's default pool would hand it to the driver each time the host waits for the stream.
/// Throws: DeviceError
inline cudaMemPool_t scratch_pool() {
    static std::mutex mutex;
    static std::map<int, cudaMemPool_t> pools;
    int device = 0;
    check(cudaGetDevice(&device), "device");
    const std::lock_guard lock(mutex);
    cudaMemPool_t& pool = pools[device];
    if (pool == nullptr) {
        cudaMemPoolProps properties{};
        properties.allocType = cudaMemAllocationTypePinned;
        properties.location.type = cudaMemLocationTypeDevice;
        properties.location.id = device;
        check(cudaMemPoolCreate(&pool, &properties), "memory pool");
        std::uint64_t kept = ~std::uint64_t{0};
        check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept), "memory pool");
    }
    return pool;
}
#endif

/// Scratch memory on the device, freed in the order of the stream.
template <class T>
class DeviceArray {
    static_assert(std::is_trivially_copyable_v<T>);

public:
    /// Throws: DeviceError, or what the caller's resource throws
    DeviceArray(const Cuda& cuda, std::size_t size) : cuda_(cuda), size_(size) {
        if (size_ == 0) return;
        if (cuda_.scratch != nullptr) {
            data_ = static_cast<T*>(cuda_.scratch->allocate(size_ * sizeof(T), alignment));
            return;
        }
#if FERRET_ON_GPU
        void* memory = nullptr;
        check(cudaMallocFromPoolAsync(&memory, size_ * sizeof(T), scratch_pool(), cuda_.stream),
              "scratch memory");
        data_ = static_cast<T*>(memory);
#else
        data_ = static_cast<T*>(
            std::pmr::new_delete_resource()->allocate(size_ * sizeof(T), alignment));
#endif
    }

    /// A copy of host memory.
    DeviceArray(const Cuda& cuda, std::span<const T> values) : DeviceArray(cuda, values.size()) {
        if (values.empty()) return;
#if FERRET_ON_GPU
        check(cudaMemcpyAsync(data_, values.data(), values.size_bytes(), cudaMemcpyHostToDevice,
                              cuda_.stream),
              "copy to the device");
#else
        std::memcpy(data_, values.data(), values.size_bytes());
#endif
    }

    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    ~DeviceArray() {
        if (data_ == nullptr) return;
        if (cuda_.scratch != nullptr) {
            cuda_.scratch->deallocate(data_, size_ * sizeof(T), alignment);
            return;
        }
#if FERRET_ON_GPU
        static_cast<void>(cudaFreeAsync(data_, cuda_.stream));
#else
        std::pmr::new_delete_resource()->deallocate(data_, size_ * sizeof(T), alignment);
#endif
    }

    T* data() const {
        return data_;
    }
    std::size_t size() const {
        return size_;
    }

    /// Waits for the stream and copies the array to the host.
    std::vector<T> to_host() const {
        std::vector<T> values(size_);
        if (size_ == 0) return values;
#if FERRET_ON_GPU
        check(cudaMemcpyAsync(values.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost,
                              cuda_.stream),
              "copy to the host");
        check(cudaStreamSynchronize(cuda_.stream), "kernels");
#else
        std::memcpy(values.data(), data_, size_ * sizeof(T));
#endif
        return values;
    }

private:
    static constexpr std::size_t alignment = 256;

    Cuda cuda_;
    std::size_t size_;
    T* data_ = nullptr;
};

}  // namespace ferret::cuda
