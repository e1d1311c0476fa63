/* SPDX-License-Identifier: BSD-3-Clause */
/* A model of what byte_pool_fmemp.c needs of the kernel. It is no kernel. */
#ifndef TX_API_H
#define TX_API_H

typedef char CHAR;
typedef unsigned UINT;
typedef unsigned long ULONG;
typedef void VOID;

#define TX_SUCCESS 0x00U
#define TX_DELETED 0x01U
#define TX_POOL_ERROR 0x02U
#define TX_PTR_ERROR 0x03U
#define TX_SIZE_ERROR 0x05U
#define TX_NO_MEMORY 0x10U
#define TX_NO_WAIT 0UL
#define TX_WAIT_FOREVER 0xFFFFFFFFUL
#define TX_INT_DISABLE 7U

UINT tx_interrupt_control(UINT new_posture);
UINT tx_thread_sleep(ULONG timer_ticks);

#endif
