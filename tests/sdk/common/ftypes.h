/* SPDX-License-Identifier: BSD-3-Clause */
/* Stands in for the vendor's header of this name. It defines the same types by other spellings. */
#ifndef SDK_FTYPES_H
#define SDK_FTYPES_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef __UINTPTR_TYPE__ uintptr;
typedef __SIZE_TYPE__ fsize_t;

#define FT_COMPONENT_IS_READY 0x11111111U
#define FT_COMPONENT_IS_STARTED 0x22222222U

#endif
