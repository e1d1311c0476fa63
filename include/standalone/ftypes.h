/* SPDX-FileCopyrightText: 2026 the fmemp authors */
/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The basic types of the FMemp interface, for builds outside the vendor's SDK. Inside it, the SDK's
 * own ftypes.h is used: fmemory_port.h decides.
 */
#ifndef FTYPES_H
#define FTYPES_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef uintptr_t uintptr;
typedef intptr_t intptr;
typedef size_t fsize_t;

#define FT_COMPONENT_IS_READY 0x11111111U /* is_ready of an initialised component */

#endif
