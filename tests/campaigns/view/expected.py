# SPDX-License-Identifier: BSD-3-Clause
"""What the page must show, computed from a trace or a snapshot alone, with none of the page's code:
a dictionary of live blocks, and the gaps between them."""

from dataclasses import dataclass

from traced_heap import KINDS

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Piece:
    begin: int      # where its header lies
    bytes: int
    owner: str      # None: a hole
    event: int      # that made it, counted from 1; 0: older than the trace
    size: int       # the request

    @property
    def is_hole(self):
        return self.owner is None


class Moment:
    """pools: (begin, bytes) of the memory of blocks. blocks: the used Pieces."""

    def __init__(self, pools, blocks, header):
        self.header = header
        self.pools = [pieces_of(begin, count, blocks) for begin, count in sorted(pools)]
        self.pieces = [piece for pieces in self.pools for piece in pieces]
        self.holes = [piece for piece in self.pieces if piece.is_hole]
        self.used = [piece for piece in self.pieces if not piece.is_hole]

    @property
    def used_bytes(self):
        return sum(piece.bytes for piece in self.used)

    @property
    def free_bytes(self):
        return sum(piece.bytes for piece in self.holes)

    @property
    def largest(self):
        return max((piece.bytes for piece in self.holes), default=0)

    @property
    def fragmentation(self):
        return 1 - self.largest / self.free_bytes if self.holes else 0

    def payload(self, piece):
        return hex(piece.begin + self.header)

    def at(self, address):
        return next((piece for piece in self.pieces
                     if piece.begin <= address < piece.begin + piece.bytes), None)

    def around(self, piece):
        pool = next(pool for pool in self.pools if piece in pool)
        place = pool.index(piece)
        return pool[max(place - 1, 0):place] + pool[place + 1:place + 2]

    def largest_holes(self):
        return sorted(self.holes, key=lambda hole: (-hole.bytes, hole.begin))

    def owners(self):
        """[(name, blocks, bytes)], the largest first."""
        found = {}
        for piece in self.used:
            blocks, total = found.get(piece.owner, (0, 0))
            found[piece.owner] = blocks + 1, total + piece.bytes
        return sorted(((name, *figures) for name, figures in found.items()),
                      key=lambda owner: -owner[2])

    def classes(self, layout):
        """{class: (used blocks, holes, free bytes)}, as the library has the classes."""
        found = {}
        for piece in self.pieces:
            number = layout.class_of(piece.bytes)
            used, holes, free = found.get(number, (0, 0, 0))
            found[number] = (used + (not piece.is_hole), holes + piece.is_hole,
                             free + piece.bytes * piece.is_hole)
        return dict(sorted(found.items()))


def pieces_of(begin, count, blocks):
    """The blocks of a pool, and the holes between them."""
    pieces, at = [], begin
    inside = [block for block in blocks if begin <= block.begin < begin + count]
    for block in sorted(inside, key=lambda block: block.begin):
        if at < block.begin:
            pieces.append(Piece(at, block.begin - at, None, 0, 0))
        pieces.append(block)
        at = block.begin + block.bytes
    if at < begin + count:
        pieces.append(Piece(at, begin + count - at, None, 0, 0))
    return pieces


class Replay:
    """The moments of a trace. before: {payload address: outer size} of older blocks."""

    def __init__(self, trace, before, header):
        self.trace, self.before, self.header = trace, before, header
        front = trace["options"]["pool_front_bytes"]
        self.pools = [(region["begin"] + front - header, region["bytes"] - front)
                      for region in trace["regions"]]
        self.count = len(trace["events"]["kind"])

    def pool_behind(self, address):
        return min(pool for pool in self.pools if pool[0] >= address)

    def piece(self, number):
        events = self.trace["events"]
        place = self.trace["callers"][str(events["caller"][number])]
        owner = f"{place['function']} {place['file'].split('/')[-1]}:{place['line']}"
        return Piece(events["address"][number] - self.header, events["outer"][number], owner,
                     number + 1, events["size"][number])

    def moments(self, wanted):
        """{number of events done: Moment} for those that are wanted, and {the same: peak}."""
        live = {address: Piece(address - self.header, outer, UNKNOWN, 0, 0)
                for address, outer in self.before.items()}
        pools, moments, peaks, used = set(self.pools), {}, {}, sum(self.before.values())
        added = [address for kind, address in zip(self.trace["events"]["kind"],
                                                  self.trace["events"]["address"])
                 if KINDS[kind] == "pool_added"]
        removed = [address for kind, address in zip(self.trace["events"]["kind"],
                                                    self.trace["events"]["address"])
                   if KINDS[kind] == "pool_removed"]
        pools -= {self.pool_behind(address) for address in added if address not in removed}
        peak = used
        for number in range(self.count + 1):
            used = sum(piece.bytes for piece in live.values()) if number in wanted else used
            peak = max(peak, used)
            if number in wanted:
                moments[number] = Moment(pools, live.values(), self.header)
                peaks[number] = peak
            if number < self.count:
                used += self.step(number, live, pools)
        return moments, peaks

    def step(self, number, live, pools):
        """Does an event. Returns by how much the used bytes grow."""
        events = self.trace["events"]
        kind, address = KINDS[events["kind"][number]], events["address"][number]
        grown = 0
        if kind == "free":
            grown -= live.pop(address).bytes
        elif kind == "realloc":
            grown -= live.pop(events["old_address"][number]).bytes
        elif kind == "reset":
            grown -= sum(piece.bytes for piece in live.values())
            live.clear()
        elif kind == "pool_removed":
            pools.remove(self.pool_behind(address))
        elif kind == "pool_added":
            pools.add(self.pool_behind(address))
        if kind in ("malloc", "memalign", "realloc"):
            live[address] = self.piece(number)
            grown += live[address].bytes
        return grown


def moment_of_heap(heap, header):
    """Of a snapshot. Its pools end with a header."""
    pools = [(int(pool["end"], 16) - header - pool["bytes"], pool["bytes"])
             for pool in heap["pools"]]
    blocks = [Piece(int(block["address"], 16) - header, block["outer"],
                    block.get("owner_text", UNKNOWN), 0, block["size"])
              for block in heap["blocks"] if block["state"] == "used"]
    return Moment(pools, blocks, header)
