/* SPDX-License-Identifier: BSD-3-Clause */
/* A USB stack: asks a zeroed static FMemp whether it is ready, and wants whole cache lines. */
#include <string.h>

#include "consumers.h"
#include "fmemory_pool.h"

#define USB_ALIGN 64U

static u8 memory[16384];
static FMemp memp;

static void usb_memory_init(void) {
    if (FT_COMPONENT_IS_READY != memp.is_ready) {
        (void)FMempInit(&memp, &memory[0], &memory[0] + sizeof(memory));
    }
}

static void *usb_malloc(size_t size) {
    void *block = FMempMallocAlign(&memp, size, USB_ALIGN);

    if (block != NULL) {
        memset(block, 0, size);
    }
    return block;
}

int usb_stack(void) {
    void *hub;
    void *transfer;

    EXPECT(memp.is_ready == 0 && usb_malloc(64) == NULL);
    usb_memory_init();
    hub = usb_malloc(320);
    usb_memory_init();
    transfer = usb_malloc(512);
    EXPECT(memp.is_ready == FT_COMPONENT_IS_READY && hub != NULL && transfer != NULL);
    EXPECT(((uintptr)hub | (uintptr)transfer) % USB_ALIGN == 0);
    FMempFree(&memp, hub);
    FMempFree(&memp, transfer);
    EXPECT(tlsf_check(memp.tlsf_ptr) == 0);
    return 0;
}
