# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""The trace of one heap as values for JSON: docs/trace.md has the table."""

from . import trace_ring as ring
from .problem import Problem

FORMAT, VERSION = "fmemp trace", 1
KINDS = ("malloc", "memalign", "realloc", "free", "failed", "pool_added", "pool_removed", "reset")
MALLOC, MEMALIGN, REALLOC, FREE, FAILED, POOL_ADDED, POOL_REMOVED, RESET = range(len(KINDS))
COLUMNS = ("time", "kind", "address", "old_address", "size", "outer", "align", "caller", "task")
HALF_A_WRAP, WRAP = 1 << 31, 1 << 32


# ---- one heap's events ----------------------------------------------------------------------


class Pools:
    """The pools that a heap has, as events tell and as it has them at the end."""

    def __init__(self, heap):
        self.heap = heap.address
        self.now = {pool.descriptor: pool.end + heap.layout.overhead - pool.descriptor
                    for pool in heap.pools()}
        self.seen = dict(self.now)
        self.others = {}

    def learn(self, event):
        if event.kind == ring.POOL:
            mine = self.seen if event.other == self.heap else self.others
            mine[event.address] = max(event.outer, mine.get(event.address, 0))

    @staticmethod
    def holds(pools, address):
        return any(begin <= address < begin + size for begin, size in pools.items())

    def is_mine(self, event):
        if event.kind in (ring.CREATED, ring.RESET, ring.FAILED):
            return event.address == self.heap
        if event.kind in (ring.POOL, ring.POOL_REMOVED, ring.FREED):
            return event.other == self.heap
        return self.holds(self.seen, event.address) or not self.holds(self.others, event.address)

    def regions(self):
        """What all pools cover, without overlaps: a pool that grew may have got another handle."""
        merged = []
        for begin, size in sorted(self.seen.items()):
            if merged and begin <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], begin + size)
            else:
                merged.append([begin, begin + size])
        return [{"begin": begin, "bytes": end - begin} for begin, end in merged]


def events_of(events, heap):
    """The events of one heap, and its pools."""
    pools = Pools(heap)
    for event in events:
        pools.learn(event)
    return [event for event in events if pools.is_mine(event)], pools


# ---- times that wrap ------------------------------------------------------------------------


def unwrapped(times):
    """32-bit times as they went on. An event that was interrupted may be stamped after the one that
    interrupted it; time never goes back for that."""
    found, before, now = [], None, 0
    for time in times:
        if before is None:
            now = time
        else:
            step = (time - before) % WRAP
            now += step if step < HALF_A_WRAP else 0
        if before is None or (time - before) % WRAP < HALF_A_WRAP:
            before = time
        found.append(now)
    return found


# ---- what the events say --------------------------------------------------------------------


