/* SPDX-License-Identifier: BSD-3-Clause */
/* A driver keeps an FMemp and, behind it, its buffer in one structure. */
#include <string.h>

#include "consumers.h"
#include "ferror_code.h"
#include "fmemory_pool.h"
#include "ftypes.h"

#define FRAME_BYTES 1536U

typedef struct {
    FMemp memp;
    u8 memp_buf[8 * FRAME_BYTES];
    u32 flags;
} FDriverMemory;

static FDriverMemory memory;

static FError memory_init(FDriverMemory *instance) {
    return FMempInit(&instance->memp, &instance->memp_buf[0],
                     &instance->memp_buf[0] + sizeof(instance->memp_buf));
}

int struct_and_buffer(void) {
    u32 total = 0;
    u32 used = 0;
    unsigned frames = 0;
    u8 *frame;

    memory.flags = 0x12345678;
    EXPECT(memory_init(&memory) == FT_SUCCESS);
    EXPECT(memory_init(&memory) == FMEMP_ERR_ALREADY_INIT);
    while ((frame = FMempMalloc(&memory.memp, FRAME_BYTES)) != NULL) {
        EXPECT(frame >= memory.memp_buf);
        EXPECT(frame + FRAME_BYTES <= memory.memp_buf + sizeof memory.memp_buf);
        memset(frame, 0xFF, FRAME_BYTES);
        frames++;
    }
    FMemProbe(&memory.memp, &total, &used, NULL);
    EXPECT(frames == 7 && used > 7 * FRAME_BYTES && used < total);
    EXPECT(memory.flags == 0x12345678 && memory.memp.is_ready == FT_COMPONENT_IS_READY);
    FMempDeinit(&memory.memp);
    EXPECT(memory.memp.is_ready == 0 && memory.memp.tlsf_ptr == NULL);
    EXPECT(memory_init(&memory) == FT_SUCCESS);
    return 0;
}
