// Device memory is not for the Cpu backend.
#include <ferret/ferret.hpp>
#include <vector>

struct DeviceTensor {
    float* data;
    std::size_t size;
};

template <>
struct ferret::TensorAccess<DeviceTensor> {
#ifdef FERRET_MUST_NOT_COMPILE
    static constexpr ferret::MemorySpace space = ferret::MemorySpace::device;
#else
    static constexpr ferret::MemorySpace space = ferret::MemorySpace::host;
#endif
    static ferret::TensorView view(const DeviceTensor& tensor) {
        return {tensor.data, tensor.size, ferret::DType::float32};
    }
};

ferret::Sketch check(const ferret::Projector<>& project, const std::vector<DeviceTensor>& delta) {
    return project(delta, ferret::Seed{42, 7});
}
