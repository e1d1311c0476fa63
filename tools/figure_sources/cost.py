# SPDX-License-Identifier: BSD-3-Clause
"""What fmemp costs on a Cortex-M4, as bench/cost computed and keeps it."""

import json
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
OPTIMISATIONS = {"Os": "-Os", "O2": "-O2"}
SIZES = ("4096", "32768", "262144")
PROGRAMS = {"core": "core, five requests", "fmemp": "FMemp without printing",
            "default": "FMemp", "printf": "FMemp with newlib-nano's printf"}


@lru_cache(maxsize=None)
def measured():
    return json.loads((ROOT / "bench" / "worst_case" / "cost.json").read_text())


def figure(name):
    """cost.OPTIMISATION.core, .fmemp, .default, .printf: flash; .locked: the longest section under
    lock; .longest: the function that has it"""
    try:
        _, optimisation, what = name.split(".")
        option = OPTIMISATIONS[optimisation]
        if what == "longest":
            return f"`{longest_locked(option)}`"
        if what == "locked":
            return f"{measured()['locked'][option]['instructions']:,}"
        return f"{measured()['flash'][option][PROGRAMS[what]]:,}"
    except (KeyError, ValueError) as missing:
        raise FigureError("no such figure") from missing


def longest_locked(option):
    """The function with the longest section under lock."""
    bounds = measured()["bounds"][option]
    return max(bounds, key=lambda name: bounds[name].get("while_locked", 0))


def row_of(columns, byte_count, instruction_count):
    """A row for README, without spaces around cells, as its words are counted."""
    flash, bounds = measured()["flash"]["-Os"], measured()["bounds"]["-Os"]
    images = " / ".join(f"{flash[PROGRAMS[name]]:,}" for name in ("core", "fmemp"))
    kept = " / ".join(f"{measured()['kept']['FMempInit'][size]:,}" for size in SIZES)
    paths = " / ".join(f"{bounds[name]['instructions']:,}"
                       for name in ("malloc", "free", "memalign"))
    cells = [byte_count.format(images), byte_count.format(kept),
             byte_count.format(measured()["block"]["overhead"]), instruction_count.format(paths),
             instruction_count.format(measured()["locked"]["-Os"]["instructions"])]
    return f"|{'|'.join(columns)}|\n{'|---' * len(columns)}|\n|{'|'.join(cells)}|"


def row_table():
    """the row of README"""
    return row_of(("flash: core / FMemp", "RAM kept of 4 / 32 / 256 KiB", "a block",
                   "malloc / free / memalign", "lock held"),
                  "{} bytes", "{} instructions")


def chinese_row_table():
    """the same in Chinese"""
    return row_of(("闪存：核心 / FMemp", "4 / 32 / 256 KiB 区域自身占用", "每块",
                   "malloc / free / memalign", "持锁"),
                  "{} 字节", "{} 条指令")


def flash_table():
    """bytes of linked images"""
    flash = measured()["flash"]
    return table_of(["image", *OPTIMISATIONS.values()],
                    [[program, *(flash[option][program] for option in OPTIMISATIONS.values())]
                     for program in flash["-Os"]])


TABLES = {"cost": row_table, "cost.zh": chinese_row_table, "cost.flash": flash_table}


def table(name):
    if name not in TABLES:
        raise FigureError("no such table")
    return TABLES[name]()


def listed():
    for what, meaning in (("core", "flash of the core"),
                          ("fmemp", "the same with FMemp, which prints nothing"),
                          ("default", "with FMemp as it is by default"),
                          ("printf", "with FMemp and newlib-nano's printf"),
                          ("locked", "instructions under the lock, at most"),
                          ("longest", "the function that needs so many")):
        yield "figure", f"cost.Os.{what}", f"{meaning}, Cortex-M4; or O2"
    for name, function in TABLES.items():
        yield "table", name, function.__doc__
