# SPDX-License-Identifier: BSD-3-Clause
"""Longest paths, stack and code size, as bench's budget holds them for every build."""

import sys
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
BUDGET = ROOT / "bench" / "worst_case" / "budget.txt"
TARGETS = {"x86-64": "x86-64", "aarch64": "aarch64", "cortex-m4": "Cortex-M4",
           "cortex-m0": "Cortex-M0", "riscv32": "riscv32", "riscv32-zbb": "riscv32, Zbb",
           "riscv64": "riscv64", "riscv64-zbb": "riscv64, Zbb"}
CHOICES = {"compiler": ("gcc", "clang"), "optimisation": ("O2", "Os"),
           "layout": ("compact", "wide"), "level": ("h0", "h1", "h2"),
           "preset": ("default", "bound")}
FOUR = ("malloc", "free", "memalign", "realloc")
FMEMP = ("FMempMalloc", "FMempCalloc", "FMempMallocAlign", "FMempRealloc", "FMempFree")
HOW = ("unlocked", "locked", "held")  # without a lock; with it; while it is held
SHOWN = ("x86-64", "aarch64", "cortex-m4", "cortex-m0", "riscv32")
OTHERS = ("realloc_aligned", "add_pool", "remove_pool", "stats", "largest", "block_size")


@lru_cache(maxsize=None)
def lines():
    """{(target, compiler, optimisation, layout, level, preset): {column: (instructions, stack)}}
    """
    read = [line.split() for line in BUDGET.read_text().splitlines()
            if line and not line.startswith(("#", "compiler "))]
    heading, rows = read[0][6:], read[1:]
    return {(row[0], row[1], row[2].strip("-"), row[3], f"h{row[4]}", row[5]):
            {column: tuple(map(int, cell.split("/"))) for column, cell in zip(heading, row[6:])
             if cell != "none"} for row in rows}


def cell(target, column, compiler="gcc", optimisation="O2", layout="compact", level="h1",
         preset="default"):
    try:
        return lines()[(target, compiler, optimisation, layout, level, preset)][column]
    except KeyError as missing:
        raise FigureError(f"{BUDGET.name} has no {missing}") from missing


def figure(name):
    """The forms that listed() names."""
    what, target, *words = name.split(".")
    choices = [word for word in words if any(word in values for values in CHOICES.values())]
    chosen = {kind: word for word in choices for kind, values in CHOICES.items() if word in values}
    wanted = [word for word in words if word not in choices]
    try:
        return f"{FORMS[what](target, *wanted, **chosen):,}"
    except (TypeError, IndexError, ValueError) as error:
        raise FigureError(f"no such figure: {error}") from error


def bound(target, column, **chosen):
    return cell(target, column, **chosen)[0]


def stack(target, column, **chosen):
    return cell(target, column, **chosen)[1]


def code(target, **chosen):
    return cell(target, "code", **{"optimisation": "Os", **chosen})[0]


def added(target, column, **chosen):
    return bound(target, column, **chosen) - bound(target, column, **{**chosen, "level": "h0"})


def of_fmemp(target, function, how, **chosen):
    return cell(target, function, **chosen)[HOW.index(how)]


def longest_held(target, **chosen):
    return max(of_fmemp(target, function, "held", **chosen) for function in FMEMP)


FORMS = {"bound": bound, "stack": stack, "code": code, "added": added, "fmemp": of_fmemp,
         "held": longest_held}


def path_and_stack(target, column, **chosen):
    return "/".join(f"{number:,}" for number in cell(target, column, **chosen))


def shipped_table():
    """The builds that most people ask for."""
    rows = [[TARGETS[target], level[1]] +
            [path_and_stack(target, column, level=level) for column in FOUR] +
            [cell(target, "code", optimisation="Os", level=level)[0]]
            for target in SHOWN
            for level in CHOICES["level"]]
    return table_of(["target", "level", *FOUR, "code at -Os, bytes"], rows)


def every_target_table():
    """Both compilers and layouts, -O2, the default level."""
    rows = [[name, compiler, layout] +
            [path_and_stack(target, column, compiler=compiler, layout=layout) for column in FOUR]
            for target, name in TARGETS.items() for compiler in CHOICES["compiler"]
            for layout in CHOICES["layout"]
            if (target, compiler, "O2", layout, "h1", "default") in lines()]
    return table_of(["target", "compiler", "layout", *FOUR], rows, left=3)


def presets_table():
    """The presets beside each other, gcc -O2, compact."""
    rows = [[TARGETS[target], level[1], preset] +
            [path_and_stack(target, column, level=level, preset=preset) for column in FOUR]
            for target in SHOWN for level in ("h0", "h1") for preset in CHOICES["preset"]]
    return table_of(["target", "level", "preset", *FOUR], rows, left=3)


def other_calls_table():
    """Calls that are no requests."""
    rows = [[TARGETS[target]] + [path_and_stack(target, column) for column in OTHERS]
            for target in SHOWN]
    return table_of(["target", *OTHERS], rows)


def fmemp_table():
    """FMemp's requests: without a lock / with it / while it is held."""
    rows = [[TARGETS[target], level[1]] +
            [path_and_stack(target, function, level=level) for function in FMEMP]
            for target in SHOWN for level in CHOICES["level"]]
    return table_of(["target", "level", *FMEMP], rows)


def small_table():
    """-Os at level 1, and its code."""
    rows = [[TARGETS[target]] +
            [path_and_stack(target, column, optimisation="Os") for column in FOUR] +
            [code(target)] for target in SHOWN]
    return table_of(["target", *FOUR, "code, bytes"], rows)


def compilers_table():
    """The compilers that the budget holds for."""
    names = sorted(line.split(": ", 1)[1] for line in BUDGET.read_text().splitlines()
                   if line.startswith("compiler "))
    return "\n".join(f"* {name}" for name in names)


TABLES = {"bounds": shipped_table, "bounds.every-target": every_target_table,
          "bounds.small": small_table, "bounds.presets": presets_table, "bounds.fmemp": fmemp_table,
          "bounds.other-calls": other_calls_table, "bounds.compilers": compilers_table}


def table(name):
    if name not in TABLES:
        raise FigureError("no such table")
    return TABLES[name]()


def listed():
    chosen = "[." + "][.".join("|".join(values) for values in CHOICES.values()) + "]"
    yield "figure", "bound.TARGET.FUNCTION", f"instructions of the longest path; TARGET{chosen}"
    yield "figure", "stack.TARGET.FUNCTION", "bytes of stack of the same"
    yield "figure", "added.TARGET.FUNCTION", "instructions that hardening level 1 adds"
    yield "figure", "fmemp.TARGET.FUNCTION.HOW", f"the same of FMemp; HOW: {', '.join(HOW)}"
    yield "figure", "held.TARGET", "the longest section of FMemp in which the lock is held"
    yield "figure", "code.TARGET", "bytes of malloc, free, memalign and realloc together, at -Os"
    for name, function in TABLES.items():
        yield "table", name, (function.__doc__ or "").strip()
