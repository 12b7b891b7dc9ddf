#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ferret/backend/cpu/loops.hpp>
#include <ferret/backend/cpu/tensor_io.hpp>
#include <limits>
#include <string>
#include <vector>

namespace cpu = ferret::cpu;
using cpu::ModelWriter;
using cpu::UpdateReader;
using cpu::UpdateSource;
using ferret::bfloat16;
using ferret::DType;
using ferret::Extent;
using ferret::half;
using ferret::Layout;
using ferret::MutableTensorView;
using ferret::Shard;
using ferret::TensorView;

namespace {

template <class T>
TensorView view(const std::vector<T>& values) {
    return {values.data(), values.size(), ferret::DTypeOf<T>::value};
}
template <class T>
MutableTensorView writable(std::vector<T>& values) {
    return {values.data(), values.size(), ferret::DTypeOf<T>::value};
}

const cpu::MemoryKernels& memory() {
    return cpu::kernels_of(ferret::best_instruction_set()).memory;
}

/// first, first + 1, ...
template <class T>
std::vector<T> count_from(int first, std::size_t count) {
    std::vector<T> values;
    for (std::size_t i = 0; i < count; ++i)
        values.push_back(static_cast<T>(static_cast<float>(first + static_cast<int>(i))));
    return values;
}

/// What is read of elements [begin, begin + count), into memory of -1, or nothing if there is none.
std::vector<float> loaded(const UpdateReader& reader, std::uint64_t begin, std::size_t count) {
    std::vector<float> out(count, -1.0f);
    const bool found = reader.load(memory(), begin, count, out.data());
    if (!found) CHECK(out == std::vector<float>(count, -1.0f));
    return found ? out : std::vector<float>{};
}

const Layout three_tensors = Layout::per_tensor({10, 20, 30});
/// Tensors of a shard that are not in the model's order: elements 40 .. 43 and 5 .. 9.
const Shard two_parts({{40, 4}, {5, 5}});

}  // namespace

TEST_CASE_TEMPLATE("elements of every type as doubles", T, float, double, bfloat16, half) {
    const std::vector<T> values{static_cast<T>(1.5f), static_cast<T>(-2.0f), static_cast<T>(0.25f)};
    std::array<double, 2> out;
    cpu::load_as(view(values), 1, 2, out.data());
    CHECK(out == std::array{-2.0, 0.25});
}

TEST_CASE("doubles keep what floats have no room for") {
    const std::vector<double> values{1.0 + 0x1p-50};
    double out = 0.0;
    cpu::load_as(view(values), 0, 1, &out);
    CHECK(out == values[0]);
}

TEST_CASE("an update of a shard is zero between its tensors, and not there where it has none") {
    const std::vector<float> high = count_from<float>(40, 4), low = count_from<float>(5, 5);
    const UpdateReader reader(three_tensors, two_parts, {view(high), view(low)});
    CHECK(loaded(reader, 3, 4) == std::vector{0.0f, 0.0f, 5.0f, 6.0f});
    CHECK(loaded(reader, 8, 3) == std::vector{8.0f, 9.0f, 0.0f});
    CHECK(loaded(reader, 6, 2) == std::vector{6.0f, 7.0f});
    std::vector<float> both(36, 0.0f);
    both[0] = 9.0f;
    for (std::size_t i = 0; i < 4; ++i) both[31 + i] = 40.0f + static_cast<float>(i);
    CHECK(loaded(reader, 9, 36) == both);
    CHECK(loaded(reader, 10, 30).empty());
    CHECK(loaded(reader, 0, 5).empty());
}

