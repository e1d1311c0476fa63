/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of lib/core for suites and campaigns that look into it: all of its headers, so that it
 * does not matter in which of them a function stands.
 */
#ifndef INTERNALS_H
#define INTERNALS_H

#include "hardening_pools.h"
#include "split_merge.h"
#include "support/renames.h"

#endif
