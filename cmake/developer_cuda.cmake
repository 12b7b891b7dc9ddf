# The CUDA compiler for ferret's own tests and benchmarks. Where there is none, they do without.
if(NOT CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80 90) # with code that later ones compile themselves; or "native"
endif()
include(CheckLanguage)
check_language(CUDA)
if(CMAKE_CUDA_COMPILER)
  enable_language(CUDA)
else()
  message(STATUS "What runs on GPUs is skipped: there is no CUDA compiler")
endif()
