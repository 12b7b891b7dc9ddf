#pragma once

/// Marks a function that runs on the host and, where nvcc compiles it, on a GPU too.
#ifdef __CUDACC__
#define FERRET_HOST_DEVICE __host__ __device__
#else
#define FERRET_HOST_DEVICE
#endif
