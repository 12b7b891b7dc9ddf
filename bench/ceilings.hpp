#pragma once

/// Registers what the hardware allows, to stand beside ferret's kernels in one run: loops that do
/// nothing but the work that no implementation can avoid.
///
///   ceiling/philox_{16,32}_{avx512,avx2}  Philox4x32-10, conversion to floats and a multiply-add,
///                                         over data in the L1 cache; no bookkeeping, no exact order
///   ceiling/random123                     the same, one call of scalar Random123 at a time
///   ceiling/read                          the sum of a large array
///   ceiling/read_write                    an array to which a number is added
void register_ceilings();
