# What `cmake --install` leaves: headers, libraries, the program, and the package that find_package(convscope) finds.
include(CMakePackageConfigHelpers)

# One file of targets a component, so that a user of one needs the dependencies of that one alone.
foreach(component IN LISTS CONVSCOPE_COMPONENTS)
  install(TARGETS convscope_${component} EXPORT convscope_${component}_targets)
  install(EXPORT convscope_${component}_targets NAMESPACE convscope::
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/convscope)
endforeach()

foreach(floor IN LISTS CONVSCOPE_FLOORS)
  install(DIRECTORY convscope/${floor} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/convscope
    FILES_MATCHING PATTERN "*.h" PATTERN "*-inl.h" EXCLUDE PATTERN "internal" EXCLUDE)
endforeach()

configure_package_config_file(cmake/convscopeConfig.cmake.in convscopeConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/convscope)
write_basic_package_version_file(convscopeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/convscopeConfig.cmake ${PROJECT_BINARY_DIR}/convscopeConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/convscope)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(CONVSCOPE_MEDIA)
  install(DIRECTORY data/ DESTINATION ${CMAKE_INSTALL_DATADIR}/convscope)
endif()
