# ferret's projections over LibTorch tensors, on GPUs too where CUDA is here and in LibTorch.
include_guard(GLOBAL)

# Needs no LibTorch, so that it is compiled wherever nvcc is.
if(TARGET ferret::cuda)
  add_library(federated_device STATIC
              "${CMAKE_CURRENT_LIST_DIR}/projection/device_projection.cu")
  target_include_directories(federated_device PUBLIC "${CMAKE_CURRENT_LIST_DIR}/..")
  target_link_libraries(federated_device PUBLIC ferret::cuda PRIVATE ferret_developer)
endif()

# Adds the sources of projection/ to the library `target`, which links LibTorch.
function(federated_add_projection target)
  set(projection "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/projection")
  # The library's kernels, for which the precompiled headers are not meant.
  set_property(
    SOURCE ${projection}/model_fingerprint.cpp ${projection}/projection.cpp
    PROPERTY COMPILE_OPTIONS "$<$<CONFIG:Release,RelWithDebInfo>:-O3>")
  set_property(SOURCE ${projection}/model_fingerprint.cpp ${projection}/projection.cpp
               PROPERTY SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE ${projection}/model_fingerprint.cpp
                                   ${projection}/projection.cpp
                                   ${projection}/sharded_projection.cpp)
  if(TARGET federated_device AND TARGET torch_cuda)
    target_sources(${target} PRIVATE ${projection}/gpu_projection.cpp)
    target_link_libraries(${target} PUBLIC federated_device ${TORCH_LIBRARIES})
    # LibTorch brings the shared CUDA runtime; one is enough.
    set_target_properties(federated_device PROPERTIES CUDA_RUNTIME_LIBRARY Shared)
    target_link_libraries(${target} PUBLIC CUDA::cudart)
    # Both sides see std::string, of which LibTorch may be built with the older form.
    target_compile_options(federated_device PRIVATE ${TORCH_CXX_FLAGS})
  else()
    message(STATUS "${target} runs on the CPU only: CUDA is missing here, or in LibTorch")
    target_sources(${target} PRIVATE ${projection}/no_gpu_projection.cpp)
  endif()
endfunction()
