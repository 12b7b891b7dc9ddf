# ferret::secure: ferret::ferret with libsodium, where that is found; it brings no CMake package of its own.
# The source tree and the installed package both read this.
find_path(Sodium_INCLUDE_DIR sodium.h)
find_library(Sodium_LIBRARY sodium)
mark_as_advanced(Sodium_INCLUDE_DIR Sodium_LIBRARY)
if(Sodium_INCLUDE_DIR AND Sodium_LIBRARY)
  add_library(ferret_secure INTERFACE)
  add_library(ferret::secure ALIAS ferret_secure)
  target_include_directories(ferret_secure SYSTEM INTERFACE "${Sodium_INCLUDE_DIR}")
  target_link_libraries(ferret_secure INTERFACE ferret::ferret "${Sodium_LIBRARY}")
endif()
