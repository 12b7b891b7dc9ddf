# ferret's projections over LibTorch tensors, on GPUs too where CUDA is here and in LibTorch. Read by
# examples/fed_llm and by bench/fed_round, which is also built without the former.
include_guard(GLOBAL)

# Needs no LibTorch, so that it is compiled wherever nvcc is.
if(TARGET ferret::cuda)
  add_library(fed_llm_device STATIC "${CMAKE_CURRENT_LIST_DIR}/federation/device_projection.cu")
  target_include_directories(fed_llm_device PUBLIC "${CMAKE_CURRENT_LIST_DIR}")
  target_link_libraries(fed_llm_device PUBLIC ferret::cuda PRIVATE ferret_developer)
endif()

# Adds federation/projection.hpp's sources to the library `target`, which links LibTorch.
function(fed_llm_add_projection target)
  set(federation "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/federation")
  target_sources(${target} PRIVATE ${federation}/projection.cpp)
  if(TARGET fed_llm_device AND TARGET torch_cuda)
    target_sources(${target} PRIVATE ${federation}/gpu_projection.cpp)
    target_link_libraries(${target} PUBLIC fed_llm_device ${TORCH_LIBRARIES})
    # LibTorch brings the shared CUDA runtime; one is enough.
    set_target_properties(fed_llm_device PROPERTIES CUDA_RUNTIME_LIBRARY Shared)
    target_link_libraries(${target} PUBLIC CUDA::cudart)
    # Both sides see std::string, of which LibTorch may be built with the older form.
    target_compile_options(fed_llm_device PRIVATE ${TORCH_CXX_FLAGS})
  else()
    message(STATUS "${target} runs on the CPU only: CUDA is missing here, or in LibTorch")
    target_sources(${target} PRIVATE ${federation}/no_gpu_projection.cpp)
  endif()
endfunction()
