# SPDX-License-Identifier: BSD-3-Clause
"""Longest paths, stack and code size, as bench's budget holds them for every build."""

import sys
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
BUDGET = next(path for path in (ROOT / "bench" / "worst_case" / "budget.txt",
                                ROOT / "bench" / "budget.txt") if path.exists())
TARGETS = {"x86-64": "x86-64", "aarch64": "aarch64", "cortex-m4": "Cortex-M4",
           "cortex-m0": "Cortex-M0", "riscv32": "riscv32", "riscv32-zbb": "riscv32, Zbb",
           "riscv64": "riscv64", "riscv64-zbb": "riscv64, Zbb"}
CHOICES = {"compiler": ("gcc", "clang"), "optimisation": ("O2", "Os"),
           "layout": ("compact", "wide"), "level": ("h0", "h1", "h2")}
FOUR = ("malloc", "free", "memalign", "realloc")
OTHERS = ("realloc_aligned", "add_pool", "remove_pool", "stats", "largest", "block_size")


@lru_cache(maxsize=None)
def lines():
    """{(target, compiler, optimisation, layout, level): {column: (instructions, stack)}}"""
    read = [line.split() for line in BUDGET.read_text().splitlines()
            if line and not line.startswith(("#", "compiler "))]
    heading, rows = read[0][5:], read[1:]
    return {(row[0], row[1], row[2].strip("-"), row[3], f"h{row[4]}"):
            {column: tuple(map(int, cell.split("/"))) for column, cell in zip(heading, row[5:])
             if cell != "none"} for row in rows}


def cell(target, column, compiler="gcc", optimisation="O2", layout="compact", level="h1"):
    try:
        return lines()[(target, compiler, optimisation, layout, level)][column]
    except KeyError as missing:
        raise FigureError(f"{BUDGET.name} has no {missing}") from missing


def figure(name):
    """added.TARGET.FUNCTION: instructions that level 1 adds to level 0.
    bound.TARGET[.CHOICE...].FUNCTION, stack. likewise, code.TARGET[.CHOICE...]. What is not
    chosen is gcc, O2 (code: Os), compact, h1."""
    what, *words = name.split(".")
    if what == "added":
        target, column = words
        return f"{cell(target, column)[0] - cell(target, column, level='h0')[0]:,}"
    chosen = {} if what != "code" else {"optimisation": "Os"}
    column = "code" if what == "code" else words.pop()
    if not words:
        raise FigureError("name a target")
    for word in words[1:]:
        kind = next((kind for kind, values in CHOICES.items() if word in values), None)
        if kind is None:
            raise FigureError(f"{word} is no choice")
        chosen[kind] = word
    return f"{cell(words[0], column, **chosen)[what == 'stack']:,}"


def path_and_stack(target, column, **chosen):
    return "/".join(f"{number:,}" for number in cell(target, column, **chosen))


def shipped_table():
    """The builds that most people ask for."""
    rows = [[TARGETS[target], level[1]] +
            [path_and_stack(target, column, level=level) for column in FOUR] +
            [cell(target, "code", optimisation="Os", level=level)[0]]
            for target in ("x86-64", "aarch64", "cortex-m4", "cortex-m0", "riscv32")
            for level in CHOICES["level"]]
    return table_of(["target", "level", *FOUR, "code at -Os, bytes"], rows)


def every_target_table():
    """Both compilers and layouts, -O2, the default level."""
    rows = [[name, compiler, layout] +
            [path_and_stack(target, column, compiler=compiler, layout=layout) for column in FOUR]
            for target, name in TARGETS.items() for compiler in CHOICES["compiler"]
            for layout in CHOICES["layout"]
            if (target, compiler, "O2", layout, "h1") in lines()]
    return table_of(["target", "compiler", "layout", *FOUR], rows, left=3)


def other_calls_table():
    rows = [[TARGETS[target]] + [path_and_stack(target, column) for column in OTHERS]
            for target in ("x86-64", "aarch64", "cortex-m4", "cortex-m0", "riscv32")]
    return table_of(["target", *OTHERS], rows)


def compilers_table():
    """The compilers that the budget holds for."""
    names = sorted(line.split(": ", 1)[1] for line in BUDGET.read_text().splitlines()
                   if line.startswith("compiler "))
    return "\n".join(f"* {name}" for name in names)


TABLES = {"bounds": shipped_table, "bounds.every-target": every_target_table,
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
    yield "figure", "code.TARGET", "bytes of malloc, free, memalign and realloc together, at -Os"
    for name, function in TABLES.items():
        yield "table", name, (function.__doc__ or "").strip()
