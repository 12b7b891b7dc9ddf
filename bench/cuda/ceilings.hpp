#pragma once

/// Registers what the GPU allows, to stand beside ferret's kernels in one run: kernels that do
/// nothing but the work that no implementation can avoid, and what a library at hand makes of it.
///
///   ceiling/philox_{16,32}  Philox4x32-10, conversion to floats and a multiply-add, all in
///                           registers; no memory, no bookkeeping, no exact order
///   ceiling/copy            a device-to-device copy of 2^28 floats: bytes read and bytes written
///   ceiling/read            the sum of 2^28 floats
///   curand/project          2^28 floats times 64 bases of cuRAND's Philox device API
void register_cuda_ceilings();
