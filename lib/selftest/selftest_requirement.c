/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which promises of tlsf.h a result of the self-test concerns, by their identifiers there.
 */
#include "tlsf_selftest.h"

const char *tlsf_selftest_requirement(tlsf_selftest_result result) {
    switch (result) {
    case TLSF_SELFTEST_BITS:
        return "T105";
    case TLSF_SELFTEST_CREATE:
        return "T39";
    case TLSF_SELFTEST_ALIGNMENT:
        return "T4 T113";
    case TLSF_SELFTEST_SIZE:
        return "T150";
    case TLSF_SELFTEST_SERVICE:
        return "T106 T117 T125";
    case TLSF_SELFTEST_SPLIT:
        return "T152";
    case TLSF_SELFTEST_COALESCING:
        return "T147";
    case TLSF_SELFTEST_CONTENT:
        return "T110 T119";
    case TLSF_SELFTEST_REFUSAL:
        return "T11 T103 T111 T116 T125";
    case TLSF_SELFTEST_STATISTICS:
        return "T163 T164 T166 T168 T171";
    case TLSF_SELFTEST_INVARIANTS:
        return "T241";
    case TLSF_SELFTEST_DETECTION:
        return "T12 T14 T15 T283";
    case TLSF_SELFTEST_PASSED:
    case TLSF_SELFTEST_REGION:
    default:
        return "";
    }
}
