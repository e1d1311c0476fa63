/* SPDX-License-Identifier: BSD-3-Clause */
#define CONFIG_MM_CUSTOMIZE_MANAGER 1
#define CONFIG_MM_REGIONS 2
