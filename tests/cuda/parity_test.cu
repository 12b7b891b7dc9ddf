#include "cuda/support/device.hpp"
#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <numeric>
#include <span>
#include <vector>

// The device against the CPU, number for number.

using ferret::Cuda;
using ferret::Layout;
using ferret::Seed;
using ferret::Sketch;
using ferret_test::on_device;
using ferret_test::on_host;
using ferret_test::same_bits;

namespace {

const Seed seed{42, 7};

void check_against_cpu(const Layout& layout, const ferret::Basis& basis,
                       const std::vector<std::uint32_t>& bases) {
    CAPTURE(ferret::basis_name(basis));
    const ferret::Shard whole = ferret::Shard::all(layout);
    const ferret::Uniform rule{std::accumulate(bases.begin(), bases.end(), std::uint64_t{0})};
    std::vector<float> model = ferret_test::simple_update(layout.element_count());
    thrust::device_vector<float> device_model = on_device(model);
    std::vector<std::size_t> sizes;
    std::vector<std::span<float>> tensors;
    for (std::size_t tensor = 0; tensor < layout.tensor_count(); ++tensor) {
        sizes.push_back(layout.tensor_size(tensor));
        tensors.push_back(std::span(model).subspan(layout.tensor_offset(tensor), sizes.back()));
    }
    const std::vector<ferret::DeviceTensor> device_tensors = ferret_test::cut(device_model, sizes);

    const Sketch expected =
        ferret::Projector{layout, basis, rule}.project_shard(tensors, whole, bases, seed);
    CHECK(ferret::Projector{layout, basis, rule, Cuda{}}.project_shard(device_tensors, whole, bases,
                                                                       seed) == expected);
    ferret::Reconstructor{layout, basis}(expected, tensors, -0.7f);
    ferret::Reconstructor{layout, basis, Cuda{}}(expected, device_tensors, -0.7f);
    CHECK(same_bits(on_host(device_model), model));
}

}  // namespace

TEST_CASE("blocks of odd sizes") {
    for (const std::size_t size : {1u, 2u, 15u, 17u, 31u, 33u, 63u, 65u, 511u, 1023u, 1025u, 4095u,
                                   4096u, 4097u, 8191u, 8192u, 8193u, 20000u}) {
        CAPTURE(size);
        for (const ferret::Basis& basis : ferret::all_bases)
            for (const std::uint32_t bases : {2u, 5u, 33u, 70u})
                check_against_cpu(Layout::per_tensor({size}), basis,
                                  {static_cast<std::uint32_t>(std::min<std::size_t>(bases, size))});
    }
}

TEST_CASE("several blocks, each with bases of its own") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        check_against_cpu(Layout::uniform({12288}, 5000), basis, {3, 130, 2});
        check_against_cpu(Layout::per_tensor({3, 9000, 1, 4097}), basis, {2, 65, 1, 31});
    }
}

TEST_CASE("SparseSign with any K from 2 to d") {
    for (const std::uint32_t bases : ferret_test::sparse_sign_bases) {
        CAPTURE(bases);
        check_against_cpu(Layout::per_tensor({20000}), ferret::SparseSign{}, {bases});
    }
}

TEST_CASE("SparseSign over several stretches and segments, few and many bases side by side") {
    check_against_cpu(Layout::per_tensor({400001}), ferret::SparseSign{}, {1025});
    check_against_cpu(Layout::per_tensor({1400001, 300000, 5000}), ferret::SparseSign{},
                      {1000, 4096, 3});
    check_against_cpu(Layout::per_tensor({1400001}), ferret::SparseSign{}, {1500});
}

TEST_CASE("blocks larger than a segment") {
    const std::size_t size = ferret::dense_segment_size + 4096 + 17;
    for (const ferret::Basis& basis : ferret::all_bases)
        check_against_cpu(Layout::per_tensor({size}), basis, {2});
}

