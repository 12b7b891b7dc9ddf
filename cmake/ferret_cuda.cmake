# ferret::cuda: ferret::ferret with what its GPU backend needs. The source tree and the installed
# package both read this.
add_library(ferret_cuda INTERFACE)
add_library(ferret::cuda ALIAS ferret_cuda)
if("cuda_std_20" IN_LIST CMAKE_CUDA_COMPILE_FEATURES)
  target_compile_features(ferret_cuda INTERFACE cuda_std_20)
else() # CMake before 3.26 does not know that nvcc has it
  target_compile_options(ferret_cuda INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20>")
endif()
# The runtime itself comes with nvcc's linking, static or shared as CUDA_RUNTIME_LIBRARY says.
target_link_libraries(ferret_cuda INTERFACE ferret::ferret CUDA::toolkit)
# CUDA 13 keeps Thrust in a folder of its own, which nvcc knows and other compilers do not.
foreach(folder IN LISTS CUDAToolkit_INCLUDE_DIRS)
  if(EXISTS "${folder}/cccl")
    target_include_directories(ferret_cuda SYSTEM INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${folder}/cccl>")
  endif()
endforeach()
# Kernels call constexpr functions of the standard library, such as std::array's.
target_compile_options(ferret_cuda
                       INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>")
# ferret::ferret asks for OpenMP in C++ alone. Sources of both languages share its CPU backend only if
# they agree on it, for which nvcc's host compiler must know the other's flags.
get_target_property(ferret_libraries ferret::ferret INTERFACE_LINK_LIBRARIES)
if(ferret_libraries MATCHES "OpenMP::OpenMP_CXX")
  string(REPLACE " " "," ferret_openmp_flags "${OpenMP_CXX_FLAGS}")
  if(CMAKE_CUDA_COMPILER)
    include(CheckCompilerFlag)
    check_compiler_flag(CUDA "-Xcompiler=${ferret_openmp_flags}" ferret_cuda_host_has_openmp)
  endif()
  if(ferret_cuda_host_has_openmp)
    target_compile_options(
      ferret_cuda INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=${ferret_openmp_flags}>")
  endif()
endif()
