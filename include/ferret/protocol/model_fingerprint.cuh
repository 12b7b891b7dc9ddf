#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "../backend/cuda/cuda.cuh"
#include "../backend/cuda/launch.cuh"
#include "../backend/cuda/memory.cuh"
#include "../backend/cuda/tensor_io.cuh"
#include "../block/layout.hpp"
#include "../block/shard.hpp"
#include "../tensor/tensor.hpp"
#include "model_fingerprint.hpp"

namespace ferret {

namespace cuda {

/// The fingerprints of parts of 64 tiles.
struct FingerprintParts {
    static constexpr unsigned threads = 256;
    static constexpr unsigned teams = 4;
    static constexpr unsigned tiles = 64;
    static constexpr auto tile = static_cast<unsigned>(detail::fingerprint_tile);
    static constexpr unsigned part_size = tiles * tile;

    struct Shared {
        std::uint64_t factors[tiles];
        std::uint64_t sums[threads];
    };

    UpdateView model;
    std::uint64_t element_count;
    const std::uint64_t* keys;
    std::uint64_t* fingerprints;

    FERRET_DEVICE void operator()(const Team& team, Shared& shared, std::uint64_t part) const {
        const std::uint64_t begin = part * part_size;
        const std::uint64_t left = element_count - begin;
        const unsigned size = left < part_size ? static_cast<unsigned>(left) : part_size;
        team.for_each(tiles, [&](unsigned t) {
            shared.factors[t] = detail::odd_number(part * tiles + t, 3);
        });
        UpdatePiece at{};
        team.for_each(threads, [&](unsigned thread) {
            std::uint64_t sum = 0;
            for (unsigned i = thread; i < size; i += threads)
                sum += bits(at, begin + i) * keys[i % tile] * shared.factors[i / tile];
            shared.sums[thread] = sum;
        });
        team.for_each(1, [&](unsigned) {
            std::uint64_t sum = 0;
            for (unsigned thread = 0; thread < threads; ++thread) sum += shared.sums[thread];
            fingerprints[part] = sum;
        });
    }

private:
    /// An element's bits; zero where no tensor holds it.
    FERRET_DEVICE std::uint64_t bits(UpdatePiece& at, std::uint64_t element) const {
        if (!model.seek(at, element)) return 0;
        return visit_dtype(at.before_dtype, [&]<class Stored>(Stored*) {
            return bits_of(static_cast<const Stored*>(at.before)[element - at.begin]);
        });
    }
};

}  // namespace cuda

/// The fingerprint of the part of a model that this GPU holds, as model_fingerprint.hpp has it.
/// Cost:   one pass over the model, and one number of 65,536 elements to the host
/// Throws: LayoutMismatch if the tensors do not fit the layout; DeviceError
/// Repro:  the CPU's
template <TensorList<MemorySpace::device> Tensors>
std::uint64_t shard_fingerprint(const Layout& layout, const Shard& shard, const Tensors& tensors,
                                const Cuda& cuda) {
    using Kernel = cuda::FingerprintParts;
    const cuda::Update model(cuda, layout, shard, views_of(tensors), std::nullopt);
    const auto& keys = detail::fingerprint_keys();
    const cuda::DeviceArray<std::uint64_t> device_keys(cuda, keys);
    const std::uint64_t parts =
        (layout.element_count() + Kernel::part_size - 1) / Kernel::part_size;
    const cuda::DeviceArray<std::uint64_t> fingerprints(cuda, static_cast<std::size_t>(parts));
    cuda::launch(
        cuda, parts,
        Kernel{model.view(), layout.element_count(), device_keys.data(), fingerprints.data()});
    const std::vector<std::uint64_t> of_parts = fingerprints.to_host();
    return std::accumulate(of_parts.begin(), of_parts.end(), std::uint64_t{0});
}

/// What two machines compare to know whether their models are the same, bit for bit.
/// Throws: LayoutMismatch if the tensors do not fit the layout; DeviceError
/// Repro:  the CPU's
template <TensorList<MemorySpace::device> Model>
std::uint64_t model_fingerprint(const Layout& layout, const Model& model, const Cuda& cuda) {
    return shard_fingerprint(layout, Shard::all(layout), model, cuda);
}

}  // namespace ferret
