#pragma once

/// What the contract needs of floating-point numbers (docs/reproducibility.md): that the compiler
/// keeps to IEEE 754, that the processor does while ferret computes, and that what is not finite is
/// found.

#include <bit>
#include <cfenv>
#include <cfloat>
#include <cstdint>
#include <limits>

#include "error.hpp"
#include "host_device.hpp"

// g++ says with __GCC_IEC_559 that one of the parts of -ffast-math is on, clang++ with the others;
// _M_FP_FAST is /fp:fast.
#if (defined(__GCC_IEC_559) && __GCC_IEC_559 == 0) || defined(__FAST_MATH__) ||                 \
    (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) || defined(__ASSOCIATIVE_MATH__) || \
    defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__) || defined(_M_FP_FAST)
#error \
    "ferret: expected IEEE arithmetic, got -ffast-math, -Ofast, a part of them or -fsingle-precision-constant, under which bases and sums are not everybody else's; compile the sources that include ferret without, or with -fno-fast-math after it"
#elif FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error \
    "ferret: expected float arithmetic that rounds to float, got more precision; on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

namespace ferret {

/// Whether a number is neither infinite nor a nan. It looks at the bits, which no flag lets a compiler
/// think away.
FERRET_HOST_DEVICE constexpr bool is_finite(float value) {
    constexpr std::uint32_t exponent = 0x7F800000u;
    return (std::bit_cast<std::uint32_t>(value) & exponent) != exponent;
}
FERRET_HOST_DEVICE constexpr bool is_finite(double value) {
    constexpr std::uint64_t exponent = 0x7FF0000000000000u;
    return (std::bit_cast<std::uint64_t>(value) & exponent) != exponent;
}

/// IEEE arithmetic on the calling thread for as long as the object lives: rounding to nearest even,
/// nothing flushed to zero, no traps. Programs change these, some by being linked with -ffast-math.
/// The thread's own settings and exception flags come back at the end.
/// Cost:   saving and setting a few registers, well under a microsecond
class IeeeArithmetic {
public:
    /// Throws: Unsupported if the program was compiled with a part of -ffast-math, of all of which
    ///         clang++ before 17 does not tell the preprocessor
    IeeeArithmetic() {
        std::fegetenv(&callers_);
        std::fesetenv(FE_DFL_ENV);
        if (is_compiled_as_written()) return;
        std::fesetenv(&callers_);
        throw Unsupported(
            "floating point: expected IEEE arithmetic, got a program compiled with a part of "
            "-ffast-math, such as -fassociative-math or -fno-signed-zeros");
    }
    ~IeeeArithmetic() { std::fesetenv(&callers_); }
    IeeeArithmetic(const IeeeArithmetic&) = delete;
    IeeeArithmetic& operator=(const IeeeArithmetic&) = delete;

private:
    static bool is_compiled_as_written() {
        // Volatile, so that the compiler does not know the numbers.
        const volatile float numbers[] = {0x1p30f, 1.0f, 5.0f, -0.0f,
                                          std::numeric_limits<float>::quiet_NaN()};
        const float large = numbers[0];
        const float sum = large + numbers[1];
        const float nan = numbers[4];
        return sum - large == 0.0f && numbers[2] / 3.0f == 0x1.aaaaaap+0f &&
               std::bit_cast<std::uint32_t>(numbers[3] + 0.0f) == 0 && nan != nan;
    }

    std::fenv_t callers_;
};

}  // namespace ferret