class Columns:
    """Events of the ring become events of the trace. reserved: bytes of each request that FMemp
    adds for a tag."""

    def __init__(self, events, overhead, reserved):
        self.events, self.overhead, self.reserved = events, overhead, reserved
        self.times = unwrapped([event.time for event in events])
        self.columns = {name: [] for name in COLUMNS}
        self.pools = {}
        place = 0
        while place < len(events):
            place += self.step(place)

    def add(self, place, kind, address, old=0, outer=0, align=0, size=None):
        event = self.events[place]
        if size is None:
            size = max(event.size - self.reserved, 0)
        values = (self.times[place], kind, address, old, size, outer, align, event.caller,
                  event.task)
        for name, value in zip(COLUMNS, values):
            self.columns[name].append(value)

    def kinds(self, place, count):
        return [event.kind for event in self.events[place:place + count]]

    def step(self, place):
        """Adds what one or more events of the ring say. Returns how many they were."""
        event = self.events[place]
        if event.kind == ring.ALLOCATED:
            return self.allocated(place, event)
        if event.kind == ring.JOINED:
            return self.joined(place, event)
        if event.kind == ring.RESIZED:
            self.add(place, REALLOC, event.address, event.other, event.outer)
        elif event.kind == ring.FREED:
            self.add(place, FREE, event.address, outer=event.outer)
        elif event.kind == ring.FAILED:
            self.add(place, FAILED, 0, align=event.other)
        elif event.kind != ring.MOVES:
            self.of_pools(place, event)
        return 1

    def allocated(self, place, event):
        kind, old, count = MEMALIGN if event.other else MALLOC, 0, 1
        if self.kinds(place, 3) == [ring.ALLOCATED, ring.MOVES, ring.FREED]:
            moves, freed = self.events[place + 1:place + 3]
            if moves.address == event.address and freed.address == moves.other:
                kind, old, count = REALLOC, freed.address, 3
        self.add(place, kind, event.address, old, event.outer, event.other)
        return count

    def joined(self, place, event):
        if self.kinds(place, 2) == [ring.JOINED, ring.RESIZED]:
            last = self.events[place + 1]
            if last.address == last.other == event.address:
                size = max(last.size - self.reserved, 0)
                self.add(place, REALLOC, event.address, event.other, last.outer, size=size)
                return 2
        self.add(place, REALLOC, event.address, event.other, event.outer,
                 size=event.outer - self.overhead)
        return 1

    def of_pools(self, place, event):
        if event.kind == ring.CREATED:
            for pool, size in self.pools.items():
                self.add(place, POOL_REMOVED, pool, outer=size, size=0)
            self.pools = {}
        if event.kind in (ring.CREATED, ring.RESET):
            self.add(place, RESET, 0, size=0)
        elif event.kind == ring.POOL:
            self.pools[event.address] = event.outer
            self.add(place, POOL_ADDED, event.address, outer=event.outer, size=0)
        elif event.kind == ring.POOL_REMOVED:
            self.pools.pop(event.address, None)
            self.add(place, POOL_REMOVED, event.address, outer=event.outer, size=0)


def callers_of(addresses, owners):
    found = {}
    for address in sorted(set(addresses) - {0}):
        owner = owners.place_of(address)
        found[str(address)] = {"function": owner.function, "file": owner.file, "line": owner.line}
    return found


def trace_of(inspection):
    """The trace of an inspected heap."""
    heap, layout, owners = inspection.heap, inspection.layout, inspection.owners
    recorded = ring.read_ring(heap.memory, layout, owners.program)
    events, pools = events_of(recorded.events, heap)
    columns = Columns(events, layout.overhead + layout.guard_bytes, owners.reserved).columns
    return {
        "format": FORMAT, "version": VERSION,
        "target": {"bits": 8 * layout.word, "order": layout.order},
        "clock": {"ticks_per_second": recorded.ticks_per_second or None},
        "lost": recorded.lost,
        "heap": inspection.blocks(),
        "regions": pools.regions(),
        "options": {**layout.options(), "header_bytes": layout.overhead,
                    "pool_front_bytes": layout.pool_front, "reserved_bytes": owners.reserved},
        "kinds": list(KINDS),
        "callers": callers_of(columns["caller"], owners),
        "tasks": {str(task): f"task {task:#x}" for task in sorted(set(columns["task"]) - {0})},
        "events": columns,
    }


# ---- a trace that was saved -----------------------------------------------------------------


def checked(trace, path):
    """The trace, if it is one that this tool understands."""
    if not isinstance(trace, dict) or trace.get("format") != FORMAT:
        raise Problem(f"{path} is no trace: write one with tools/heap trace json FILE")
    if trace.get("version") != VERSION:
        raise Problem(f"{path} is a trace of version {trace.get('version')}; this tool reads "
                      f"version {VERSION}")
    columns = trace.get("events")
    if not isinstance(columns, dict) or set(columns) != set(COLUMNS) \
            or len({len(column) for column in columns.values()}) != 1:
        raise Problem(f"{path}: the columns of events are not complete, or not equally long")
    return trace


class SavedTrace:
    """A trace file in place of a heap: it answers for a trace alone."""

    def __init__(self, trace):
        self._trace = trace

    def trace(self):
        return self._trace

    def __getattr__(self, name):
        raise Problem("a trace file has no memory of a heap: of all commands only trace reads it")
