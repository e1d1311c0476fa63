# SPDX-License-Identifier: BSD-3-Clause
"""Choices of the library's options: those that change how much memory a load needs."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class OptionSet:
    """The options, in the order and with the defaults of the library."""
    layout: str = "compact"
    granule: int = 8
    sl_bits: int = 4
    pending: int = 1
    round_to_class: int = 0
    hardening: int = 1
    tags: int = 0

    def flags(self):
        """What differs from the defaults, as words for a compiler."""
        return [flag(field.name, getattr(self, field.name)) for field in fields(self)
                if getattr(self, field.name) != field.default]

    def __str__(self):
        return " ".join(word[2:].replace("TLSF_", "", 1) for word in self.flags()) or "defaults"


def flag(name, value):
    if name == "pending":
        return "-DTLSF_PRESET=TLSF_PRESET_BOUND"
    if name == "tags":
        return f"-DFMEMP_TAG_DEBUG={value}"
    return f"-DTLSF_{name.upper()}={f'TLSF_{value.upper()}' if name == 'layout' else value}"


GRANULES = (4, 8, 16)
SL_BITS = (3, 4, 5)


def is_possible(options, bits):
    """Granules of 4 bytes do not hold the headers of the wide layout on 64-bit machines. Rounding
    to classes does not go with hardening 3."""
    return not (options.layout == "wide" and bits == 64 and options.granule == 4) \
        and not (options.round_to_class and options.hardening == 3)


def candidates(base, bits):
    """The sets that are tried: every granule with every number of second-level bits, in the layouts
    that differ in memory; and with the other granules' default, what else changes memory. `base`
    has what the user asked for. On 32-bit machines both layouts have the same blocks."""
    layouts = ("compact", "wide") if bits == 64 else ("compact",)
    grid = [replace(base, layout=layout, granule=granule, sl_bits=sl_bits)
            for layout in layouts for granule in GRANULES for sl_bits in SL_BITS]
    others = [replace(base, layout="wide"), replace(base, pending=0),
              replace(base, round_to_class=1), replace(base, tags=1 - base.tags),
              replace(base, hardening=3)]
    return [one for one in dict.fromkeys([base, *grid, *others]) if is_possible(one, bits)]
