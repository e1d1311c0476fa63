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
NOT_IN_BUDGET = ("granule", "sl_bits", "round_to_class")


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
    """{request: the most instructions}, with gcc at OPTIMISATION; None where the budget has none:
    at hardening 3, where nothing bounds them, and for options that it leaves at their defaults."""
    line = f"{target} gcc {OPTIMISATION} {options.layout} {options.hardening} {preset(options)}"
    figures = None if defines(options) else budget_lines().get(line)
    return figures and {request: figures[request][0] for request in REQUESTS}


def preset(options):
    return "default" if options.pending else "bound"


def defines(options):
    """The options that the budget leaves at their defaults, if they are not, as macros."""
    return [f"TLSF_{name.upper()}={getattr(options, name)}" for name in NOT_IN_BUDGET
            if getattr(options, name) != getattr(type(options), name)]


def command(target, options):
    """What computes the bounds of these options."""
    return " ".join(["bench/static-bound --target", target, "--compiler gcc",
                     f"--optimisation={OPTIMISATION} --layout {options.layout}",
                     f"--hardening {options.hardening} --preset {preset(options)}",
                     *(f"--define {word}" for word in defines(options))])
