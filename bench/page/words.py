# SPDX-License-Identifier: BSD-3-Clause
"""Writes numbers and names for the page."""

import math

# In the order of the page: first those of firmware.
TARGETS = {"cortex-m4": "Cortex-M4", "cortex-m0": "Cortex-M0", "riscv32": "RV32",
           "riscv32-zbb": "RV32 Zbb", "aarch64": "AArch64", "riscv64": "RV64",
           "riscv64-zbb": "RV64 Zbb", "x86-64": "x86-64"}


def target_name(target):
    return TARGETS.get(target, target)


def in_order(names, known):
    """The different names, known ones first and in their order."""
    rank = {name: number for number, name in enumerate(known)}
    return sorted(dict.fromkeys(names), key=lambda name: (rank.get(name, len(rank)), name))


def count(number):
    """An integer with separators between thousands."""
    return f"{number:,.0f}"


def rounded_count(number):
    """A large number in words: 1.2 million."""
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + " " + word
    return count(number)


def binary_bytes(number):
    """Bytes for an axis: 4 KiB, 1 GiB."""
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:g} bytes"


def span(numbers, text):
    """From the smallest to the largest of some numbers, in words."""
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low} to {high}"


def in_words(texts):
    """A list as a sentence has it."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def geometric_mean(numbers):
    return math.exp(sum(map(math.log, numbers)) / len(numbers))
