# What only ferret's own tests, benchmarks and examples are built with.
find_package(Eigen3 3.4 REQUIRED NO_MODULE) # for interop/eigen.hpp
find_package(Random123 REQUIRED)

add_library(ferret_warnings INTERFACE)
target_compile_options(
  ferret_warnings
  INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wconversion>"
            "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>")
if(FERRET_WARNINGS_AS_ERRORS)
  target_compile_options(
    ferret_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Werror>"
                               "$<$<COMPILE_LANGUAGE:CUDA>:--Werror=all-warnings>")
endif()

target_link_libraries(ferret_compiled PRIVATE $<BUILD_INTERFACE:ferret_warnings>)

add_library(ferret_developer INTERFACE)
target_link_libraries(ferret_developer INTERFACE ferret::compiled ferret_warnings Eigen3::Eigen
                                                 Random123::Random123)

# A LibTorch with CUDA looks for the toolkit, and does without only where this target stands for it.
if(NOT FERRET_CUDA AND NOT TARGET torch::cudart)
  add_library(torch::cudart INTERFACE IMPORTED)
endif()

# Whether this compiler reads the LibTorch that was found; where not, says that `what` is skipped.
function(ferret_check_torch what usable)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND Torch_VERSION VERSION_LESS 2)
    message(STATUS "${what} is skipped: clang cannot read the headers of LibTorch ${Torch_VERSION} as"
                   " C++20; LibTorch 2 or g++ will do")
    set(${usable} FALSE PARENT_SCOPE)
  else()
    set(${usable} TRUE PARENT_SCOPE)
  endif()
endfunction()
