# SPDX-License-Identifier: BSD-3-Clause
"""Reads what the page shows, and says what is wrong with it: a heap of `heap save`, or a trace of
`heap trace json`."""

import json
from pathlib import Path

from heap_inspector.problem import Problem

HEAP, TRACE, VERSION = "fmemp heap", "fmemp trace", 1
KINDS = ["malloc", "memalign", "realloc", "free", "failed", "pool_added", "pool_removed", "reset"]
COLUMNS = ["time", "kind", "address", "old_address", "size", "outer", "align", "caller", "task"]


def read(path):
    """The content of a file, as values."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{path}: {error}") from error
    try:
        source = json.loads(text)
    except ValueError as error:
        raise Problem(f"{path} is no JSON, or its end is missing: {error}") from error
    check(source, path)
    return source


def check(source, name):
    kind = source.get("format") if isinstance(source, dict) else None
    if kind not in (HEAP, TRACE):
        raise Problem(f"{name} is neither a heap nor a trace: write one with heap save FILE, or "
                      "with heap trace json FILE")
    if source.get("version") != VERSION:
        raise Problem(f"{name} has version {source.get('version')} of its format, and this tool "
                      f"reads version {VERSION}: use the tools/heap that wrote it")
    try:
        check_heap(source) if kind == HEAP else check_trace(source)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Problem(f"{name} is incomplete: {explained(error)}") from error


def explained(error):
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def check_target(source):
    target, options = source["target"], source["options"]
    if target["bits"] not in (16, 32, 64):
        raise ValueError(f"a target of {target['bits']} bits")
    for name in ("layout", "granule", "sl_bits", "hardening"):
        options[name]


def check_heap(source):
    check_target(source)
    for pool in source["pools"]:
        int(pool["begin"], 16), int(pool["end"], 16), whole(pool["bytes"], "bytes of a pool")
    for block in source["blocks"]:
        int(block["address"], 16), whole(block["outer"], "outer size"), block["state"]


def check_trace(source):
    check_target(source)
    for region in source["regions"]:
        whole(region["begin"], "begin of a region"), whole(region["bytes"], "bytes of a region")
    unknown = set(source["kinds"]) - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds of events: {', '.join(sorted(unknown))}")
    source["clock"]["ticks_per_second"], source["callers"].items(), source["tasks"].items()
    whole(source["lost"], "lost")
    check_events(source["events"], len(source["kinds"]))
    if source["heap"] is not None:
        check_heap(source["heap"])


def check_events(events, kinds):
    lengths = {name: len(events[name]) for name in COLUMNS}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"its columns differ in length: {shown}")
    for name in COLUMNS:
        if not all(type(value) is int and value >= 0 for value in events[name]):
            raise ValueError(f"column {name} holds a value that is no count")
    if max(events["kind"], default=0) >= max(kinds, 1):
        raise ValueError("an event has a kind without a name")


def whole(value, what):
    if type(value) is not int or value < 0:
        raise ValueError(f"{what}: {value} is no count")
