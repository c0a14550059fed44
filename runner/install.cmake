# `cmake --install build --component library`: the library, its public headers and what
# find_package(gauntlet) reads. `--component programs`: what is run.
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/gauntlet)

foreach(part IN ITEMS migration runner)
  add_library(gauntlet::${part} ALIAS gauntlet_${part})
  set_target_properties(gauntlet_${part} PROPERTIES EXPORT_NAME ${part})
  target_include_directories(gauntlet_${part} INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/gauntlet>)
endforeach()
install(TARGETS gauntlet_migration gauntlet_runner EXPORT gauntlet-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT gauntlet-targets NAMESPACE gauntlet:: DESTINATION ${package_folder}
  COMPONENT library)
# The others are how it is made, and may change with any commit.
foreach(header IN ITEMS add_column.h apply.h inspect.h read_only.h repair.h source/embedded.h source/source.h
    values/delivery.h values/direction.h values/engine.h values/error.h values/lock_mode.h values/migration.h values/plan.h
    values/session.h)
  get_filename_component(room ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gauntlet/runner/${room} COMPONENT library)
endforeach()
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/gauntlet-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES gauntlet-config.cmake packages.cmake embed.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/gauntlet-config-version.cmake
  DESTINATION ${package_folder} COMPONENT library)
