#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../sketch.hpp"
#include "../coordinates.hpp"
#include "../operations.hpp"
#include "project.cuh"
#include "reconstruct.cuh"
#include "squared_norms.cuh"
#include "tensor_io.cuh"

namespace ferret {

template <>
struct Operations<Cuda> {
    using Update = cuda::Update;
    using Model = cuda::Model;

    static std::vector<double> squared_norms(const Cuda& cuda, const Layout& layout,
                                             const Update& update,
                                             std::span<const SegmentRun> runs) {
        return cuda::squared_norms(cuda, layout, update, runs);
    }

    static std::vector<double> segment_sums(const Cuda& cuda, const Layout& layout,
                                            const Basis& basis, const Update& update,
                                            const PhiloxKey& key,
                                            std::span<const std::uint32_t> bases_per_block,
                                            std::span<const SegmentRun> runs) {
        return cuda::SegmentSums(cuda, layout, basis, update, key, bases_per_block, runs).to_host();
    }

    static std::vector<float> project(const Cuda& cuda, const Layout& layout, const Basis& basis,
                                      const Update& update, const PhiloxKey& key,
                                      std::span<const std::uint32_t> bases_per_block) {
        return cuda::Coordinates(cuda, layout, basis, update, key, bases_per_block).to_host();
    }

    static void reconstruct(const Cuda& cuda, const Layout& layout, const Basis& basis,
                            std::span<const Sketch> sketches, std::uint32_t first_basis,
                            float scale, const Model& model) {
        cuda::reconstruct(cuda, layout, basis, sketches, first_basis, scale, model);
    }
};

}  // namespace ferret
