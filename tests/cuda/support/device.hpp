#pragma once

#include <ferret/backend/cuda.cuh>
#include <vector>

namespace ferret_test {

/// A copy on the device.
template <class T>
thrust::device_vector<T> on_device(const std::vector<T>& values) {
    return {values.begin(), values.end()};
}

/// A copy on the host, once everything queued is done.
template <class T>
std::vector<T> on_host(const thrust::device_vector<T>& values) {
    std::vector<T> copy(values.size());
    thrust::copy(values.begin(), values.end(), copy.begin());
    return copy;
}

/// Device memory cut into tensors of these sizes.
template <class T>
std::vector<ferret::DeviceTensor> cut(thrust::device_vector<T>& whole,
                                      const std::vector<std::size_t>& sizes) {
    std::vector<ferret::DeviceTensor> tensors;
    T* data = thrust::raw_pointer_cast(whole.data());
    for (const std::size_t size : sizes) {
        tensors.push_back(ferret::device_tensor(data, size));
        data += size;
    }
    return tensors;
}

}  // namespace ferret_test
