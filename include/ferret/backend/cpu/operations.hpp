#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "../../block/segment_run.hpp"
#include "../operations.hpp"
#include "cpu.hpp"
#include "project.hpp"
#include "reconstruct.hpp"
#include "squared_norms.hpp"
#include "tensor_io.hpp"

namespace ferret {

template <>
struct Operations<Cpu> {
    struct Update : cpu::UpdateReader {
        Update(const Cpu&, const Layout& layout, const Shard& shard, std::vector<TensorView> before,
               std::optional<std::vector<TensorView>> after)
            : cpu::UpdateReader(layout, shard, std::move(before), std::move(after)) {}
    };
    struct Model : cpu::ModelWriter {
        Model(const Cpu&, const Layout& layout, const Shard& shard,
              std::vector<MutableTensorView> tensors)
            : cpu::ModelWriter(layout, shard, std::move(tensors)) {}
    };

    static std::vector<double> squared_norms(const Cpu& cpu, const Layout& layout,
                                             const Update& update,
                                             std::span<const SegmentRun> runs) {
        return cpu::squared_norms(cpu, layout, update, runs);
    }
    static std::vector<double> segment_sums(const Cpu& cpu, const Layout& layout,
                                            const Basis& basis, const Update& update,
                                            const PhiloxKey& key,
                                            std::span<const std::uint32_t> bases_per_block,
                                            std::span<const SegmentRun> runs) {
        const auto sums = cpu::segment_sums(cpu, layout, basis, update, key, bases_per_block, runs);
        return {sums.begin(), sums.end()};
    }
    static std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                      const Update& update, const PhiloxKey& key,
                                      std::span<const std::uint32_t> bases_per_block) {
        return cpu::project(cpu, layout, basis, update, key, bases_per_block);
    }
    static void reconstruct(const Cpu& cpu, const Layout& layout, const Basis& basis,
                            std::span<const Sketch> sketches, std::uint32_t first_basis,
                            float scale, const Model& model) {
        cpu::reconstruct(cpu, layout, basis, sketches, first_basis, scale, model);
    }
};

}  // namespace ferret
