/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ASSERT_H
#define ASSERT_H

void model_assert(int holds);
#define DEBUGASSERT(holds) model_assert((holds) ? 1 : 0)

#endif