TEST_CASE("updates of every magnitude") {
    for (const std::size_t size : {300u, 9000u}) {
        const Layout layout = Layout::per_tensor({size});
        for (const float magnitude : {1e-44f, 1e-38f, 1e-30f, 1e-20f, 1e20f}) {
            CAPTURE(magnitude);
            std::vector<float> delta = ferret_test::simple_update(size);
            for (float& value : delta) value *= magnitude;
            for (const ferret::Basis& basis : ferret::all_bases) {
                const Sketch expected =
                    ferret::Projector{layout, basis, ferret::Uniform{6}}(delta, seed);
                const ferret::Projector project{layout, basis, ferret::Uniform{6}, Cuda{}};
                CHECK(project(on_device(delta), seed) == expected);
                std::vector<float> model(size, 0.0f);
                thrust::device_vector<float> device_model(size, 0.0f);
                ferret::Reconstructor{layout, basis}(expected, model, 1.0f);
                ferret::Reconstructor{layout, basis, Cuda{}}(expected, device_model, 1.0f);
                CHECK(same_bits(on_host(device_model), model));
            }
        }
    }
}

TEST_CASE("one basis at a time") {
    const Layout layout = Layout::per_tensor({9001});
    for (const ferret::Basis& basis : ferret::all_bases) {
        if (ferret::is_sparse(basis)) continue;
        std::vector<float> model = ferret_test::simple_update(9001);
        thrust::device_vector<float> device_model(model.begin(), model.end());
        ferret::Reconstructor{layout, basis}.add_basis(seed, 4095, model, -0.01f);
        ferret::Reconstructor{layout, basis, Cuda{}}.add_basis(seed, 4095, device_model, -0.01f);
        CHECK(same_bits(on_host(device_model), model));
    }
}

TEST_CASE_TEMPLATE("every storage type", T, float, double, ferret::bfloat16, ferret::half) {
    const Layout layout = Layout::per_tensor({5000, 9000});
    const auto part = [](std::uint64_t salt, std::size_t begin, std::size_t size) {
        const std::vector<float> all = ferret_test::simple_update(14000, salt);
        return ferret_test::stored_as<T>({all.begin() + static_cast<std::ptrdiff_t>(begin),
                                          all.begin() + static_cast<std::ptrdiff_t>(begin + size)});
    };
    std::vector<std::vector<T>> before{part(1, 0, 5000), part(1, 5000, 9000)};
    const std::vector<std::vector<T>> after{part(2, 0, 5000), part(2, 5000, 9000)};
    std::vector<thrust::device_vector<T>> device_before{on_device(before[0]), on_device(before[1])};
    const std::vector<thrust::device_vector<T>> device_after{on_device(after[0]),
                                                             on_device(after[1])};
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const ferret::NormShare rule{90};
        const Sketch expected = ferret::Projector{layout, basis, rule}(before, after, seed);
        const ferret::Projector project{layout, basis, rule, Cuda{}};
        CHECK(project(device_before, device_after, seed) == expected);

        ferret::Reconstructor{layout, basis}(expected, before, -0.3f);
        ferret::Reconstructor{layout, basis, Cuda{}}(expected, device_before, -0.3f);
        for (const std::size_t tensor : {0u, 1u})
            CHECK(on_host(device_before[tensor]) == before[tensor]);
    }
}

TEST_CASE("tensors of several types, cut at odd places") {
    const std::size_t size = 30000;
    const std::vector<float> before = ferret_test::simple_update(size, 1);
    const std::vector<float> after = ferret_test::simple_update(size, 2);
    for (const std::vector<std::size_t>& sizes :
         {std::vector<std::size_t>{size}, {1, size - 1}, {4095, 1, 4097, 16, size - 8209}}) {
        const Layout layout = Layout::uniform(sizes, 12500);
        auto device_before = on_device(before);
        auto device_after = on_device(ferret_test::stored_as<double>(after));
        for (const ferret::Basis& basis : ferret::all_bases) {
            const ferret::MinimumError rule{200};
            const Sketch expected = ferret::Projector{Layout::uniform({size}, 12500), basis, rule}(
                before, ferret_test::stored_as<double>(after), seed);
            const ferret::Projector project{layout, basis, rule, Cuda{}};
            CHECK(project(ferret_test::cut(device_before, sizes),
                          ferret_test::cut(device_after, sizes), seed) == expected);
        }
    }
}

TEST_CASE("several sketches in one pass, in order") {
    const std::size_t size = 20000;
    const Layout layout = Layout::uniform({size}, 9000);
    const std::vector<float> delta = ferret_test::simple_update(size);
    for (const ferret::Basis& basis : ferret::all_bases) {
        std::vector<Sketch> sketches;
        for (const std::uint64_t client : {1u, 2u, 3u})
            sketches.push_back(ferret::Projector{layout, basis, ferret::Uniform{20 * client}}(
                delta, seed.derive(client)));
        std::vector<float> model = delta;
        thrust::device_vector<float> device_model = on_device(delta);
        ferret::Reconstructor{layout, basis}(sketches, model, -0.4f);
        ferret::Reconstructor{layout, basis, Cuda{}}(sketches, device_model, -0.4f);
        CHECK(same_bits(on_host(device_model), model));
    }
}

