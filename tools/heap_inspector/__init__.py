# SPDX-License-Identifier: BSD-3-Clause
"""Shows heaps: tools/heap, and the command `heap` in gdb."""
