# SPDX-License-Identifier: BSD-3-Clause
"""What packages of fmemp are made from: its version, its files, and the manifests of ecosystems."""
