#pragma once

/// ferret on a GPU: Projector and Reconstructor with the backend `ferret::Cuda`, over device memory.
/// Nothing else includes this. Compile it with nvcc; or with any compiler for Thrust's OpenMP or C++
/// device system, where the same kernels run on the processor.

#include "../interop/thrust.hpp"
#include "../projector.hpp"
#include "../reconstructor.hpp"
#include "cuda/operations.cuh"