TEST_CASE("a tensor is visited in place where its type is, and as floats elsewhere") {
    const std::vector<half> high = count_from<half>(40, 4);
    const std::vector<float> low = count_from<float>(5, 5);
    const UpdateReader reader(three_tensors, two_parts, {view(high), view(low)});
    cpu::ByDType<bool> in_place{};
    cpu::of_dtype(in_place, DType::float32) = true;
    struct Visit {
        DType dtype;
        const void* data;
        std::size_t at, count;
    };
    std::vector<Visit> visits;
    std::vector<float> converted;
    reader.for_each(7, 35, in_place,
                    [&](const UpdateSource& from, std::size_t at, std::size_t count) {
                        visits.push_back({from.dtype, from.before, at, count});
                        CHECK(from.after == nullptr);
                        if (at > 0)
                            converted.assign(static_cast<const float*>(from.before),
                                             static_cast<const float*>(from.before) + count);
                    });
    REQUIRE(visits.size() == 2);
    CHECK(visits[0].dtype == DType::float32);
    CHECK(visits[0].data == low.data() + 2);
    CHECK(visits[0].at == 0);
    CHECK(visits[0].count == 3);
    CHECK(visits[1].dtype == DType::float32);
    CHECK(visits[1].at == 33);
    CHECK(converted == std::vector{40.0f, 41.0f});

    cpu::of_dtype(in_place, DType::float16) = true;
    reader.for_each(41, 2, in_place, [&](const UpdateSource& from, std::size_t, std::size_t count) {
        CHECK(from.dtype == DType::float16);
        CHECK(from.before == high.data() + 1);
        CHECK(count == 2);
    });
}

TEST_CASE("before and after of one type are visited together, of two as their difference") {
    const Layout one = Layout::per_tensor({5000});
    const Shard all = Shard::all(one);
    const auto before = count_from<float>(7, 5000), after = count_from<float>(0, 5000);
    const std::vector<double> after_doubles(after.begin(), after.end());
    cpu::ByDType<bool> in_place{};
    cpu::of_dtype(in_place, DType::float32) = true;
    UpdateReader(one, all, {view(before)}, std::vector{view(after)})
        .for_each(100, 4000, in_place,
                  [&](const UpdateSource& from, std::size_t at, std::size_t count) {
                      CHECK(from.before == before.data() + 100);
                      CHECK(from.after == after.data() + 100);
                      CHECK(at == 0);
                      CHECK(count == 4000);
                  });
    std::size_t next = 0;
    std::size_t wrong = 0;
    UpdateReader(one, all, {view(before)}, std::vector{view(after_doubles)})
        .for_each(100, 4000, in_place,
                  [&](const UpdateSource& from, std::size_t at, std::size_t count) {
                      CHECK(from.after == nullptr);
                      CHECK(at == next);
                      for (std::size_t i = 0; i < count; ++i)
                          wrong += static_cast<const float*>(from.before)[i] != 7.0f;
                      next += count;
                  });
    CHECK(next == 4000);
    CHECK(wrong == 0);
}

TEST_CASE("differences are rounded to float once, whatever the types are") {
    const Layout one = Layout::per_tensor({2});
    const Shard all = Shard::all(one);
    const auto difference = [&](const auto& before, const auto& after) {
        return loaded(UpdateReader(one, all, {view(before)}, std::vector{view(after)}), 0, 2);
    };
    // Rounded before they are subtracted, doubles would differ by 0, or by 2^-23.
    CHECK(difference(std::vector{1.0 + 0x1p-40, 1.0 + 0x1.8p-24}, std::vector{1.0, 1.0}) ==
          std::vector{0x1p-40f, 0x1.8p-24f});
    CHECK(difference(std::vector{1.0 + 0x1p-40, 1.0}, std::vector{1.0f, 0.5f}) ==
          std::vector{0x1p-40f, 0.5f});
    // 16-bit types are subtracted as floats, so what is left is no 16-bit number.
    CHECK(difference(std::vector{half(1.0f), half(2048.0f)},
                     std::vector{half(0x1p-20f), half(0x1p-2f)}) ==
          std::vector{1.0f - 0x1p-20f, 2047.75f});
    CHECK(difference(std::vector{bfloat16(1.0f), bfloat16(256.0f)},
                     std::vector{half(0x1p-20f), half(0x1p-2f)}) ==
          std::vector{1.0f - 0x1p-20f, 255.75f});
    // A tie of floats goes to even, once.
    CHECK(difference(std::vector{1.0f, 0x1.000002p0f}, std::vector{-0x1p-24f, -0x1p-24f}) ==
          std::vector{1.0f, 0x1.000004p0f});
}

