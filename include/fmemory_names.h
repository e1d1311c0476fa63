/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_names.h: the link names of FMemp's public functions. tlsf_config.h explains them under
 * "link names". What makes an FMemp ready carries the options that library and callers must
 * share. [N1]
 */
#ifndef FMEMORY_NAMES_H
#define FMEMORY_NAMES_H

#include "tlsf_config.h"

/* The options of tlsf_config.h; then those of fmemory_port.h. */
#define FMEMP_PASTE_OPTIONS(name, lock, tags, call_sites, zeroes) \
    name##_##lock##_##tags##call_sites##zeroes
#define FMEMP_EXPAND_OPTIONS(name, lock, tags, call_sites, zeroes) \
    FMEMP_PASTE_OPTIONS(name, lock, tags, call_sites, zeroes)
#define FMEMP_NAME_WITH_OPTIONS(name) \
    FMEMP_EXPAND_OPTIONS(TLSF_NAME_WITH_OPTIONS(name), FMEMP_LOCK_NAME, FMEMP_TAGS_NAME, \
                         FMEMP_CALL_SITES_NAME, FMEMP_ZEROES_NAME)

#define FMempInit FMEMP_NAME_WITH_OPTIONS(FMempInit)
#define FMempInitSized FMEMP_NAME_WITH_OPTIONS(FMempInitSized)
#define FMempAttach FMEMP_NAME_WITH_OPTIONS(FMempAttach)
#define FMempAttachRegions FMEMP_NAME_WITH_OPTIONS(FMempAttachRegions)
#define FMempStartsAtFirstCall FMEMP_NAME_WITH_OPTIONS(FMempStartsAtFirstCall)
#define FMempRemove TLSF_NAME(FMempRemove)
#define FMempDeinit TLSF_NAME(FMempDeinit)
#define FMempReset TLSF_NAME(FMempReset)
#define FMempAddRegion TLSF_NAME(FMempAddRegion)
#define FMempRemoveRegion TLSF_NAME(FMempRemoveRegion)
#define FMempMalloc TLSF_NAME(FMempMalloc)
#define FMempCalloc TLSF_NAME(FMempCalloc)
#define FMempMallocAlign TLSF_NAME(FMempMallocAlign)
#define FMempRealloc TLSF_NAME(FMempRealloc)
#define FMempReallocAlign TLSF_NAME(FMempReallocAlign)
#define FMempFree TLSF_NAME(FMempFree)
#define FMempBlockSize TLSF_NAME(FMempBlockSize)
#define FMempMallocTag TLSF_NAME(FMempMallocTag)
#define FMempCallocTag TLSF_NAME(FMempCallocTag)
#define FMempMallocAlignTag TLSF_NAME(FMempMallocAlignTag)
#define FMempReallocTag TLSF_NAME(FMempReallocTag)
#define FMempReallocAlignTag TLSF_NAME(FMempReallocAlignTag)
#define FMempFreeTag TLSF_NAME(FMempFreeTag)
#define FMempSetCallSite TLSF_NAME(FMempSetCallSite)
#define FMempGetStats TLSF_NAME(FMempGetStats)
#define FMempResetPeak TLSF_NAME(FMempResetPeak)
#define FMempGetSurvey TLSF_NAME(FMempGetSurvey)
#define FMempWalk TLSF_NAME(FMempWalk)
#define FMempCheck TLSF_NAME(FMempCheck)
#define FMempOwns TLSF_NAME(FMempOwns)
#define FMempLooksLive TLSF_NAME(FMempLooksLive)
#define FMempLocate TLSF_NAME(FMempLocate)
#define FMempDump TLSF_NAME(FMempDump)
#define FMempSetFailureHook TLSF_NAME(FMempSetFailureHook)
#define FMempSetFaultHook TLSF_NAME(FMempSetFaultHook)
#define FMemProbe TLSF_NAME(FMemProbe)
#define FMemListAll TLSF_NAME(FMemListAll)
#define FMempLock TLSF_NAME(FMempLock)
#define FMempUnlock TLSF_NAME(FMempUnlock)

#endif
