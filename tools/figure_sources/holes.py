# SPDX-License-Identifier: BSD-3-Clause
"""Instructions of malloc and free among many holes, as bench/holes counted and keeps them."""

import json
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=None)
def measured():
    return json.loads((ROOT / "bench" / "worst_case" / "holes" / "measured.json").read_text())


def figure(name):
    """holes.CALL.ALLOCATOR.HOLES, holes.request, holes.heap-kib"""
    try:
        words = name.split(".")[1:]
        if words == ["request"]:
            return f"{measured()['request_bytes']:,}"
        if words == ["heap-kib"]:
            return f"{measured()['heap_bytes'] // 1024:,}"
        call, allocator, number = words
        return f"{measured()[call][allocator][number]:,}"
    except (KeyError, ValueError) as missing:
        raise FigureError("no such figure") from missing


def table(name):
    call = name.removeprefix("holes.")
    if call not in ("malloc", "free"):
        raise FigureError("no such table")
    found = measured()[call]
    numbers = list(next(iter(found.values())))
    rows = [[allocator, *(figures[number] for number in numbers)]
            for allocator, figures in found.items()]
    return table_of([f"{call}, holes", *(f"{int(number):,}" for number in numbers)], rows)


def listed():
    yield "figure", "holes.request", "bytes of the request"
    yield "figure", "holes.heap-kib", "KiB of the memory"
    for call in ("malloc", "free"):
        yield "figure", f"holes.{call}.ALLOCATOR.HOLES", "instructions of the worst call"
        yield "table", f"holes.{call}", "the same of every allocator"
