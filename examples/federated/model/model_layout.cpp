#include "federated/model/model_layout.hpp"

#include <stdexcept>
#include <string>

#include "federated/model/weights.hpp"

namespace federated {
namespace {

ferret::Layout blocks_over(const TrainableModel& model, LayoutKind kind, std::int64_t blocks) {
    const std::vector<std::size_t> sizes = tensor_sizes(model.parameters);
    if (kind == LayoutKind::grouped) return ferret::Layout::grouped(sizes);
    if (kind == LayoutKind::per_tensor) return ferret::Layout::per_tensor(sizes);
    if (blocks < 1) {
        throw std::invalid_argument("blocks: expected at least 1, got " + std::to_string(blocks));
    }
    const std::int64_t parameters = parameter_count(model.parameters);
    return ferret::Layout::uniform(sizes, static_cast<std::size_t>(1 + (parameters - 1) / blocks));
}

}  // namespace

ferret::Layout make_layout(const TrainableModel& model, LayoutKind kind, std::int64_t blocks) {
    return blocks_over(model, kind, blocks).with_names(model.names);
}

ferret::Layout make_layout(const TrainableModel& model, const AlgorithmOptions& options,
                           LayoutKind otherwise) {
    const LayoutKind kind =
        options.layout == automatic ? otherwise : choose(layouts, "layout", options.layout);
    return make_layout(model, kind, options.blocks);
}

}  // namespace federated
