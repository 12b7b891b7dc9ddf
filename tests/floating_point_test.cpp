#include <ferret/floating_point.hpp>

#include "support/updates.hpp"

#include <doctest/doctest.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <ferret/ferret.hpp>
#include <ferret/reference.hpp>
#include <limits>
#include <vector>

using ferret::is_finite;
using ferret::Seed;
using ferret::Sketch;

namespace {

/// Changes the settings of every thread that OpenMP has.
template <class Change>
void on_all_threads(const Change& change) {
#ifdef _OPENMP
#pragma omp parallel num_threads(3)
    change();
#endif
    change();  // some runtimes give the calling thread its own settings back
}

/// As programs do that were linked with -ffast-math.
void flush_to_zero() {
    on_all_threads([] {
#if defined(__SSE__)
        _mm_setcsr(_mm_getcsr() | 0x8040u);  // results and operands
#elif defined(__aarch64__)
        std::uint64_t control;
        asm volatile("mrs %0, fpcr" : "=r"(control));
        asm volatile("msr fpcr, %0" : : "r"(control | (1u << 24)));
#endif
    });
}

void round_upwards() {
    on_all_threads([] { std::fesetround(FE_UPWARD); });
}

void restore_defaults() {
    on_all_threads([] { std::fesetenv(FE_DFL_ENV); });
}

bool is_flushed() {
    const volatile float least_normal = std::numeric_limits<float>::min();
    return std::bit_cast<std::uint32_t>(least_normal * 0.5f) == 0;
}

/// What everything that computes gives, down to the bits.
struct Results {
    Sketch sketch;
    Sketch scaled;
    Sketch total;
    Sketch reference;
    std::vector<std::byte> message;
    Sketch received;
    std::vector<std::uint32_t> budget;
    std::vector<float> model;

    bool operator==(const Results&) const = default;
};

Results compute(const ferret::Basis& basis, const std::vector<std::vector<float>>& delta) {
    const ferret::Cpu three_threads{.threads = 3};
    const auto layout = ferret::Layout::per_tensor({20'000, 300});
    const ferret::Projector project{layout, basis, ferret::Uniform{40}, three_threads};
    Results results;
    results.sketch = project(delta, Seed{42, 7});
    results.scaled = results.sketch;
    results.scaled.scale(0.3f);
    results.total = ferret::sum(std::vector{results.sketch, results.scaled});
    results.reference =
        ferret::reference::project(layout, basis, results.sketch.bases_per_block,
                                   ferret_test::simple_update(20'300, 1), Seed{42, 7});
    results.message = ferret::encode(results.sketch, ferret::CoordinateFormat::int16);
    results.received = ferret::decode(results.message);
    results.budget = ferret::allocate(ferret::MinimumError{1000}, layout, std::vector{1.7, 0.3});
    results.model = ferret_test::simple_update(20'300, 3);
    const std::span<float> all(results.model);
    ferret::Reconstructor{layout, basis, three_threads}(
        results.reference, std::vector{all.first(20'000), all.subspan(20'000)}, 1e-3f);
    return results;
}

}  // namespace

TEST_CASE("finite numbers are told from others by their bits") {
    CHECK(is_finite(0.0f));
    CHECK(is_finite(-std::numeric_limits<float>::denorm_min()));
    CHECK(is_finite(std::numeric_limits<float>::max()));
    CHECK(is_finite(std::numeric_limits<double>::lowest()));
    for (const std::uint32_t bits :
         {0x7F800000u, 0xFF800000u, 0x7F800001u, 0x7FC00000u, 0xFFFFFFFFu})
        CHECK_FALSE(is_finite(std::bit_cast<float>(bits)));
    for (const std::uint64_t bits :
         {0x7FF0000000000000u, 0xFFF0000000000000u, 0x7FF0000000000001u, 0x7FF8000000000000u})
        CHECK_FALSE(is_finite(std::bit_cast<double>(bits)));
    static_assert(is_finite(1.0) && !is_finite(std::numeric_limits<float>::infinity()));
}

TEST_CASE("bits do not depend on the program's rounding mode and flushing to zero") {
    std::vector<std::vector<float>> delta{ferret_test::simple_update(20'000, 1),
                                          ferret_test::simple_update(300, 2)};
    // So small that products and sums are subnormal.
    for (std::vector<float>& tensor : delta)
        for (float& value : tensor) value = std::ldexp(value, -130);
    for (const ferret::Basis& basis : ferret::all_bases) {
        CAPTURE(ferret::basis_name(basis));
        const Results expected = compute(basis, delta);
        flush_to_zero();
        const Results flushed = compute(basis, delta);
        const bool still_flushed = is_flushed();
        restore_defaults();
        round_upwards();
        const Results rounded_upwards = compute(basis, delta);
        const int still_rounded = std::fegetround();
        restore_defaults();
        CHECK(flushed == expected);
        CHECK(still_flushed);
        CHECK(rounded_upwards == expected);
        CHECK(still_rounded == FE_UPWARD);
    }
}

TEST_CASE("the program's exception flags stay as they were") {
    const auto layout = ferret::Layout::per_tensor({300});
    std::feclearexcept(FE_ALL_EXCEPT);
    std::feraiseexcept(FE_DIVBYZERO);
    const Sketch sketch = ferret::Projector{layout, ferret::Gaussian{}, ferret::Uniform{40}}(
        ferret_test::simple_update(300), Seed{42, 7});
    CHECK(sketch.coordinates.size() == 40);
    CHECK(std::fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO);
    std::feclearexcept(FE_ALL_EXCEPT);
}
