/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What suites and campaigns see of the inside of lib/fmemp: tags. Only this file says which header
 * has them.
 */
#ifndef FMEMP_INTERNALS_H
#define FMEMP_INTERNALS_H

#include "fmemory_tag.h"
#include "support/renames.h"

#endif
