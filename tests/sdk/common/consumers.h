/* SPDX-License-Identifier: BSD-3-Clause */
/* The kinds of sources in the SDK that use FMemp or the core. Each returns the line of the first
 * check that failed; 0 when all passed. */
#ifndef CONSUMERS_H
#define CONSUMERS_H

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            return __LINE__; \
        } \
    } while (0)

int gic_tables(void);
int range_test(void);
int struct_and_buffer(void);
int dma_descriptors(void);
int fatfs_memory(void);
int littlefs_memory(void);
int usb_stack(void);
int acpi_pool(void);
int older_source(void);

#endif
