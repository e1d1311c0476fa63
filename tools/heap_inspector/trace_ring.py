# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""The ring of events in a target's memory, as ports/trace/ring/trace_ring.h lays it out and the
program's debug information describes it."""

from dataclasses import dataclass

from .layout import typed_structure
from .memory import Unreadable
from .problem import Problem

(CREATED, RESET, POOL, POOL_REMOVED, ALLOCATED, RESIZED, JOINED, MOVES, FREED,
 FAILED) = range(10)
NUMBER_STEP = 16
FIELDS = ("stamp", "time", "task", "caller", "address", "other", "outer", "size")


@dataclass
class Event:
    kind: int
    time: int
    task: int
    caller: int
    address: int
    other: int
    outer: int
    size: int


@dataclass
class Ring:
    events: list            # the oldest first
    lost: int               # events that were overwritten, or not whole when the target stopped
    ticks_per_second: int   # 0: not known


def ring_place(program):
    found = [program.loaded(address) for name, address, _, kind in program.symbols()
             if name.endswith("tlsf_trace_ring") and kind == "STT_OBJECT"]
    if not found:
        raise Problem(f"{program.path} has no ring of events: build the library with "
                      "-DTLSF_TRACE=1 -Iports/trace/ring, and link trace_ring.c")
    if len(found) > 1:
        raise Problem(f"{program.path} has {len(found)} rings of events, of libraries with other "
                      "prefixes: this tool reads programs with one")
    return found[0]


def read_ring(memory, layout, program):
    place = ring_place(program)
    shape = typed_structure(program, "trace_ring")
    if shape is None or "events.stamp" not in shape.members:
        raise Problem(f"{program.path} does not describe its ring of events: compile trace_ring.c "
                      "with -g")
    try:
        raw = memory.read(place, shape.bytes)
    except Unreadable as error:
        raise Problem(f"the ring of events at {place:#x} cannot be read: add it to a dump with "
                      f"--raw {place:#x}:FILE; it has {shape.bytes} bytes") from error
    return ring_of(raw, shape, layout.order)


def ring_of(raw, shape, order):
    def number(member, base=0):
        at = base + member.offset
        return int.from_bytes(raw[at:at + member.bytes], order)

    members = shape.members
    latest, count = number(members["latest"]), members["events"].count
    if number(members["count"]) != count or latest % NUMBER_STEP:
        raise Problem("the ring of events is not that of this program, or was overwritten")
    fields = [members[f"events.{name}"] for name in FIELDS]
    recorded = latest // NUMBER_STEP
    events, lost = [], max(recorded - count, 0)
    for place in range(lost + 1, recorded + 1):
        base = place % count * members["events"].bytes
        stamp, *values = (number(field, base) for field in fields)
        if stamp // NUMBER_STEP == place:
            events.append(Event(stamp % NUMBER_STEP, *values))
        else:
            lost += 1
    return Ring(events, lost, number(members["ticks_per_second"]))
