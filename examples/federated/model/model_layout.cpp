#include "federated/model/model_layout.hpp"

#include <stdexcept>
#include <string>

#include "federated/model/weights.hpp"

namespace federated {
namespace {

ferret::Layout blocks_over(const TrainableModel& model, std::string_view name,
                           std::int64_t blocks) {
    const std::vector<std::size_t> sizes = tensor_sizes(model.parameters);
    if (name == "grouped") return ferret::Layout::grouped(sizes);
    if (name == "per-tensor") return ferret::Layout::per_tensor(sizes);
    if (name != "uniform") {
        throw std::invalid_argument("layout: expected grouped, per-tensor or uniform, got '" +
                                    std::string(name) + "'");
    }
    if (blocks < 1) {
        throw std::invalid_argument("blocks: expected at least 1, got " + std::to_string(blocks));
    }
    const std::int64_t parameters = parameter_count(model.parameters);
    return ferret::Layout::uniform(sizes, static_cast<std::size_t>(1 + (parameters - 1) / blocks));
}

}  // namespace

ferret::Layout make_layout(const TrainableModel& model, std::string_view name,
                           std::int64_t blocks) {
    return blocks_over(model, name, blocks).with_names(model.names);
}

}  // namespace federated
