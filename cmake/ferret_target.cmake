# The header-only library. Its users inherit include folders and OpenMP, and no other flag.
include(GNUInstallDirs)

add_library(ferret INTERFACE)
add_library(ferret::ferret ALIAS ferret)
target_compile_features(ferret INTERFACE cxx_std_20)
target_include_directories(
  ferret INTERFACE $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

if(FERRET_OPENMP)
  find_package(OpenMP QUIET COMPONENTS CXX)
endif()
if(OpenMP_CXX_FOUND)
  # The installed package looks for the OpenMP of its consumer's compiler: ferretConfig.cmake.in.
  target_link_libraries(ferret INTERFACE $<BUILD_INTERFACE:OpenMP::OpenMP_CXX>)
elseif(FERRET_OPENMP)
  message(STATUS "ferret runs on one thread: no OpenMP was found for the C++ compiler")
endif()

# The same headers with their bodies compiled once, in a static library: what most of a program's
# compile time goes to is then not compiled again in each of its sources.
add_library(ferret_compiled STATIC compiled/ferret.cpp)
add_library(ferret::compiled ALIAS ferret_compiled)
set_target_properties(ferret_compiled PROPERTIES EXPORT_NAME compiled POSITION_INDEPENDENT_CODE ON)
if(NOT PROJECT_IS_TOP_LEVEL)
  set_target_properties(ferret_compiled PROPERTIES EXCLUDE_FROM_ALL ON) # built where it is linked to
endif()
target_link_libraries(ferret_compiled PUBLIC ferret)
target_compile_definitions(ferret_compiled PUBLIC FERRET_COMPILED)
