#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
#include "../../block/segment_run.hpp"
#include "../../block/tiling.hpp"
#include "../coordinates.hpp"
#include "launch.cuh"
#include "memory.cuh"
#include "project_dense.cuh"
#include "project_sparse.cuh"
#include "tensor_io.cuh"

namespace ferret::cuda {

/// Sums of raw values to coordinates, as coordinates_of() does it.
struct DivideTotals {
    const double* totals;
    const std::uint64_t* first_basis;  ///< of each block
    const double* divisors;            ///< of each block
    std::uint32_t block_count;
    float* coordinates;

    FERRET_DEVICE void operator()(std::uint64_t index) const {
        const std::uint32_t block =
            find_last_begun(block_count, index, [&](std::uint32_t i) { return first_basis[i]; });
        coordinates[index] = static_cast<float>(totals[index] / divisors[block]);
    }
};

/// Sums of an update's products with raw values over runs of segments, K_l numbers a run, which are
/// being computed on the stream.
/// Throws: DeviceError
/// Repro:  bit-identical to the CPU's
class SegmentSums {
public:
    SegmentSums(const Cuda& cuda, const Layout& layout, const Basis& basis, const Update& update,
                const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block,
                std::span<const SegmentRun> runs)
        : sums_(cuda, std::accumulate(runs.begin(), runs.end(), std::size_t{0},
                                      [&](std::size_t count, const SegmentRun& run) {
                                          return count + bases_per_block[run.block];
                                      })) {
        visit_basis(basis, [&]<class B>(const B&) {
            if constexpr (DenseBasis<B>)
                dense_sums<B>(cuda, layout, update, key, bases_per_block, runs, sums_.data());
            else
                sparse_sums(cuda, layout, update, key, bases_per_block, runs, sums_.data());
        });
    }

    const double* data() const { return sums_.data(); }
    std::size_t size() const { return sums_.size(); }

    /// Waits for them.
    std::vector<double> to_host() const { return sums_.to_host(); }

private:
    DeviceArray<double> sums_;
};

/// An update's coordinates, which are being computed on the stream.
/// Throws: DeviceError
/// Repro:  bit-identical to the CPU's
class Coordinates {
public:
    Coordinates(const Cuda& cuda, const Layout& layout, const Basis& basis, const Update& update,
                const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block)
        : Coordinates(
              cuda, layout, basis, bases_per_block,
              SegmentSums(cuda, layout, basis, update, key, bases_per_block,
                          whole_runs(layout, segment_sizes(layout, basis, bases_per_block)))) {}

    /// Waits for them.
    std::vector<float> to_host() const { return coordinates_.to_host(); }

private:
    Coordinates(const Cuda& cuda, const Layout& layout, const Basis& basis,
                std::span<const std::uint32_t> bases_per_block, const SegmentSums& totals)
        : coordinates_(cuda, totals.size()) {
        const DeviceArray<std::uint64_t> first_basis(cuda, first_bases(bases_per_block));
        const DeviceArray<double> divisors(cuda, divisors_of(layout, basis, bases_per_block));
        for_each_index(
            cuda, coordinates_.size(),
            DivideTotals{totals.data(), first_basis.data(), divisors.data(),
                         static_cast<std::uint32_t>(first_basis.size()), coordinates_.data()});
    }

    /// Where each block's bases begin.
    static std::vector<std::uint64_t> first_bases(std::span<const std::uint32_t> bases_per_block) {
        std::vector<std::uint64_t> firsts;
        std::uint64_t first = 0;
        for (const std::uint32_t bases : bases_per_block) {
            firsts.push_back(first);
            first += bases;
        }
        return firsts;
    }

    DeviceArray<float> coordinates_;
};

}  // namespace ferret::cuda
