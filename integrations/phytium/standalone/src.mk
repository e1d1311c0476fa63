# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
# The sources that the standalone SDK compiles, relative to the folder in which make runs.
FMEMP_DIR := $(realpath $(dir $(lastword $(MAKEFILE_LIST))))
CSRCS_RELATIVE_FILES += $(patsubst $(realpath .)/%,%,$(wildcard $(FMEMP_DIR)/*.c))
