#include "tensors.hpp"

#include <cstdint>
#include <optional>

#include "names.hpp"

namespace nb = nanobind;

namespace ferret_python {
namespace {

bool is_tensor(nb::handle object) {
    return nb::hasattr(object, "__dlpack__") || PyObject_CheckBuffer(object.ptr()) != 0;
}

[[noreturn]] void refuse(const std::string& where, const std::string& expected,
                         const std::string& got) {
    throw nb::type_error((where + ": expected " + expected + ", got " + got).c_str());
}

/// DLPack's numbers of devices whose memory the processor reads: its own, and what CUDA pinned of it.
bool is_host(int device) {
    return device == nb::device::cpu::value || device == nb::device::cuda_host::value;
}

void check_device(nb::handle tensor, const std::string& where) {
    if (!nb::hasattr(tensor, "__dlpack_device__")) return;
    try {
        if (is_host(nb::cast<int>(tensor.attr("__dlpack_device__")()[0]))) return;
    } catch (const nb::python_error&) {  // a device that DLPack has no number for
    }
    const nb::object device = nb::getattr(tensor, "device", nb::str("unknown"));
    refuse(where, "a tensor in the processor's memory",
           "one on device " + std::string(nb::str(device).c_str()) + " (tensor.cpu() copies it)");
}

std::optional<ferret::DType> known_dtype(nb::dlpack::dtype dtype) {
    if (dtype.lanes != 1) return std::nullopt;
    const auto code = static_cast<nb::dlpack::dtype_code>(dtype.code);
    if (code == nb::dlpack::dtype_code::Bfloat && dtype.bits == 16) return ferret::DType::bfloat16;
    if (code != nb::dlpack::dtype_code::Float) return std::nullopt;
    if (dtype.bits == 16) return ferret::DType::float16;
    if (dtype.bits == 32) return ferret::DType::float32;
    if (dtype.bits == 64) return ferret::DType::float64;
    return std::nullopt;
}

bool is_contiguous(const nb::ndarray<nb::ro>& array) {
    std::int64_t expected = 1;
    for (std::size_t d = array.ndim(); d-- > 0;) {
        const auto extent = static_cast<std::int64_t>(array.shape(d));
        if (extent != 1 && array.stride(d) != expected) return false;
        expected *= extent;
    }
    return true;
}

std::string strides_of(const nb::ndarray<nb::ro>& array) {
    std::string text = "strides (";
    for (std::size_t d = 0; d < array.ndim(); ++d)
        text += (d > 0 ? ", " : "") + std::to_string(array.stride(d));
    return text + ")";
}

}  // namespace

Tensors::Tensors(const TensorsArgument& argument, const char* name, Access access) {
    if (is_tensor(argument.object)) {
        add(argument.object, std::string(name), access);
        return;
    }
    if (!nb::hasattr(argument.object, "__iter__"))
        refuse(name, "a tensor or an iterable of tensors", class_name(argument.object));
    for (const nb::handle tensor : argument.object)
        add(nb::borrow(tensor), std::string(name) + ": tensor " + std::to_string(list_.size()),
            access);
}

void Tensors::add(nb::object tensor, const std::string& where, Access access) {
    if (!is_tensor(tensor))
        refuse(where, "a NumPy array, a PyTorch tensor or another with DLPack", class_name(tensor));
    check_device(tensor, where);
    // PyTorch exports no tensor that it differentiates by; detached it is the same memory.
    if (nb::cast<bool>(nb::bool_(nb::getattr(tensor, "requires_grad", nb::bool_(false)))))
        tensor = tensor.attr("detach")();

    nb::ndarray<nb::ro> array;
    if (!nb::try_cast(tensor, array))
        refuse(where, "a tensor that DLPack or the buffer protocol exports", class_name(tensor));
    if (access == Access::write) {
        nb::ndarray<> writable;
        if (!nb::try_cast(tensor, writable)) refuse(where, "a writable tensor", "a read-only one");
    }
    const std::optional<ferret::DType> dtype = known_dtype(array.dtype());
    if (!dtype)
        refuse(where, "dtype float32, float64, float16 or bfloat16",
               nb::str(nb::getattr(tensor, "dtype", nb::str("another"))).c_str());
    const std::size_t size = array.size();
    if (size > 0 && !is_contiguous(array))
        refuse(where, "contiguous memory in C order", strides_of(array));
    if (reinterpret_cast<std::uintptr_t>(array.data()) % ferret::size_of(*dtype) != 0)
        refuse(where, "memory aligned to its elements", "an address between two");
    list_.push_back({const_cast<void*>(array.data()), size, *dtype});
    owners_.push_back(std::move(array));
}

}  // namespace ferret_python
