#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <variant>
#include <vector>

#include "../../basis/basis.hpp"
#include "../../block/layout.hpp"
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

/// An update's coordinates, which are being computed on the stream.
/// Throws: DeviceError
/// Repro:  bit-identical to the CPU's
class Coordinates {
public:
    Coordinates(const Cuda& cuda, const Layout& layout, const Basis& basis, const Update& update,
                const PhiloxKey& key, std::span<const std::uint32_t> bases_per_block)
        : coordinates_(cuda, std::accumulate(bases_per_block.begin(), bases_per_block.end(),
                                             std::size_t{0})) {
        const DeviceArray<double> totals(cuda, coordinates_.size());
        const DeviceArray<std::uint64_t> first_basis(cuda, first_bases(bases_per_block));
        std::visit(
            [&]<class B>(const B&) {
                if constexpr (DenseBasis<B>)
                    dense_totals<B>(cuda, layout, update, key, bases_per_block, totals.data());
                else
                    sparse_totals(cuda, layout, update, key, bases_per_block, totals.data());
                const DeviceArray<double> divisors(cuda, divisors_of<B>(layout, bases_per_block));
                for_each_index(cuda, coordinates_.size(),
                               DivideTotals{totals.data(), first_basis.data(), divisors.data(),
                                            static_cast<std::uint32_t>(first_basis.size()),
                                            coordinates_.data()});
            },
            basis);
    }

    /// Waits for them.
    std::vector<float> to_host() const { return coordinates_.to_host(); }

private:
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
