# `cmake --install build --component library`: the library, its public headers and what
# find_package(gauntlet) reads. `--component programs`: what is run.
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/gauntlet)

# What find_package(gauntlet COMPONENTS …) loads: each engine's part needs that engine's packages.
set(parts_base runner_sql runner_values runner_source runner_tracker runner_turn runner_apply runner_run)
set(parts_postgres runner_sql_postgres runner_postgres postgres)
set(parts_sqlite runner_sql_sqlite runner_sqlite sqlite)
set(parts_runner runner)
foreach(component IN ITEMS base postgres sqlite runner)
  foreach(part IN LISTS parts_${component})
    add_library(gauntlet::${part} ALIAS gauntlet_${part})
    set_target_properties(gauntlet_${part} PROPERTIES EXPORT_NAME ${part})
    target_include_directories(gauntlet_${part} INTERFACE
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/gauntlet>)
    install(TARGETS gauntlet_${part} EXPORT gauntlet-${component}-targets
      ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
  endforeach()
  install(EXPORT gauntlet-${component}-targets NAMESPACE gauntlet:: DESTINATION ${package_folder}
    COMPONENT library)
endforeach()
# The others are how it is made, and may change with any commit.
foreach(header IN ITEMS add_column.h apply.h connect.h inspect.h postgres.h read_only.h repair.h
    sqlite.h source/embedded.h source/source.h sql/outside_statement.h sql/statement.h values/delivery.h values/direction.h
    values/engine.h values/error.h values/lock_mode.h values/message.h values/migration.h values/plan.h values/run.h
    values/session.h values/sql_dialect.h)
  get_filename_component(room ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gauntlet/runner/${room} COMPONENT library)
endforeach()
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/gauntlet-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES gauntlet-config.cmake packages.cmake packages_postgres.cmake packages_sqlite.cmake
    embed.cmake ${CMAKE_CURRENT_BINARY_DIR}/gauntlet-config-version.cmake
  DESTINATION ${package_folder} COMPONENT library)
