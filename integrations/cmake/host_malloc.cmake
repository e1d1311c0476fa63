# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# libfmemp-malloc.so: a malloc for whole programs on Linux, as integrations/host_malloc has it.
set(wanted OFF)
if(FMEMP_HOST_MALLOC STREQUAL "enabled")
  set(wanted ON)
elseif(FMEMP_HOST_MALLOC STREQUAL "auto" AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND
       FMEMP_MEMORY_CHECKER STREQUAL "none" AND NOT CMAKE_C_FLAGS MATCHES "-fsanitize")
  set(wanted ON)
endif()
if(wanted)
  find_package(Threads REQUIRED)
  set(sources ${FMEMP_CORE_SOURCES} ${FMEMP_HOST_MALLOC_SOURCES})
  list(TRANSFORM sources PREPEND "${FMEMP_ROOT}/")
  add_library(fmemp-malloc SHARED ${sources})
  target_include_directories(fmemp-malloc PRIVATE "${FMEMP_ROOT}/include" ${bits_include})
  target_compile_definitions(fmemp-malloc PRIVATE TLSF_GRANULE=16 TLSF_PREFIX=fmemp_malloc_
                             TLSF_HARDENING=${FMEMP_HARDENING})
  set_target_properties(fmemp-malloc PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON
                        C_EXTENSIONS OFF C_VISIBILITY_PRESET hidden)
  target_link_options(fmemp-malloc PRIVATE -Wl,-z,initfirst)
  target_link_libraries(fmemp-malloc PRIVATE Threads::Threads)
  install(TARGETS fmemp-malloc LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
