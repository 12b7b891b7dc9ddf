#include "fed_llm/model/key_value_cache.hpp"

#include <stdexcept>
#include <string>

namespace fed_llm {

std::pair<torch::Tensor, torch::Tensor> KeyValueCache::append(std::size_t layer,
                                                              const torch::Tensor& keys,
                                                              const torch::Tensor& values) {
    const torch::NoGradGuard no_grad;
    const std::int64_t added = keys.size(2);
    if (added > capacity_ - length_) {
        throw std::length_error("KeyValueCache: expected at most " +
                                std::to_string(capacity_ - length_) + " more positions, got " +
                                std::to_string(added));
    }
    if (layer >= layers_.size()) layers_.resize(layer + 1);
    Layer& held = layers_[layer];
    if (!held.keys.defined()) {
        held.keys = torch::empty({keys.size(0), keys.size(1), capacity_, keys.size(3)},
                                 keys.options().requires_grad(false));
        held.values = torch::empty_like(held.keys);
    }
    held.keys.narrow(2, length_, added).copy_(keys);
    held.values.narrow(2, length_, added).copy_(values);
    return {held.keys.narrow(2, 0, length_ + added), held.values.narrow(2, 0, length_ + added)};
}

}  // namespace fed_llm
