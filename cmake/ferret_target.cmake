# The header-only library. Its users inherit include folders and OpenMP, and no other flag.
include(GNUInstallDirs)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(Random123 REQUIRED)

add_library(ferret INTERFACE)
add_library(ferret::ferret ALIAS ferret)
target_compile_features(ferret INTERFACE cxx_std_20)
target_include_directories(
  ferret INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(ferret INTERFACE Eigen3::Eigen Random123::Random123)

if(FERRET_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
endif()
if(OpenMP_CXX_FOUND)
  # The installed package looks for the OpenMP of its consumer's compiler: ferretConfig.cmake.in.
  target_link_libraries(ferret INTERFACE $<BUILD_INTERFACE:OpenMP::OpenMP_CXX>)
elseif(FERRET_OPENMP)
  message(STATUS "ferret runs on one thread: no OpenMP was found for the C++ compiler")
endif()