TEST_CASE("shards") {
    const Layout layout = Layout::uniform({20000}, 9000);
    const ferret::Shard shard({{12000, 3000}, {500, 7000}});
    const std::vector<float> all = ferret_test::simple_update(10000);
    const std::vector<std::uint32_t> bases{30, 40, 2};
    for (const ferret::Basis& basis : ferret::all_bases) {
        std::vector<std::vector<float>> parts{{all.begin(), all.begin() + 3000},
                                              {all.begin() + 3000, all.end()}};
        std::vector<thrust::device_vector<float>> device_parts{on_device(parts[0]),
                                                               on_device(parts[1])};
        const ferret::Projector on_cpu{layout, basis, ferret::Uniform{72}};
        const ferret::Projector on_gpu{layout, basis, ferret::Uniform{72}, Cuda{}};
        const Sketch sketch = on_cpu.project_shard(parts, shard, bases, seed);
        CHECK(on_gpu.project_shard(device_parts, shard, bases, seed) == sketch);
        CHECK(on_gpu.shard_squared_norms(device_parts, shard) ==
              on_cpu.shard_squared_norms(parts, shard));
        ferret::Reconstructor{layout, basis}.reconstruct_shard({&sketch, 1}, shard, parts, 2.0f);
        ferret::Reconstructor{layout, basis, Cuda{}}.reconstruct_shard({&sketch, 1}, shard,
                                                                       device_parts, 2.0f);
        for (const std::size_t part : {0u, 1u})
            CHECK(same_bits(on_host(device_parts[part]), parts[part]));
    }
}

TEST_CASE("parts of shards of whole segments are the CPU's") {
    const std::size_t segment = ferret::dense_segment_size;
    const Layout layout = Layout::uniform({segment + 999, segment / 2, 9000, segment}, 2 * segment);
    std::vector<float> delta = ferret_test::simple_update(layout.element_count());
    const std::vector<float> before(delta.size(), 0.0f);
    std::vector<float> after = delta;
    for (float& value : after) value = -value;
    const auto compare = [&](const ferret::Basis& basis, const std::vector<std::uint32_t>& bases) {
        CAPTURE(ferret::basis_name(basis));
        CAPTURE(bases[0]);
        const ferret::Projector on_cpu{layout, basis, ferret::Uniform{4}};
        const ferret::Projector on_gpu{layout, basis, ferret::Uniform{4}, Cuda{}};
        std::vector<ferret::PartialSketch> parts;
        for (const std::uint32_t index : {0u, 1u, 2u}) {
            const auto shard = ferret::Shard::whole_segments(
                layout, ferret::segment_sizes(layout, basis, bases), 3, index);
            std::vector<std::span<const float>> tensors;
            std::vector<thrust::device_vector<float>> device_before;
            std::vector<thrust::device_vector<float>> device_after;
            for (const ferret::Extent& extent : shard.extents()) {
                tensors.push_back(std::span(delta).subspan(extent.offset, extent.size));
                const auto begin = static_cast<std::ptrdiff_t>(extent.offset);
                const auto end = static_cast<std::ptrdiff_t>(extent.offset + extent.size);
                device_before.emplace_back(before.begin() + begin, before.begin() + end);
                device_after.emplace_back(after.begin() + begin, after.begin() + end);
            }
            parts.push_back(on_gpu.project_part(device_before, device_after, shard, bases, seed));
            CHECK(parts.back() == on_cpu.project_part(tensors, shard, bases, seed));
            if (!ferret::is_sparse(basis))
                CHECK(on_gpu.part_squared_norms(device_before, device_after, shard) ==
                      on_cpu.part_squared_norms(tensors, shard));
        }
        const ferret::Shard whole({{0, delta.size()}});
        CHECK(ferret::combine(layout, basis, parts) ==
              on_cpu.project_shard(delta, whole, bases, seed));
    };
    for (const ferret::Basis& basis : ferret::all_bases) compare(basis, {3, 2});
    compare(ferret::SparseSign{}, {1500, 70});
}
