#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include "../../basis/basis.hpp"
#include "../../rng/seed.hpp"
#include "../../rng/word_order.hpp"
#include "../../tensor/dtype.hpp"
#include "instruction_set.hpp"
#include "kernels.hpp"
#include "make_kernels.hpp"

#ifdef __clang__
#define FERRET_UNROLL _Pragma("clang loop unroll(full)")
#else
#define FERRET_UNROLL _Pragma("GCC unroll 16")
#endif

#ifdef __CUDACC__
// nvcc hands the host compiler's pragmas on to it, but tells of them.
#pragma nv_diagnostic push
#pragma nv_diag_suppress 1675
#endif
#if defined(__x86_64__) && defined(__GNUC__)
#include "simd/avx2.hpp"
#include "simd/avx512.hpp"
#include "simd/sse2.hpp"
#elif defined(__aarch64__) && defined(__GNUC__)
#include "simd/neon.hpp"
#endif
#include "simd/portable.hpp"

#undef FERRET_UNROLL
#ifdef __CUDACC__
#pragma nv_diagnostic pop
#endif

namespace ferret::cpu {

/// Calls `visitor` with the Loops of an instruction set.
/// Throws: Unsupported if this processor does not have the instruction set
template <class Visitor>
decltype(auto) with_loops(InstructionSet set, const Visitor& visitor) {
    check_supported(set);
#if defined(__x86_64__) && defined(__GNUC__)
    if (set == InstructionSet::avx512) return visitor(avx512::Loops{});
    if (set == InstructionSet::avx2) return visitor(avx2::Loops{});
    return visitor(sse2::Loops{});
#elif defined(__aarch64__) && defined(__GNUC__)
    if (set == InstructionSet::neon) return visitor(neon::Loops{});
#endif
    return visitor(portable::Loops{});
}

/// The tables of an instruction set.
/// Throws: Unsupported if this processor does not have the instruction set
inline const Kernels& kernels_of(InstructionSet set) {
    return with_loops(set, []<class Loops>(Loops) -> const Kernels& { return kernels<Loops>; });
}
inline const FingerprintKernels& fingerprint_kernels_of(InstructionSet set) {
    return with_loops(set, []<class Loops>(Loops) -> const FingerprintKernels& {
        return fingerprint_kernels<Loops>;
    });
}
inline const FewBitsKernels& few_bits_kernels_of(InstructionSet set) {
    return with_loops(
        set, []<class Loops>(Loops) -> const FewBitsKernels& { return few_bits_kernels<Loops>; });
}

}  // namespace ferret::cpu
