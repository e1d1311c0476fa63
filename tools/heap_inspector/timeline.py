# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""The state of a heap along a trace: live blocks, used and peak bytes, free blocks and the largest.

Blocks that were live before the first event are known from the heap at the end and from what was
freed. Of such a block that was resized, the size before is not known: it counts as it was after."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from heapq import heappop, heappush

from .trace import FREE, MALLOC, MEMALIGN, POOL_ADDED, POOL_REMOVED, REALLOC, RESET


@dataclass
class Block:
    outer: int
    size: int
    caller: int
    task: int


def rows(trace):
    """The events as tuples: time, kind, address, old_address, size, outer, align, caller, task."""
    columns = trace["events"]
    return zip(*(columns[name] for name in ("time", "kind", "address", "old_address", "size",
                                            "outer", "align", "caller", "task")))


def live_before(trace):
    """{payload: Block} of what was live before the first event."""
    blocks = trace["heap"]["blocks"] if trace["heap"] else []
    live = {int(block["address"], 16): Block(block["outer"], block["size"], 0, 0)
            for block in blocks if block["state"] == "used"}
    for _, kind, address, old, size, outer, _, caller, task in reversed(list(rows(trace))):
        if kind in (MALLOC, MEMALIGN):
            live.pop(address, None)
        elif kind == REALLOC:
            live.pop(address, None)
            live[old] = Block(outer, size, caller, task)
        elif kind == FREE:
            live[address] = Block(outer, 0, 0, 0)
        elif kind == RESET:
            live = {}
    return live


class Holes:
    """The free pieces of pools, and the largest of them."""

    def __init__(self):
        self.begins, self.end_of = [], {}
        self.sizes = []  # a heap of (-size, begin); some of its pieces are gone

    def _add(self, begin, end):
        if begin < end:
            insort(self.begins, begin)
            self.end_of[begin] = end
            heappush(self.sizes, (begin - end, begin))

    def _drop(self, begin):
        del self.begins[bisect_left(self.begins, begin)]
        return self.end_of.pop(begin)

    def put(self, begin, end):
        """Adds a free piece, which joins the pieces beside it."""
        place = bisect_left(self.begins, begin)
        if place and self.end_of[self.begins[place - 1]] == begin:
            begin = self.begins[place - 1]
            self._drop(begin)
        if end in self.end_of:
            end = self._drop(end)
        self._add(begin, end)

    def take(self, begin, end):
        """Takes out what is free between two addresses."""
        place = max(bisect_right(self.begins, begin) - 1, 0)
        for first in [each for each in self.begins[place:bisect_left(self.begins, end)]
                      if self.end_of[each] > begin]:
            last = self._drop(first)
            self._add(first, begin)
            self._add(end, last)

    def largest(self):
        while self.sizes:
            size, begin = self.sizes[0]
            if self.end_of.get(begin) == begin - size:
                return -size
            heappop(self.sizes)
        return 0


class Timeline:
    """Goes through a trace: after each event its attributes say how the heap is."""

    def __init__(self, trace):
        options = trace["options"]
        self.trace, self.header = trace, options["header_bytes"]
        self.reserved = options.get("reserved_bytes", 0)
        self.front = options["pool_front_bytes"] - self.header
        self.live, self.used, self.peak = {}, 0, 0
        self.holes, self.pools = Holes(), {}
        for begin, end in pools_before(trace):
            self.add_pool(begin, end - begin)
        for address, block in live_before(trace).items():
            self.add(address, block)

    @property
    def largest_request(self):
        return max(self.holes.largest() - self.header - self.reserved, 0)

    @property
    def free_blocks(self):
        return len(self.holes.begins)

    # ---- blocks ------------------------------------------------------------------------------

    def place(self, address, block):
        begin = address - self.header
        return begin, begin + block.outer

    def remove(self, address):
        block = self.live.pop(address, None)
        if block is not None:
            self.used -= block.outer
            self.holes.put(*self.place(address, block))

    def add(self, address, block):
        self.remove(address)
        self.live[address] = block
        self.holes.take(*self.place(address, block))
        self.used += block.outer
        self.peak = max(self.peak, self.used)

    def move(self, old, address, block):
        """A block that moves far is in both places for a while, and the peak knows it."""
        before = self.live.get(old)
        if before is not None:
            begin, end = self.place(old, before)
            new_begin, new_end = self.place(address, block)
            if new_end <= begin or end <= new_begin:
                self.peak = max(self.peak, self.used + block.outer)
        self.remove(old)
        self.add(address, block)

    # ---- pools -------------------------------------------------------------------------------

    def add_pool(self, begin, size):
        """A pool that overlaps one that is known is that one, which has grown."""
        first, end = begin + self.front, begin + size - self.header
        known = next(((pool, bounds) for pool, bounds in self.pools.items()
                      if bounds[0] < end and first < bounds[1]), None)
        if known is None:
            self.holes.put(first, end)
        else:
            del self.pools[known[0]]
            old_first, old_end = known[1]
            if first < old_first:
                self.holes.put(first, old_first)
            if old_end < end:
                self.holes.put(old_end, end)
        self.pools[begin] = first, end

    def remove_pool(self, begin):
        if begin in self.pools:
            self.holes.take(*self.pools.pop(begin))

    def reset(self):
        self.live, self.used, self.holes = {}, 0, Holes()
        for bounds in self.pools.values():
            self.holes.put(*bounds)

    # ---- time --------------------------------------------------------------------------------

    def steps(self):
        """Yields each event, after it has happened."""
        for row in rows(self.trace):
            _, kind, address, old, size, outer, _, caller, task = row
            if kind == REALLOC:
                self.move(old, address, Block(outer, size, caller, task))
            elif kind == FREE:
                self.remove(address)
            elif kind in (MALLOC, MEMALIGN):
                self.add(address, Block(outer, size, caller, task))
            elif kind == RESET:
                self.reset()
            elif kind == POOL_ADDED:
                self.add_pool(address, outer)
            elif kind == POOL_REMOVED:
                self.remove_pool(address)
            yield row


def pools_before(trace):
    """(begin, end) of the pools that the heap has at the end and no event added."""
    columns = trace["events"]
    added = {address for kind, address in zip(columns["kind"], columns["address"])
             if kind == POOL_ADDED}
    pools = trace["heap"]["pools"] if trace["heap"] else []
    return [(int(pool["begin"], 16), int(pool["end"], 16)) for pool in pools
            if int(pool["begin"], 16) not in added]
