#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/shard.hpp"
#include "../../compiled.hpp"
#include "../../rng/philox.hpp"
#include "../../sketch.hpp"
#include "../../tensor/tensor.hpp"
#include "../operations.hpp"
#include "cpu.hpp"

namespace ferret {

template <>
struct Operations<Cpu> {
    class Update;
    class Model;

    static std::vector<double> squared_norms(const Cpu& cpu, const Layout& layout,
                                             const Update& update,
                                             std::span<const SegmentRun> runs);
    static std::vector<double> segment_sums(const Cpu& cpu, const Layout& layout,
                                            const Basis& basis, const Update& update,
                                            const PhiloxKey& key,
                                            std::span<const std::uint32_t> bases_per_block,
                                            std::span<const SegmentRun> runs);
    static std::vector<float> project(const Cpu& cpu, const Layout& layout, const Basis& basis,
                                      const Update& update, const PhiloxKey& key,
                                      std::span<const std::uint32_t> bases_per_block);
    static void reconstruct(const Cpu& cpu, const Layout& layout, const Basis& basis,
                            std::span<const Sketch> sketches, std::uint32_t first_basis,
                            float scale, const Model& model);
};

}  // namespace ferret

#ifndef FERRET_COMPILED
#include "operations.inl"
#endif
