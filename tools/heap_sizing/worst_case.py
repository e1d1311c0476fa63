# SPDX-License-Identifier: BSD-3-Clause
"""The longest path of each request on a target, from the budget that bench/static-bound holds."""

import sys
from functools import lru_cache

from heap_inspector.problem import Problem

from .engines import ROOT

BITS = {"cortex-m0": 32, "cortex-m4": 32, "riscv32": 32, "riscv32-zbb": 32,
        "aarch64": 64, "riscv64": 64, "riscv64-zbb": 64, "x86-64": 64}
DEFAULT_OF_BITS = {32: "cortex-m4", 64: "aarch64"}
REQUESTS = ("malloc", "free", "memalign", "realloc")
OPTIMISATION = "-O2"
MEASURED_GRANULE, MEASURED_SL_BITS = 8, 4


@lru_cache
def budget_lines():
    sys.path.append(str(ROOT / "bench/worst_case/bound"))
    from budget import Budget
    lines = Budget.read().lines
    if not lines:
        raise Problem("bench/worst_case/budget.txt has no bounds: bench/static-bound --update "
                      "writes them")
    return lines


def instructions(target, options):
    """{request: the most instructions}, with gcc at OPTIMISATION; None where nothing bounds them,
    as at hardening 3. The library has bounds for the default granule and classes; others take a
    few instructions more or less."""
    preset = "default" if options.pending else "bound"
    line = (f"{target} gcc {OPTIMISATION} {options.layout} {options.hardening} {preset}")
    figures = None if options.round_to_class else budget_lines().get(line)
    return figures and {request: figures[request][0] for request in REQUESTS}
