# find_package(ferret CONFIG) for users of the installed package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(ferret_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ferret")

install(DIRECTORY include/ferret DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS ferret EXPORT ferretTargets)
install(EXPORT ferretTargets NAMESPACE ferret:: DESTINATION "${ferret_package_dir}")
if(PROJECT_IS_TOP_LEVEL)
  install(TARGETS ferret_compiled EXPORT ferretCompiledTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT ferretCompiledTargets NAMESPACE ferret:: DESTINATION "${ferret_package_dir}")
endif()

configure_package_config_file(cmake/ferretConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/ferretConfig.cmake"
                              INSTALL_DESTINATION "${ferret_package_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/ferretConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${CMAKE_CURRENT_BINARY_DIR}/ferretConfig.cmake"
        "${CMAKE_CURRENT_BINARY_DIR}/ferretConfigVersion.cmake" cmake/ferret_cuda.cmake
        cmake/ferret_secure.cmake
  DESTINATION "${ferret_package_dir}")
