/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the vendor's header of this name. */
#ifndef SDK_FTYPES_H
#define SDK_FTYPES_H

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
typedef size_t fsize_t;

#define FT_COMPONENT_IS_READY 0x11111111U
#define FT_COMPONENT_IS_STARTED 0x22222222U

#endif
