# SPDX-License-Identifier: BSD-3-Clause
"""What tools/figures is made of: the documents' markers, and the sources of their figures."""
