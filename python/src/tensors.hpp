#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstddef>
#include <cstdint>
#include <ferret/tensor/tensor.hpp>
#include <string>
#include <vector>

namespace ferret_python {

/// A tensor of Python's in the processor's memory.
struct HostTensor {
    void* data;
    std::size_t size;
    ferret::DType dtype;
};

}  // namespace ferret_python

namespace ferret {

template <>
struct TensorAccess<ferret_python::HostTensor> {
    static constexpr MemorySpace space = MemorySpace::host;

    static TensorView view(const ferret_python::HostTensor& tensor) {
        return {tensor.data, tensor.size, tensor.dtype};
    }
    static MutableTensorView mutable_view(const ferret_python::HostTensor& tensor) {
        return {tensor.data, tensor.size, tensor.dtype};
    }
};

}  // namespace ferret

namespace ferret_python {

/// An argument that stands for a model or an update: one tensor, or an iterable of tensors.
struct TensorsArgument {
    nanobind::object object;
};

enum class Access { read, write };

/// The memory of such an argument, where it lies, and hold of the objects that own it.
/// Throws: nanobind::type_error naming argument and tensor for what is no tensor that ferret takes
class Tensors {
public:
    Tensors(const TensorsArgument& argument, const char* name, Access access);

    const std::vector<HostTensor>& list() const { return list_; }

private:
    void add(nanobind::object tensor, const std::string& where, Access access);

    std::vector<HostTensor> list_;
    std::vector<nanobind::ndarray<nanobind::ro>> owners_;
};

}  // namespace ferret_python

namespace nanobind::detail {

template <>
struct type_caster<ferret_python::TensorsArgument> {
    NB_TYPE_CASTER(ferret_python::TensorsArgument, const_name("Tensors"))

    bool from_python(handle source, std::uint32_t, cleanup_list*) noexcept {
        value.object = borrow(source);
        return true;
    }
};

}  // namespace nanobind::detail
