#include "support/updates.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <random>
#include <type_traits>
#include <vector>

using ferret::bfloat16;
using ferret::half;
using ferret::Layout;
using ferret::Sketch;
using ferret_test::seed;

namespace {

/// The nearest number with `significant` bits, ties to even, from exponent `lowest` of its unit in
/// the last place on: rounding to a 16-bit format, written apart from the library's.
double nearest(double value, int significant, int lowest) {
    if (value == 0.0) return value;
    int exponent = 0;
    static_cast<void>(std::frexp(value, &exponent));
    const int unit = std::max(exponent - significant, lowest);
    return std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit);
}

template <class Stored>
double nearest(double value) {
    if constexpr (std::is_same_v<Stored, bfloat16>) return nearest(value, 8, -133);
    if constexpr (std::is_same_v<Stored, half>) return nearest(value, 11, -24);
    if constexpr (std::is_same_v<Stored, float>)
        return static_cast<double>(static_cast<float>(value));
    return value;
}

/// Numbers that every storage type holds: quarters.
template <class Stored>
std::vector<Stored> quarters(std::size_t size, std::uint64_t salt) {
    std::vector<Stored> values;
    for (const float value : ferret_test::simple_update(size, salt))
        values.push_back(static_cast<Stored>(std::round(value * 16.0f) / 4.0f));
    return values;
}

template <class Stored>
std::vector<float> as_floats(const std::vector<Stored>& values) {
    std::vector<float> floats;
    for (const Stored value : values) floats.push_back(static_cast<float>(value));
    return floats;
}

constexpr std::size_t size = 5000;
const Layout layout = Layout::per_tensor({size});

/// Calls visit(Stored{}) for each storage type.
template <class Visit>
void for_each_type(const Visit& visit) {
    visit(float{});
    visit(double{});
    visit(bfloat16{});
    visit(half{});
}

}  // namespace

TEST_CASE_TEMPLATE("sizes and ids of storage types", Stored, float, double, bfloat16, half) {
    CHECK(ferret::size_of(ferret::DTypeOf<Stored>::value) == sizeof(Stored));
    ferret::visit_dtype(ferret::DTypeOf<Stored>::value,
                        [](auto* null) { CHECK(std::is_same_v<decltype(null), Stored*>); });
}

TEST_CASE("updates of any type are those of their values in float") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        const std::vector<std::uint32_t> bases{9};
        const ferret::Projector project{layout, basis, ferret::Uniform{9}};
        for_each_type([&]<class Stored>(Stored) {
            const std::vector<Stored> delta = quarters<Stored>(size, 1);
            CHECK(project(delta, seed) ==
                  ferret::reference::project(layout, basis, bases, as_floats(delta), seed));
        });
    }
}

TEST_CASE("before and after of any two types are subtracted element by element") {
    const std::vector<std::uint32_t> bases{9};
    const ferret::Basis basis = ferret::TruncatedNormal{};
    const ferret::Projector project{layout, basis, ferret::Uniform{9}};
    for_each_type([&]<class Before>(Before) {
        for_each_type([&]<class After>(After) {
            // A third is rounded differently by every type.
            std::vector<Before> before = quarters<Before>(size, 1);
            std::vector<After> after = quarters<After>(size, 2);
            for (std::size_t i = 0; i < size; i += 3) {
                before[i] = static_cast<Before>(static_cast<float>(i) / 3.0f);
                after[i] = static_cast<After>(static_cast<float>(i) / 7.0f);
            }
            std::vector<float> delta;
            for (std::size_t i = 0; i < size; ++i)
                delta.push_back(static_cast<float>(static_cast<double>(before[i]) -
                                                   static_cast<double>(after[i])));
            CHECK(project(before, after, seed) ==
                  ferret::reference::project(layout, basis, bases, delta, seed));
        });
    });
}

namespace {

/// A tensor whose type is known at run time, as LibTorch's.
struct AnyTensor {
    ferret::TensorView tensor;
};

}  // namespace

template <>
struct ferret::TensorAccess<AnyTensor> {
    static constexpr ferret::MemorySpace space = ferret::MemorySpace::any;
    static ferret::TensorView view(const AnyTensor& any) { return any.tensor; }
};

