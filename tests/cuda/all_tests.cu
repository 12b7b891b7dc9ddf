// All tests in one source: each instantiates the whole backend, which takes nvcc a minute.
#include "errors_test.cu"
#include "few_bits_test.cu"
#include "golden_test.cu"
#include "kernels_test.cu"
#include "memory_test.cu"
#include "parity_test.cu"
#include "protocol_test.cu"
