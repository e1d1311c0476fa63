# SPDX-License-Identifier: BSD-3-Clause
# libfmemp-malloc.so, a malloc for whole programs: on Linux, without sanitizers, and not within
# another project, as Meson does it. It has a copy of the core of its own, hidden. Packages of the
# library alone come without its sources.
if(NOT PROJECT_IS_TOP_LEVEL OR NOT EXISTS "${FMEMP_ROOT}/integrations/host_malloc" OR
   NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR
   NOT FMEMP_MEMORY_CHECKER STREQUAL "none" OR CMAKE_C_FLAGS MATCHES "-fsanitize=")
  return()
endif()
option(FMEMP_HOST_MALLOC "libfmemp-malloc.so, a malloc for whole programs" ON)
if(NOT FMEMP_HOST_MALLOC)
  return()
endif()
find_package(Threads REQUIRED)
file(GLOB sources CONFIGURE_DEPENDS "${FMEMP_ROOT}/integrations/host_malloc/*.c"
     "${FMEMP_ROOT}/lib/core/*.c")
add_library(fmemp-malloc SHARED ${sources})
target_include_directories(fmemp-malloc PRIVATE "${FMEMP_ROOT}/include")
target_compile_definitions(fmemp-malloc PRIVATE TLSF_GRANULE=16 TLSF_PREFIX=fmemp_malloc_
                           TLSF_HARDENING=${FMEMP_HARDENING})
target_link_libraries(fmemp-malloc PRIVATE Threads::Threads -Wl,-z,initfirst)
set_target_properties(fmemp-malloc PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
                      C_VISIBILITY_PRESET hidden)
install(TARGETS fmemp-malloc LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
