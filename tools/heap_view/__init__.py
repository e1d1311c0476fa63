# SPDX-License-Identifier: BSD-3-Clause
"""The page of `heap view`: a heap, or a trace of one, as one HTML file."""
