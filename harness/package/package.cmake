# Packages: what `make package` makes of the component `programs`. Included by the top CMakeLists.txt.
# Every program is installed; the libraries that other releases of Debian do not have lie beside them.
set(programs gauntlet gauntlet-keeper gauntlet-bare gauntlet-mutant)
# gauntlet-keeper is linked statically. DT_RPATH and not DT_RUNPATH: it counts for the libraries of
# libraries, too.
foreach(program IN ITEMS gauntlet gauntlet-bare gauntlet-mutant gauntlet-migrate)
  set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/gauntlet")
  target_link_options(${program} PRIVATE -Wl,--disable-new-dtags)
endforeach()
install(TARGETS ${programs} RUNTIME COMPONENT programs)
install(DIRECTORY ${CMAKE_BINARY_DIR}/package/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
  COMPONENT programs OPTIONAL)
install(DIRECTORY ${CMAKE_BINARY_DIR}/package/lib/ DESTINATION lib/gauntlet COMPONENT programs OPTIONAL)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gauntlet)
set(CPACK_PACKAGE_VENDOR Gauntlet)
set(CPACK_PACKAGE_CONTACT "Gauntlet <gauntlet@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};gauntlet;programs;/")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR}/package/lib)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS postgresql)
include(CPack)
