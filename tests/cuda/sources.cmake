# The GPU backend's tests, for nvcc and, in host/, for the other device systems of Thrust.
set(ferret_cuda_test_sources all_tests.cu main.cu)
