/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fmemory_port.h inside the vendor's SDK (fake_sdk/ on the include path): FMemp uses the headers
 * of the SDK and works with them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ferror_code.h"
#include "fmemory_pool.h"
#include "fslink_list.h"
#include "ftypes.h"

#if !SDK_FTYPES_USED || !SDK_FERROR_CODE_USED || !SDK_FSLINK_LIST_USED
#error "FMemp does not use the headers of the SDK"
#endif

static u8 buffer[30000];

static void sdk_headers_are_used(void **state) {
    (void)state;
    FMempPoolList region = {NULL, {NULL}};
    struct sdk_slist_node *node = &region.list; /* the SDK's type, not ours */

    assert_null(FSListNext(node));
    assert_int_equal(FMEMP_SDK, 1);
}

static void sdk_types_carry_the_whole_interface(void **state) {
    (void)state;
    FMemp memp = {0};
    u32 total = 0;
    FMempStats stats;

    assert_int_equal(FMempInit(&memp, buffer + 1, buffer + 10000), FMEMP_SUCCESS);
    assert_int_equal(memp.is_ready, FT_COMPONENT_IS_READY);
    assert_int_equal(FMempAddRegion(&memp, buffer + 10001, buffer + 19000), FT_SUCCESS);
    assert_int_equal(FMempAddRegion(&memp, buffer + 19001, buffer + 28000), FT_SUCCESS);
    assert_int_equal(FSListLen(&memp.pools_list->list), 2);
    void *block = FMempCalloc(&memp, 10, 10);
    assert_non_null(block);
    block = FMempRealloc(&memp, block, 5000);
    assert_non_null(block);
    FMemListAll(&memp);
    FMempFree(&memp, block);
    assert_int_equal(FMempRemoveRegion(&memp, buffer + 10001), FT_SUCCESS);
    assert_int_equal(FSListLen(&memp.pools_list->list), 1);
    FMemProbe(&memp, &total, NULL, NULL);
    assert_int_equal(FMempGetStats(&memp, &stats), FT_SUCCESS);
    assert_int_equal(stats.total_bytes, total);
    assert_int_equal(tlsf_check(memp.tlsf_ptr), TLSF_SOUND);
    FMempDeinit(&memp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdk_headers_are_used),
        cmocka_unit_test(sdk_types_carry_the_whole_interface),
    };

    return cmocka_run_group_tests_name("fmemp_sdk", tests, NULL, NULL);
}
