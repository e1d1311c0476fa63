/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MALLOC_H
#define MALLOC_H

struct mallinfo {
    int arena;    /* bytes of the heap */
    int ordblks;  /* free blocks */
    int aordblks; /* live blocks */
    int mxordblk; /* the largest free block */
    int uordblks; /* bytes in use */
    int fordblks; /* bytes free */
    int usmblks;  /* the most that were in use */
};

#endif
