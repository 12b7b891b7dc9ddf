#pragma once

/// ferret on a GPU: Projector and Reconstructor with the backend `ferret::Cuda`, over device memory, and
/// few bits of coordinates in it.
/// Nothing else includes this. Compile it with nvcc; or with any compiler for Thrust's OpenMP or C++
/// device system, where the same kernels run on the processor.

#include "../interop/thrust.hpp"
#include "../projector.hpp"
#include "../reconstructor.hpp"
// With ferret::compiled too: its library has these for the processor alone.
#include "../projector.inl"
#include "../reconstructor.inl"
#include "cuda/few_bits.cuh"
#include "cuda/operations.cuh"
