find_package(PkgConfig REQUIRED)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
find_package(nlohmann_json REQUIRED)

# libpg_query ships neither a pkg-config file nor a CMake package. The archive goes into the programs.
find_library(PG_QUERY_ARCHIVE NAMES libpg_query.a pg_query REQUIRED)
find_path(PG_QUERY_INCLUDE pg_query.h REQUIRED)
if(NOT TARGET pg_query)
  add_library(pg_query UNKNOWN IMPORTED)
  set_target_properties(pg_query PROPERTIES IMPORTED_LOCATION ${PG_QUERY_ARCHIVE}
    INTERFACE_INCLUDE_DIRECTORIES ${PG_QUERY_INCLUDE}
    # It holds a piece of the server, of which libpq must not find anything.
    INTERFACE_LINK_OPTIONS -Wl,--exclude-libs,libpg_query.a)
endif()
