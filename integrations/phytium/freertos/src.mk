# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# The sources that the FreeRTOS SDK compiles.
FMEMP_DIR := $(patsubst %/,%,$(abspath $(dir $(lastword $(MAKEFILE_LIST)))))
ABSOLUTE_CFILES += $(wildcard $(FMEMP_DIR)/*.c)
