# SPDX-License-Identifier: BSD-3-Clause
"""Writes numbers and names for the page."""

import math

TARGETS = {"x86-64": "x86-64", "aarch64": "AArch64", "cortex-m0": "Cortex-M0",
           "cortex-m3": "Cortex-M3", "cortex-m4": "Cortex-M4", "cortex-m7": "Cortex-M7",
           "riscv32": "RV32", "riscv32-zbb": "RV32 Zbb", "riscv64": "RV64",
           "riscv64-zbb": "RV64 Zbb"}


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


def short_count(number):
    """A number for an axis: 1, 10k, 1M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def binary_bytes(number):
    """Bytes for an axis: 4 KiB, 1 GiB."""
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:g} bytes"


def one_in(part):
    """A share for an axis: 1 in 10k."""
    return "all" if part >= 1 else f"1 in {short_count(round(1 / part))}"


def memory_groups(records):
    """The records of recorded loads by their group, in the order of their names: first programs,
    then libraries of firmware, whose pools are below 128 KiB."""
    groups = {}
    for record in sorted(records, key=lambda record: record["load"]):
        groups.setdefault(record["group"], []).append(record)
    return sorted(groups.items(), reverse=True)


def geometric_mean(numbers):
    return math.exp(sum(map(math.log, numbers)) / len(numbers))
