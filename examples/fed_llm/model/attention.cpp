#include "fed_llm/model/attention.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace fed_llm {
namespace {

torch::Tensor repeat_heads(const torch::Tensor& tensor, std::int64_t times) {
    if (times == 1) return tensor;
    const std::int64_t batch = tensor.size(0);
    const std::int64_t heads = tensor.size(1);
    const std::int64_t positions = tensor.size(2);
    const std::int64_t head_dim = tensor.size(3);
    return tensor.unsqueeze(2)
        .expand({batch, heads, times, positions, head_dim})
        .reshape({batch, heads * times, positions, head_dim});
}

/// True where a query may see a key. Shape: [length, positions].
torch::Tensor visible(const torch::Tensor& queries, const torch::Tensor& keys) {
    const std::int64_t length = queries.size(2);
    const std::int64_t positions = keys.size(2);
    return torch::ones({length, positions},
                       queries.options().dtype(torch::kBool).requires_grad(false))
        .tril(positions - length);
}

}  // namespace

torch::Tensor causal_attention(const torch::Tensor& queries, const torch::Tensor& keys,
                               const torch::Tensor& values) {
    const std::int64_t times = queries.size(1) / keys.size(1);
    const torch::Tensor all_keys = repeat_heads(keys, times);
    const torch::Tensor all_values = repeat_heads(values, times);
    const bool single = queries.size(2) == 1;  // the last position sees every key
#if TORCH_VERSION_MAJOR >= 2
    if (single || queries.size(2) == keys.size(2)) {
        return at::scaled_dot_product_attention(queries, all_keys, all_values, {}, 0.0, !single);
    }
    return at::scaled_dot_product_attention(queries, all_keys, all_values, visible(queries, keys));
#else
    const double scale = 1.0 / std::sqrt(static_cast<double>(queries.size(3)));
    torch::Tensor scores = torch::matmul(queries * scale, all_keys.transpose(-2, -1));
    if (!single) {
        scores = scores.masked_fill(visible(queries, keys).logical_not(),
                                    -std::numeric_limits<float>::infinity());
    }
    const torch::Tensor shares = scores.softmax(-1, torch::kFloat32).to(values.scalar_type());
    return torch::matmul(shares, all_values);
#endif
}

}  // namespace fed_llm
