# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# Installs the same files as Meson does: libraries, headers, pkg-config files, and what find_package
# reads, which both make from the templates of this folder.
install(TARGETS fmemp fmemp_bounded fmemp_selftest
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
foreach(header IN LISTS FMEMP_HEADERS)
  get_filename_component(folder "${header}" DIRECTORY)
  install(FILES "${FMEMP_ROOT}/include/${header}"
          DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/fmemp/${folder}")
endforeach()

set(version ${PROJECT_VERSION})
set(libdir "${CMAKE_INSTALL_LIBDIR}")
set(includedir "${CMAKE_INSTALL_INCLUDEDIR}")
set(definitions "${caller_definitions}")
set(needs_threads ${FMEMP_NEEDS_THREADS})
set(pointer_bytes ${CMAKE_SIZEOF_VOID_P})
configure_file(fmempConfig.cmake.in fmempConfig.cmake @ONLY)
configure_file(fmempConfigVersion.cmake.in fmempConfigVersion.cmake @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/fmempConfig.cmake"
        "${CMAKE_CURRENT_BINARY_DIR}/fmempConfigVersion.cmake"
        DESTINATION "${libdir}/cmake/fmemp")

file(RELATIVE_PATH up "/${libdir}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" prefix "\${pcfiledir}/${up}")
list(TRANSFORM definitions PREPEND "-D" OUTPUT_VARIABLE flags)
list(JOIN flags " " flags)
function(install_pkg_config name description requires threads)
  configure_file(library.pc.in ${name}.pc @ONLY)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${name}.pc" DESTINATION "${libdir}/pkgconfig")
endfunction()
set(threads "")
if(needs_threads)
  set(threads " -pthread")
endif()
install_pkg_config(fmemp "Real-time memory pools (TLSF)" "" "${threads}")
install_pkg_config(fmemp_bounded "A heap with bounded memory (TLSF)" "fmemp" "")
install_pkg_config(fmemp_selftest "A self-test of the heap (TLSF)" "fmemp" "")
