# What only ferret's own tests, benchmarks and examples are built with.
add_library(ferret_developer INTERFACE)
target_link_libraries(ferret_developer INTERFACE ferret::ferret)
target_compile_options(ferret_developer INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(FERRET_WARNINGS_AS_ERRORS)
  target_compile_options(ferret_developer INTERFACE -Werror)
endif()
