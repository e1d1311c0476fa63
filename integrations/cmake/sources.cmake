# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# The files of the library: sources relative to the tree, headers to include/.
# generated: cmake_list FMEMP_SOURCES core fmemp
set(FMEMP_SOURCES
    lib/core/attach.c
    lib/core/check.c
    lib/core/diagnose.c
    lib/core/dump.c
    lib/core/explain.c
    lib/core/fault.c
    lib/core/move.c
    lib/core/owner.c
    lib/core/plain_names.c
    lib/core/pool.c
    lib/core/print.c
    lib/core/query.c
    lib/core/tlsf.c
    lib/core/walk.c
    lib/core/write.c
    lib/fmemp/fmemory_plain_names.c
    lib/fmemp/fmemory_pool.c
)
# end of generated
# generated: cmake_list FMEMP_BOUNDED_SOURCES bounded
set(FMEMP_BOUNDED_SOURCES
    lib/bounded/bounded_check.c
    lib/bounded/bounded_create.c
    lib/bounded/bounded_plain_names.c
    lib/bounded/tlsf_bounded.c
)
# end of generated
# generated: cmake_list FMEMP_SELFTEST_SOURCES selftest
set(FMEMP_SELFTEST_SOURCES
    lib/selftest/selftest_requirement.c
    lib/selftest/tlsf_selftest.c
)
# end of generated
# generated: cmake_list FMEMP_CORE_SOURCES core
set(FMEMP_CORE_SOURCES
    lib/core/attach.c
    lib/core/check.c
    lib/core/diagnose.c
    lib/core/dump.c
    lib/core/explain.c
    lib/core/fault.c
    lib/core/move.c
    lib/core/owner.c
    lib/core/plain_names.c
    lib/core/pool.c
    lib/core/print.c
    lib/core/query.c
    lib/core/tlsf.c
    lib/core/walk.c
    lib/core/write.c
)
# end of generated
# generated: cmake_list FMEMP_HOST_MALLOC_SOURCES host_malloc
set(FMEMP_HOST_MALLOC_SOURCES
    integrations/host_malloc/calls.c
    integrations/host_malloc/heap.c
    integrations/host_malloc/journal.c
    integrations/host_malloc/lock.c
    integrations/host_malloc/process.c
    integrations/host_malloc/space.c
)
# end of generated
# generated: cmake_list FMEMP_HEADERS headers
set(FMEMP_HEADERS
    fmemory_names.h
    fmemory_pool.h
    fmemory_port.h
    fmempory_pool.h
    tlsf.h
    tlsf_bounded.h
    tlsf_config.h
    tlsf_language.h
    tlsf_selftest.h
    tlsf_text.h
    standalone/ferror_code.h
    standalone/fslink_list.h
    standalone/ftypes.h
)
# end of generated
