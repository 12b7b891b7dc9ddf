# The GPU backend's tests, for nvcc and, in host/, for the other device systems of Thrust.
set(ferret_cuda_test_sources errors_test.cu golden_test.cu kernels_test.cu main.cu memory_test.cu
                             parity_test.cu)
