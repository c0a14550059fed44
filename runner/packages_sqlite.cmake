# The archives, so that a program carries them with it.
find_library(SQLITECPP_ARCHIVE NAMES libSQLiteCpp.a SQLiteCpp REQUIRED)
find_library(SQLITE3_ARCHIVE NAMES libsqlite3.a sqlite3 REQUIRED)
if(NOT TARGET sqlite3_archives)
  add_library(sqlite3_archives INTERFACE IMPORTED)
  target_link_libraries(sqlite3_archives INTERFACE ${SQLITECPP_ARCHIVE} ${SQLITE3_ARCHIVE}
    Threads::Threads ${CMAKE_DL_LIBS} m)
endif()
