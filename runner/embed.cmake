# A folder of migrations compiled into a program, which so ships with its schema:
#
#   gauntlet_embed(<target> NAME orders_migrations FOLDER migrations/orders)
#
# gives <target> the header "orders_migrations.h", and in it
#
#   std::span<const gauntlet::runner::EmbeddedFile> orders_migrations();
#
# for gauntlet::runner::read_embedded. NAME is a C++ identifier. Every file directly in FOLDER goes
# in whose name begins with a digit or speaks of SQL, so that a file which is almost a migration is
# reported from the program as it is from the folder. The next build notices a file that was
# changed, added or removed.

# Run as a script it is the generator: cmake -DNAME= -DFOLDER= -DOUTPUT= -P embed.cmake
if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(GLOB files LIST_DIRECTORIES false "${FOLDER}/[0-9]*" "${FOLDER}/*[sS][qQ][lL]*")
  list(REMOVE_DUPLICATES files)
  list(SORT files COMPARE NATURAL)
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" bytes HEX)
    file(SIZE "${file}" size)
    string(HEX "${name}" name_bytes)
    string(LENGTH "${name_bytes}" name_size)
    math(EXPR name_size "${name_size} / 2")
    # Escapes in a string literal: a compiler reads megabytes of them in a second.
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" name_bytes "${name_bytes}")
    string(APPEND entries
      "    {{\"${name_bytes}\", ${name_size}}, {\"${bytes}\", ${size}}},\n")
  endforeach()
  list(LENGTH files count)
  file(WRITE "${OUTPUT}" "// Written by embed.cmake from ${FOLDER}.
#include \"${NAME}.h\"

#include <array>

std::span<const gauntlet::runner::EmbeddedFile> ${NAME}() {
  static constexpr std::array<gauntlet::runner::EmbeddedFile, ${count}> files{{
${entries}  }};
  return files;
}
")
  return()
endif()

function(gauntlet_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 EMBED "" "NAME;FOLDER" "")
  set(usage "gauntlet_embed(<target> NAME <identifier> FOLDER <folder>)")
  if(EMBED_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gauntlet_embed: '${EMBED_UNPARSED_ARGUMENTS}' has no keyword: ${usage}")
  endif()
  if("${EMBED_NAME}" STREQUAL "" OR "${EMBED_FOLDER}" STREQUAL "")
    message(FATAL_ERROR "gauntlet_embed: NAME and FOLDER must both be given: ${usage}")
  endif()
  get_filename_component(folder "${EMBED_FOLDER}" ABSOLUTE)
  if(NOT "${EMBED_NAME}" MATCHES "^[A-Za-z_][A-Za-z0-9_]*$")
    message(FATAL_ERROR "gauntlet_embed: NAME must be a C++ identifier, not '${EMBED_NAME}'")
  endif()
  if(NOT IS_DIRECTORY "${folder}")
    message(FATAL_ERROR "gauntlet_embed: there is no folder ${folder}")
  endif()
  file(GLOB files CONFIGURE_DEPENDS LIST_DIRECTORIES false
    "${folder}/[0-9]*" "${folder}/*[sS][qQ][lL]*")
  foreach(file IN LISTS files)
    # CMake itself loses track of such names, and would configure without end.
    if(file MATCHES "[\"\\$]" OR NOT EXISTS "${file}")
      message(FATAL_ERROR "gauntlet_embed: a file name in ${folder} holds one of \" \\ $ ;")
    endif()
  endforeach()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded/${target}")
  file(CONFIGURE OUTPUT "${output}/${EMBED_NAME}.h" @ONLY CONTENT "// Written by embed.cmake.
#pragma once

#include <span>

#include \"runner/source/embedded.h\"

std::span<const gauntlet::runner::EmbeddedFile> @EMBED_NAME@();
")
  # The list of names is a dependency too: a file that was removed changes nothing else.
  file(CONFIGURE OUTPUT "${output}/${EMBED_NAME}.list" @ONLY CONTENT "@files@\n")
  add_custom_command(
    OUTPUT "${output}/${EMBED_NAME}.cpp"
    COMMAND ${CMAKE_COMMAND} "-DNAME=${EMBED_NAME}" "-DFOLDER=${folder}"
            "-DOUTPUT=${output}/${EMBED_NAME}.cpp" -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
    DEPENDS ${files} "${output}/${EMBED_NAME}.list" "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
    COMMENT "Embedding ${folder}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}/${EMBED_NAME}.cpp")
  target_include_directories(${target} PRIVATE "${output}")
endfunction()
