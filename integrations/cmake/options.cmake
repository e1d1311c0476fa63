# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# The options of meson_options.txt as cache variables.
option(FMEMP_INSTALL "install fmemp with the project that contains it" OFF)

function(fmemp_one_of name)
  set_property(CACHE ${name} PROPERTY STRINGS ${ARGN})
  if(NOT "${${name}}" IN_LIST ARGN)
    message(FATAL_ERROR "${name}=${${name}}: must be one of ${ARGN}")
  endif()
endfunction()

function(fmemp_number name least most)
  if(NOT "${${name}}" MATCHES "^[0-9]+$" OR ${name} LESS least OR ${name} GREATER most)
    message(FATAL_ERROR "${name}=${${name}}: must be a number from ${least} to ${most}")
  endif()
endfunction()

# generated: cmake_options
set(FMEMP_PRESET "default" CACHE STRING
    "default: fast on average; bound: the shortest worst case and the smallest code, as \
pending=false")
fmemp_one_of(FMEMP_PRESET default bound)
set(FMEMP_BLOCK_LAYOUT "compact" CACHE STRING
    "compact: 32-bit headers, links that reach 8 GiB; wide: pointers, any address, 4 bytes more a \
block on 64-bit machines")
fmemp_one_of(FMEMP_BLOCK_LAYOUT compact wide)
set(FMEMP_GRANULE "8" CACHE STRING
    "4..64 bytes, default 8: alignment and unit of every block; rounding wastes half of it a \
block on average")
fmemp_one_of(FMEMP_GRANULE 4 8 16 32 64)
set(FMEMP_SL_BITS "4" CACHE STRING
    "3..5, default 4: 2^n size classes per power of two; one more halves the rounding and doubles \
the list heads")
fmemp_number(FMEMP_SL_BITS 3 5)
set(FMEMP_LOOK_AHEAD "1" CACHE STRING
    "1..4, default 1: a request tries that many blocks of the class below before it fails; some \
ten instructions each")
fmemp_number(FMEMP_LOOK_AHEAD 1 4)
set(FMEMP_PENDING "ON" CACHE BOOL
    "default true: the free block that was produced last stays out of the lists, unless the \
preset is bound; false: a fifth fewer instructions in the worst case, a sixth more time on \
average")
set(FMEMP_ROUND_TO_CLASS "OFF" CACHE BOOL
    "default false: true rounds every block up to its size class, against requests that leave \
holes which miss the next one; some ten instructions a call, up to a sixteenth of a block; not \
with hardening 3")
set(FMEMP_HARDENING "1" CACHE STRING
    "0..3, default 1: 0 checks nothing; 1 finds misuse, some hundred instructions in free and \
realloc; 2 also finds corrupted sizes and links before a call uses them; 3 also finds stray \
writes by fill patterns and guards, in time linear in a block")
fmemp_number(FMEMP_HARDENING 0 3)
set(FMEMP_STATISTICS "ON" CACHE BOOL
    "default true: keeps used and peak bytes and counts calls; some eight instructions a call")
set(FMEMP_ASSERTIONS "OFF" CACHE BOOL
    "default false: true stops the program when the library breaks one of its own preconditions; \
for tests")
set(FMEMP_TYPED_HANDLES "OFF" CACHE BOOL
    "default false: tlsf_t and pool_t are void pointers, as in other TLSFs; true: the compiler \
tells them apart; costs nothing")
set(FMEMP_MEMORY_CHECKER "none" CACHE STRING
    "default none: the tool that reports stray accesses to a heap. address_sanitizer: with \
b_sanitize=address; valgrind: needs its headers; both for tests on hosts")
fmemp_one_of(FMEMP_MEMORY_CHECKER none address_sanitizer valgrind)
set(FMEMP_TRACE "none" CACHE STRING
    "default none: the sink of events, a folder of ports/trace. ring: some 25 instructions an \
event; alarm: some 110, needs statistics; freertos and systemview need the headers of that name")
fmemp_one_of(FMEMP_TRACE none ring alarm freertos systemview)
set(FMEMP_BITS "auto" CACHE STRING
    "bit operations. auto: by the compiler; a folder of arch/; or the path of your own header \
file. generic costs some twenty to thirty instructions a call")
set(FMEMP_SYMBOL_PREFIX "" CACHE STRING
    "default none: put before the linker name of every public symbol; costs nothing")
set(FMEMP_LOCK "none" CACHE STRING
    "lock of FMemp, default none; pthread and freertos cost one lock and unlock a call; \
interrupts: masks them, on one core that is an Arm or RISC-V; custom: your program defines \
FMempLock and FMempUnlock")
fmemp_one_of(FMEMP_LOCK none pthread freertos interrupts custom)
set(FMEMP_LOCK_BASEPRI "0" CACHE STRING
    "0..255, default 0: with lock=interrupts on a Cortex-M3 and above, the value for BASEPRI; \
more urgent interrupts then stay open, and must not use FMemp. 0: PRIMASK; one instruction more a \
call")
fmemp_number(FMEMP_LOCK_BASEPRI 0 255)
set(FMEMP_TAG_DEBUG "OFF" CACHE BOOL
    "default false: the FMEMP_ macros record file and line of every live block; costs memory and \
time for each")
set(FMEMP_DIAGNOSIS "ON" CACHE BOOL
    "default true: the default fault hook of FMemp prints the likely culprit and the bytes found; \
some 5 KB of flash on Cortex-M4")
set(FMEMP_CALL_SITES "OFF" CACHE BOOL
    "default false: true records the call site of every live block, without macros; costs 4 bytes \
and a store for each")
set(FMEMP_MALLOC_ALIGN_ZEROES "OFF" CACHE BOOL
    "default false: true makes FMempMallocAlign zero the block, as one SDK of the vendor does; \
one memset a call, outside the lock")
set(FMEMP_HOST_MALLOC "auto" CACHE STRING
    "libfmemp-malloc.so, a malloc for whole programs. auto: on Linux, without sanitizers, and \
when this is no subproject")
fmemp_one_of(FMEMP_HOST_MALLOC auto enabled disabled)
set(FMEMP_BOOLEANS
    FMEMP_PENDING
    FMEMP_ROUND_TO_CLASS
    FMEMP_STATISTICS
    FMEMP_ASSERTIONS
    FMEMP_TYPED_HANDLES
    FMEMP_TAG_DEBUG
    FMEMP_DIAGNOSIS
    FMEMP_CALL_SITES
    FMEMP_MALLOC_ALIGN_ZEROES
)
# end of generated
