# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

install(TARGETS schannel schannel_static EXPORT schannelTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/schannel
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT schannelTargets NAMESPACE schannel::
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/schannel)

configure_package_config_file(cmake/schannelConfig.cmake.in schannelConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/schannel)
write_basic_package_version_file(schannelConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/schannelConfig.cmake
    ${PROJECT_BINARY_DIR}/schannelConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/schannel)

# Relative to its own place, so that a tree installed below another prefix still describes itself.
file(RELATIVE_PATH SCHANNEL_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/schannel.pc.in schannel.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/schannel.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
