#include "hugging_face/weights/finite_tensor.hpp"

#include <cmath>
#include <cstdint>

#include "files/file_error.hpp"

namespace hugging_face {
namespace {

bool is_finite(const torch::Tensor& values) {
    const auto [least, greatest] = torch::aminmax(values.to(torch::kFloat32));
    return std::isfinite(least.item<double>()) && std::isfinite(greatest.item<double>());
}

}  // namespace

torch::Tensor read_finite(const SafetensorsReader& reader, const std::string& name,
                          torch::Dtype dtype) {
    const torch::Tensor stored = reader.read(name);
    const torch::Tensor values = stored.to(dtype);
    if (is_finite(values)) return values;
    const torch::Tensor flat = values.to(torch::kFloat32).flatten();
    const auto index =
        flat.isfinite().logical_not().to(torch::kUInt8).argmax().item<std::int64_t>();
    const double value = stored.flatten()[index].item<double>();
    throw files::FileError(
        reader.file(), name + "[" + std::to_string(index) + "]",
        std::string("a finite number") +
            (std::isfinite(value) ? " of type " + std::string(c10::toString(dtype)) : ""),
        std::isnan(value) ? "nan" : std::to_string(value));
}

}  // namespace hugging_face
