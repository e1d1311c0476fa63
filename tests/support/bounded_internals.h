/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of lib/bounded for suites that look into it: all of its headers, so that it does not
 * matter in which of them a function stands.
 */
#ifndef BOUNDED_INTERNALS_H
#define BOUNDED_INTERNALS_H

#include "bounded_places.h"
#include "bounded_plan.h"
#include "support/renames.h"

#endif
