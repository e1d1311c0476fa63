# SPDX-License-Identifier: BSD-3-Clause
"""Sizes that the options of a heap decide: as lib/core/block.h has them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """In bytes."""
    granule: int
    header: int
    guard: int
    smallest: int   # outer size of the smallest block
    per_octave: int  # size classes between a size and its double

    def as_json(self):
        return dict(vars(self))


def sizes_of(target, options):
    granule = options["granule"]
    header = target["bits"] // 8 if options["layout"] == "wide" else 4
    smallest = 4 * header  # header, two links, and the footer
    return Sizes(granule, header, header if options["hardening"] >= 3 else 0,
                 -(-smallest // granule) * granule, 1 << options["sl_bits"])
