# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""A trace in the formats of other tools: Perfetto, speedscope, CSV, and loads of bench/loads."""

import csv
import io
import json
from itertools import islice

from heap_sizing.load_file import LoadWriter

from .problem import Problem
from .timeline import Timeline, live_before, rows
from .trace import COLUMNS, FAILED, FREE, KINDS, MALLOC, MEMALIGN, POOL_ADDED, REALLOC, RESET

SPEEDSCOPE_SCHEMA = "https://www.speedscope.app/file-format-schema.json"
PROCESS = 1
MICROSECONDS = 1_000_000


def caller_text(trace, address):
    """Function, file and line of a caller, as far as they are known."""
    caller = trace["callers"].get(str(address), {})
    place = f"{caller['file']}:{caller['line']}" if caller.get("file") else None
    words = [word for word in (caller.get("function"), place) if word]
    return " ".join(words) or (hex(address) if address else "unknown")


def task_text(trace, task):
    return trace["tasks"].get(str(task), "task 0")


# ---- Chrome's trace events, which Perfetto reads ------------------------------------------------


class Events:
    """Trace events, and what counters said last: a counter that stays says nothing again."""

    def __init__(self):
        self.list, self.said = [], {}

    def add(self, name, phase, at, **more):
        self.list.append({"name": name, "cat": "heap", "ph": phase, "ts": at, "pid": PROCESS,
                          "tid": 0, **more})

    def counter(self, name, at, value):
        if self.said.get(name) != value:
            self.said[name] = value
            self.add(name, "C", at, args={name: value})


def perfetto(trace):
    """Counters of the heap, and an instant for each request that failed. Without a clock a tick is
    an event."""
    ticks = trace["clock"]["ticks_per_second"]
    events, timeline = Events(), Timeline(trace)
    events.add("process_name", "M", 0, args={"name": "fmemp heap"})
    for number, row in enumerate(timeline.steps()):
        time, kind, _, _, size, _, align, caller, task = row
        at = time * MICROSECONDS / ticks if ticks else number
        events.counter("used", at, timeline.used)
        events.counter("peak", at, timeline.peak)
        events.counter("largest request", at, timeline.largest_request)
        events.counter("free blocks", at, timeline.free_blocks)
        if kind == FAILED:
            events.add(f"failed: {size} bytes", "i", at, s="p",
                       args={"size": size, "align": align, "caller": caller_text(trace, caller),
                             "task": task_text(trace, task)})
    return json.dumps({"traceEvents": events.list, "displayTimeUnit": "ns"})


# ---- speedscope: who holds memory ---------------------------------------------------------------


def holders(trace, live):
    """{(task, caller): bytes} of live blocks."""
    found = {}
    for block in live.values():
        key = task_text(trace, block.task), caller_text(trace, block.caller)
        found[key] = found.get(key, 0) + block.outer
    return found


def peak_and_end(trace):
    """The live blocks when most bytes were in use, and at the end."""
    timeline = Timeline(trace)
    used = [timeline.used, *(timeline.used for _ in timeline.steps())]
    at_peak = Timeline(trace)
    for _ in islice(at_peak.steps(), used.index(max(used))):
        pass
    return at_peak.live, timeline.live


def speedscope(trace):
    """A profile of the moment when most was in use, and one of the end: bytes by task and
    caller."""
    frames, places = [], {}

    def frame(name):
        if name not in places:
            places[name] = len(frames)
            frames.append({"name": name})
        return places[name]

    profiles = []
    for name, live in zip(("held at the peak", "held at the end"), peak_and_end(trace)):
        held = sorted(holders(trace, live).items(), key=lambda item: (-item[1], item[0]))
        profiles.append({"type": "sampled", "name": name, "unit": "bytes", "startValue": 0,
                         "endValue": sum(size for _, size in held),
                         "samples": [[frame(task), frame(caller)] for (task, caller), _ in held],
                         "weights": [size for _, size in held]})
    return json.dumps({"$schema": SPEEDSCOPE_SCHEMA, "exporter": "fmemp tools/heap",
                       "name": "fmemp heap", "activeProfileIndex": 0,
                       "shared": {"frames": frames}, "profiles": profiles}, indent=1)


# ---- CSV ---------------------------------------------------------------------------------------


def table(trace):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for time, kind, address, old, size, outer, align, caller, task in rows(trace):
        writer.writerow((time, KINDS[kind], hex(address), hex(old), size, outer, align,
                         caller_text(trace, caller) if caller else "", task))
    return out.getvalue()


# ---- loads: bench/loads/load_format.h -----------------------------------------------------------


def load(trace):
    """The calls of a trace that knows the heap from its beginning. Replayed on a library with the
    same options, they make the very same heap."""
    begins_whole(trace)
    made = LoadWriter()
    for _, kind, address, old, size, _, align, _, _ in rows(trace):
        if kind in (MALLOC, MEMALIGN):
            made.allocate(address, size, align)
        elif kind == REALLOC and align:  # it moved, as a realloc of a load would not
            made.allocate(address, size, align)
            made.free(old)
        elif kind == REALLOC:
            made.reallocate(old, address, size)
        elif kind == FREE:
            made.free(address)
        elif kind == RESET:
            for live in sorted(made.number_of):
                made.free(live)
    return made.content()


def begins_whole(trace):
    kinds = trace["events"]["kind"]
    if trace["lost"] or live_before(trace) or kinds[:1] != [RESET]:
        raise Problem("this trace does not know the heap from its beginning "
                      f"({trace['lost']} events were lost), so no load makes the same heap: give "
                      "the ring more places (TRACE_RING_EVENTS), or save the trace earlier")
    if kinds.count(POOL_ADDED) > 1:
        raise Problem(f"this trace has {kinds.count(POOL_ADDED)} additions of pools; a load has "
                      "one region")


FORMATS = {"perfetto": perfetto, "speedscope": speedscope, "csv": table, "load": load}
