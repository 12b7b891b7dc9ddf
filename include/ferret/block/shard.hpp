#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../error.hpp"
#include "layout.hpp"

namespace ferret {

/// A range of the model's elements, counted over all tensors laid end to end.
struct Extent {
    std::uint64_t offset;
    std::uint64_t size;
};

/// Which part of the model one process holds, tensor by tensor: for tensor parallel, pipeline
/// parallel or ZeRO training. Each process projects its shard, and the sketches add up to the whole
/// model's; each rebuilds its shard from the whole sketch.
class Shard {
public:
    /// extents[t]: where local tensor t lies in the model
    explicit Shard(std::vector<Extent> extents) : extents_(std::move(extents)) {}

    /// The whole model.
    static Shard all(const Layout& layout) {
        std::vector<Extent> extents;
        for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor)
            extents.push_back({layout.tensor_offset(tensor), layout.tensor_size(tensor)});
        return Shard(std::move(extents));
    }

    std::span<const Extent> extents() const { return extents_; }

private:
    std::vector<Extent> extents_;
};

}  // namespace ferret
