# SPDX-License-Identifier: BSD-3-Clause
"""Promises of headers and pages, and what verifies each."""
