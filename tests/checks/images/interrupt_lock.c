/* SPDX-License-Identifier: BSD-3-Clause */
/* ports/interrupts: interrupts are masked while the lock is held, and then as they were before. */
#include "fmemory_pool.h"

#ifdef __aarch64__
#define MASK_NAME "daif"
#define MASKED ((uintptr_t)0xC0) /* IRQ and FIQ */
#else
#define MASK_NAME "primask"
#define MASKED ((uintptr_t)1)
#endif

static u8 buffer[9000];
static FMemp memp;

static uintptr_t mask_read(void) {
    uintptr_t mask;
    __asm__ volatile("mrs %0, " MASK_NAME : "=r"(mask));
    return mask & MASKED;
}

static void mask_write(uintptr_t mask) { __asm__ volatile("msr " MASK_NAME ", %0" : : "r"(mask)); }

/* Returns the number of the first thing that is wrong; 0 when none is. */
static int lock_check(uintptr_t before) {
    mask_write(before);
    FMempLockState outer = FMempLock(&memp);
    if (mask_read() != MASKED) {
        return 11;
    }
    FMempLockState inner = FMempLock(&memp);
    FMempUnlock(&memp, inner);
    if (mask_read() != MASKED) {
        return 12;
    }
    FMempUnlock(&memp, outer);
    if (mask_read() != before) {
        return 13;
    }
    FMempFree(&memp, FMempMalloc(&memp, 100));
    return mask_read() == before ? 0 : 14;
}

int main(void) {
    if (FMempInit(&memp, buffer, buffer + sizeof buffer) != FMEMP_SUCCESS) {
        return 10;
    }
    int wrong = lock_check(0);
    if (wrong == 0) {
        wrong = lock_check(MASKED);
    }
    FMEMP_PRINT("interrupts: %s\n", wrong == 0 ? "masked and restored" : "wrong");
    return wrong;
}
