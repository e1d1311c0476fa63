# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# The standalone SDK's include path. This folder comes before include/: its fmemory_pool.h sets the
# flavour's options.
FMEMP_DIR := $(patsubst %/,%,$(abspath $(dir $(lastword $(MAKEFILE_LIST)))))
ifdef CONFIG_TARGET_ARMV8_AARCH32
FMEMP_ARCH := arm
else
FMEMP_ARCH := aarch64
endif
BUILD_INC_PATH_DIR += $(FMEMP_DIR) $(FMEMP_DIR)/include $(FMEMP_DIR)/arch/$(FMEMP_ARCH)
