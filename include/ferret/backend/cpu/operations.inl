#pragma once

#include <utility>

#include "operations.hpp"
#include "project.hpp"
#include "reconstruct.hpp"
#include "squared_norms.hpp"
#include "tensor_io.hpp"

namespace ferret {

class Operations<Cpu>::Update : public cpu::UpdateReader {
public:
    Update(const Cpu&, const Layout& layout, const Shard& shard, std::vector<TensorView> before,
           std::optional<std::vector<TensorView>> after)
        : cpu::UpdateReader(layout, shard, std::move(before), std::move(after)) {}
};

class Operations<Cpu>::Model : public cpu::ModelWriter {
public:
    Model(const Cpu&, const Layout& layout, const Shard& shard,
          std::vector<MutableTensorView> tensors)
        : cpu::ModelWriter(layout, shard, std::move(tensors)) {}
};

FERRET_API std::vector<double> Operations<Cpu>::squared_norms(const Cpu& cpu, const Layout& layout,
                                                              const Update& update,
                                                              std::span<const SegmentRun> runs) {
    return cpu::squared_norms(cpu, layout, update, runs);
}
FERRET_API std::vector<double> Operations<Cpu>::segment_sums(
    const Cpu& cpu, const Layout& layout, const Basis& basis, const Update& update,
    const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block,
    std::span<const SegmentRun> runs) {
    return cpu::segment_sums(cpu, layout, basis, update, key, bases_per_block, runs);
}
FERRET_API std::vector<float> Operations<Cpu>::project(
    const Cpu& cpu, const Layout& layout, const Basis& basis, const Update& update,
    const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block) {
    return cpu::project(cpu, layout, basis, update, key, bases_per_block);
}
FERRET_API void Operations<Cpu>::reconstruct(const Cpu& cpu, const Layout& layout,
                                             const Basis& basis, std::span<const Sketch> sketches,
                                             std::uint32_t first_basis, float scale,
                                             const Model& model) {
    cpu::reconstruct(cpu, layout, basis, sketches, first_basis, scale, model);
}

}  // namespace ferret