TEST_CASE("lists may mix types") {
    const Layout mixed = Layout::per_tensor({size, size});
    const std::vector<float> first = quarters<float>(size, 1);
    const std::vector<half> second = quarters<half>(size, 2);
    std::vector<float> all = first;
    for (const half value : second) all.push_back(static_cast<float>(value));

    const std::vector<AnyTensor> delta{{ferret::TensorAccess<std::vector<float>>::view(first)},
                                       {ferret::TensorAccess<std::vector<half>>::view(second)}};
    const std::vector<std::uint32_t> bases{9, 9};
    CHECK(ferret::Projector{mixed, ferret::Gaussian{}, ferret::Uniform{18}}(delta, seed) ==
          ferret::reference::project(mixed, ferret::Gaussian{}, bases, all, seed));
}

TEST_CASE("models of any type are rounded to nearest even, once") {
    for (const ferret::Basis& basis : ferret::all_bases) {
        const Sketch sketch = ferret::Projector{layout, basis, ferret::Uniform{9}}(
            ferret_test::simple_update(size), seed);
        const std::vector<float> update =
            ferret::reference::reconstruct(layout, basis, {&sketch, 1}, 0.01f);
        for_each_type([&]<class Stored>(Stored) {
            const std::vector<Stored> before = quarters<Stored>(size, 3);
            std::vector<Stored> model = before;
            ferret::Reconstructor{layout, basis}(sketch, model, 0.01f);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < size; ++i) {
                // One addition, in float for all but double, then the store's rounding.
                double sum = static_cast<double>(before[i]) + static_cast<double>(update[i]);
                if (!std::is_same_v<Stored, double>) sum = nearest<float>(sum);
                wrong += static_cast<double>(model[i]) != nearest<Stored>(sum);
            }
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("ties go to even in 16-bit models") {
    // Two elements, each alone in its basis: the update is exactly the coordinate times a sign.
    const Layout pair = Layout::per_tensor({2});
    const auto add_to = [&]<class Stored>(Stored model, float update) {
        const Sketch sketch = ferret::Projector{pair, ferret::SparseSign{}, ferret::Uniform{2}}(
            std::vector<float>{update, 0.0f}, seed);
        std::vector<Stored> pair_model{model, model};
        ferret::Reconstructor{pair, ferret::SparseSign{}}(sketch, pair_model, 1.0f);
        CHECK(pair_model[1] == model);
        return static_cast<float>(pair_model[0]);
    };
    // bfloat16 has units of 2^-7 at 1, half of 2^-10: half a unit is a tie.
    CHECK(add_to(bfloat16(1.0f), 0x1p-8f) == 1.0f);
    CHECK(add_to(bfloat16(1.0f), 0x1.8p-7f) == 1.0f + 0x1p-6f);
    CHECK(add_to(bfloat16(1.0f), 0x1.02p-8f) == 1.0f + 0x1p-7f);
    CHECK(add_to(bfloat16(1.0f + 0x1p-7f), 0x1p-8f) == 1.0f + 0x1p-6f);
    CHECK(add_to(half(1.0f), 0x1p-11f) == 1.0f);
    CHECK(add_to(half(1.0f), 0x1.8p-10f) == 1.0f + 0x1p-9f);
    CHECK(add_to(half(1.0f), 0x1.02p-11f) == 1.0f + 0x1p-10f);
    // Subnormal halves: units of 2^-24.
    CHECK(add_to(half(0.0f), 0x1p-25f) == 0.0f);
    CHECK(add_to(half(0.0f), 0x1.8p-24f) == 0x1p-23f);
}

TEST_CASE("an element's bits are its storage as an unsigned integer") {
    CHECK(ferret::bits_of(-1.0f) == 0xBF800000u);
    CHECK(ferret::bits_of(-1.0) == 0xBFF0000000000000u);
    CHECK(ferret::bits_of(static_cast<bfloat16>(-1.0f)) == 0xBF80u);
    CHECK(ferret::bits_of(static_cast<half>(-1.0f)) == 0xBC00u);
    CHECK(ferret::bits_of(-0.0f) == 0x80000000u);
}
