# What the tests of the examples have in common.

# An MPI that will be run by whoever the tests are run by, with more processes than processors.
set(mpi_environment
    "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMPI_MCA_rmaps_base_oversubscribe=1")

# Compiles the target as a test of the examples.
function(use_example_tests target)
  target_link_libraries(${target} PRIVATE doctest::doctest)
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  target_compile_definitions(
    ${target} PRIVATE FERRET_SHARED_DIR="${FERRET_SHARED_DIR}"
                      EXAMPLE_TEST_SOURCES="${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
endfunction()

# The tests of the program's suite "shared", which read FERRET_SHARED_DIR and count as skipped without
# it.
function(add_shared_tests program)
  add_test(NAME ${program}_shared COMMAND ${program} --test-suite=shared)
  set_tests_properties(${program}_shared PROPERTIES SKIP_RETURN_CODE 77)
endfunction()
