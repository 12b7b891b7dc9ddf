// The loops of one instruction set. Included once by the header of each, which has defined
// FERRET_SIMD_NAMESPACE, FERRET_TARGET, FERRET_INLINE and the class `Simd` of that namespace; and
// FERRET_SIMD_PLAIN_FEW_BITS where it takes FewBitsLoops of plain C++.

// Each needs those before it.
// clang-format off
#include "philox_lanes.inl"
#include "raw_rows.inl"
#include "dense_loops.inl"
#include "memory_loops.inl"
#include "sparse_loops.inl"
#include "fingerprint_loops.inl"
#ifndef FERRET_SIMD_PLAIN_FEW_BITS
#include "few_bits_loops.inl"
#endif
// clang-format on

namespace ferret::cpu::FERRET_SIMD_NAMESPACE {

/// What make_kernels.hpp fills its tables with.
struct Loops : WordLoops, DenseLoops, SparseLoops, MemoryLoops, FingerprintLoops, FewBitsLoops {};

}  // namespace ferret::cpu::FERRET_SIMD_NAMESPACE