TEST_CASE("the first number that is not finite is told, in the order of the model") {
    std::vector<float> high = count_from<float>(40, 4);
    std::vector<double> low = count_from<double>(5, 5);
    const auto refusal = [&] {
        return ferret_test::error_message<ferret::NonFinite>([&] {
            UpdateReader(three_tensors, two_parts, {view(high), view(low)}).check_finite();
        });
    };
    CHECK(refusal() == "no exception");
    high[2] = std::numeric_limits<float>::infinity();
    CHECK(ferret_test::contains(refusal(), "tensor 0, index 2"));
    low[3] = 1e39;  // no float
    CHECK(ferret_test::contains(refusal(), "tensor 1, index 3"));
}

TEST_CASE("both sides of an update are held against the shard") {
    const std::vector<float> high(4), low(5), wrong(6);
    const auto refusal = [&](std::vector<TensorView> before, std::vector<TensorView> after) {
        return ferret_test::error_message<ferret::LayoutMismatch>([&] {
            const UpdateReader reader(three_tensors, two_parts, std::move(before),
                                      std::move(after));
        });
    };
    CHECK(refusal({view(high), view(low)}, {view(high), view(low)}) == "no exception");
    CHECK(ferret_test::contains(refusal({view(high), view(wrong)}, {view(high), view(low)}),
                                "expected 5 elements, got 6"));
    CHECK(ferret_test::contains(refusal({view(high), view(low)}, {view(high), view(wrong)}),
                                "expected 5 elements, got 6"));
    CHECK(
        ferret_test::contains(refusal({view(high), view(low)}, {view(high)}), "expected 2, got 1"));
}

TEST_CASE("an update is added to the tensors that cover it, and to nothing else") {
    std::vector<half> high = count_from<half>(40, 4);
    std::vector<double> low = count_from<double>(5, 5);
    const ModelWriter writer(three_tensors, two_parts, {writable(high), writable(low)});
    CHECK(writer.covers(9, 31));
    CHECK_FALSE(writer.covers(10, 30));
    CHECK_FALSE(writer.covers(44, 16));
    const std::vector<float> update = count_from<float>(0, 36);
    writer.add(memory(), 8, 36, update.data());
    CHECK(low == std::vector{5.0, 6.0, 7.0, 8.0 + 0.0, 9.0 + 1.0});
    std::vector<float> halves;
    for (const half value : high) halves.push_back(static_cast<float>(value));
    CHECK(halves == std::vector{40.0f + 32.0f, 41.0f + 33.0f, 42.0f + 34.0f, 43.0f + 35.0f});
}

TEST_CASE("a sum is rounded to the tensor's type once") {
    const Layout one = Layout::per_tensor({1});
    const Shard all = Shard::all(one);
    const auto sum = [&]<class T>(T model, float update) {
        std::vector<T> tensor{model};
        ModelWriter(one, all, {writable(tensor)}).add(memory(), 0, 1, &update);
        return static_cast<double>(tensor[0]);
    };
    CHECK(sum(1.0, 0x1p-40f) == 1.0 + 0x1p-40);
    CHECK(sum(1.0f, 0x1p-40f) == 1.0);
    CHECK(sum(bfloat16(1.0f), 0x1.02p-8f) == 1.0 + 0x1p-7);
    CHECK(sum(half(1.0f), 0x1.02p-11f) == 1.0 + 0x1p-10);
}
