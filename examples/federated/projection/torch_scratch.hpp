#pragma once

#include <torch/torch.h>

#include <map>
#include <memory_resource>
#include <stdexcept>
#include <string>

namespace federated {

/// Memory of LibTorch's allocator on a device, so that ferret's scratch is drawn from the same pool as
/// the model and counted with it. LibTorch hands a tensor's memory on in the order of the stream that
/// is current, as ferret asks of a resource.
class TorchScratch : public std::pmr::memory_resource {
public:
    explicit TorchScratch(torch::Device device) : device_(device) {}

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        torch::Tensor tensor =
            torch::empty({static_cast<std::int64_t>(bytes)},
                         torch::TensorOptions().dtype(torch::kUInt8).device(device_));
        void* const data = tensor.data_ptr();
        if (reinterpret_cast<std::uintptr_t>(data) % alignment != 0) {
            throw std::runtime_error("scratch memory: expected alignment to " +
                                     std::to_string(alignment) + " bytes on " + device_.str());
        }
        in_use_.emplace(data, std::move(tensor));
        return data;
    }

    void do_deallocate(void* data, std::size_t, std::size_t) override { in_use_.erase(data); }

    bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    torch::Device device_;
    std::map<void*, torch::Tensor> in_use_;
};

}  // namespace federated
