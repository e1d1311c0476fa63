# SPDX-License-Identifier: BSD-3-Clause
"""A heap, or a trace of one, as the page gets it: a list of events. What exists when a trace begins
comes first, as events of the kind "before". A heap without a trace has no others."""

from bisect import bisect_left

from .places import Places
from .sizes import sizes_of
from .source import HEAP, KINDS

NONE = 0xFFFFFFFF
BEFORE = len(KINDS)
MALLOC, MEMALIGN, REALLOC, FREE, FAILED, POOL_ADDED, POOL_REMOVED, RESET = range(len(KINDS))
APPEARS = (MALLOC, MEMALIGN, REALLOC, BEFORE)
UNKNOWN = "unknown"


def history_of(source):
    history = History(source)
    if source["format"] == HEAP:
        history.add_heap(source["blocks"])
    else:
        history.add_trace(source)
    return history


def regions_of(source, header):
    """The memory of the blocks: from the first header of a pool to its end marker. A heap at the
    end of a trace says it best; a trace also has regions that were removed before."""
    heap = source if source["format"] == HEAP else source["heap"]
    regions = [(int(pool["end"], 16) - header - pool["bytes"], pool["bytes"])
               for pool in heap["pools"]] if heap else []
    for region in source["regions"] if source is not heap else ():
        # Of a whole pool: its record comes before the first header.
        front = source["options"].get("pool_front_bytes", header)
        begin, count = region["begin"] + front - header, region["bytes"] - front
        if count > 0 and all(begin + count <= first or first + some <= begin
                             for first, some in regions):
            regions.append((begin, count))
    if not regions:
        raise ValueError("no pool is named, so there is nothing to see")
    return regions


class Names:
    """Names, each with a number."""

    def __init__(self):
        self.numbers = {}

    def number(self, name):
        return self.numbers.setdefault(name, len(self.numbers))

    def __iter__(self):
        return iter(self.numbers)


class History:
    def __init__(self, source):
        self.source = source
        self.sizes = sizes_of(source["target"], source["options"])
        self.places = Places(regions_of(source, self.sizes.header))
        self.owners, self.tasks = Names(), Names()
        self.notes = []
        self.outside = 0
        # Columns. `gone` is the place of the block that an event ends, `begin` and `end` are those
        # of the block that it makes.
        self.kind, self.begin, self.end, self.gone = [], [], [], []
        self.size, self.align, self.owner, self.task, self.time = [], [], [], [], []
        self.before = 0

    def add(self, kind, made=(NONE, NONE), gone=NONE, size=0, align=0, owner=UNKNOWN, task="",
            time=0):
        self.kind.append(kind)
        self.begin.append(made[0])
        self.end.append(made[1])
        self.gone.append(gone)
        self.size.append(size)
        self.align.append(align)
        self.owner.append(self.owners.number(owner))
        self.task.append(self.tasks.number(task))
        self.time.append(time)

    def block_at(self, address, outer):
        """The places of a block by its address as users know it."""
        found = self.places.of(address - self.sizes.header, outer)
        if found is None:
            self.outside += 1
            return NONE, NONE
        return found

    # ---- a heap ------------------------------------------------------------------------------

    def add_heap(self, blocks):
        for number in range(len(self.places.regions)):
            self.add_region(number)
        self.add_blocks(blocks)
        self.end_of_before()

    def add_region(self, number, time=0):
        place = self.places.starts[number]
        self.add(POOL_ADDED, (place, place + self.places.regions[number][1]), time=time)

    def add_blocks(self, blocks):
        for block in blocks:
            if block["state"] == "used":
                made = self.block_at(int(block["address"], 16), block["outer"])
                self.add(BEFORE, made, size=block["size"], owner=block.get("owner_text", UNKNOWN))

    def end_of_before(self):
        self.before = len(self.kind)

    # ---- a trace -----------------------------------------------------------------------------

    def add_trace(self, source):
        trace = Trace(source)
        added = self.regions_added(trace)
        for number in range(len(self.places.regions)):
            if self.is_there_before(trace, number, added):
                self.add_region(number)
        self.add_blocks(trace.blocks_before(self.sizes.smallest))
        self.end_of_before()
        for number in range(trace.count):
            self.add_event(trace, number, added.get(number))
        self.note_limits(trace)

    def regions_added(self, trace):
        """{event: region} of the pools that are added."""
        return {number: self.region_behind(trace.address[number])
                for number in trace.numbers_of(POOL_ADDED)}

    def region_behind(self, address):
        """The region of the pool with this handle, which lies a little before its first block;
        None."""
        number = bisect_left(self.places.begins, address)
        return number if number < len(self.places.begins) else None

    def is_there_before(self, trace, region, added):
        """Whether a region is there from the begin on: the trace does not add it, or removes it
        before."""
        first = min((number for number, some in added.items() if some == region),
                    default=trace.count)
        removed = [number for number in trace.numbers_of(POOL_REMOVED)
                   if self.region_behind(trace.address[number]) == region]
        return first == trace.count or min(removed, default=trace.count) < first

    def add_event(self, trace, number, region):
        kind, address, old = trace.kind[number], trace.address[number], trace.old[number]
        made, gone = (NONE, NONE), NONE
        if kind in APPEARS and address:
            made = self.block_at(address, trace.outer[number])
        if kind == FREE:
            gone = self.block_at(address, 0)[0]
        elif kind == REALLOC and old:
            gone = self.block_at(old, 0)[0]
        elif kind == POOL_ADDED and region is not None:
            place = self.places.starts[region]
            made = place, place + self.places.regions[region][1]
        elif kind == POOL_REMOVED:
            behind = self.region_behind(address)
            gone = NONE if behind is None else self.places.starts[behind]
        self.add(kind, made, gone, trace.size[number], trace.align[number],
                 trace.owner(number), trace.task_name(number), trace.time[number])

    def note_limits(self, trace):
        if trace.lost:
            self.notes.append(f"{trace.lost:,} events were lost while the trace was taken.")
        if trace.unknown_sizes:
            self.notes.append(f"{trace.unknown_sizes:,} blocks are older than the trace, and their "
                              "size is not known: they are shown as small as a block can be.")
        if self.outside:
            self.notes.append(f"{self.outside:,} events name memory outside of the heap's regions, "
                              "and are not shown.")


class Trace:
    def __init__(self, source):
        events = source["events"]
        kinds = [KINDS.index(name) for name in source["kinds"]]
        self.kind = [kinds[number] for number in events["kind"]]
        self.address, self.old = events["address"], events["old_address"]
        self.size, self.outer, self.align = events["size"], events["outer"], events["align"]
        self.time, self.caller, self.task = events["time"], events["caller"], events["task"]
        self.count, self.lost, self.heap = len(self.kind), source["lost"], source["heap"]
        self.task_names = source["tasks"]
        self.callers = {int(address): place_of(caller)
                        for address, caller in source["callers"].items()}
        self.unknown_sizes = 0

    def numbers_of(self, kind):
        return (number for number, some in enumerate(self.kind) if some == kind)

    def owner(self, number):
        caller = self.caller[number]
        return self.callers.get(caller) or (hex(caller) if caller else UNKNOWN)

    def task_name(self, number):
        task = self.task[number]
        return self.task_names.get(str(task)) or (f"task {task}" if task else "")

    def blocks_before(self, smallest):
        """The blocks that are older than the trace: those that it frees or moves without having
        made them, and those of the heap at its end that it never names."""
        found, live = {}, set()
        for number, kind in enumerate(self.kind):
            address = self.address[number]
            gone = {FREE: address, REALLOC: self.old[number]}.get(kind)
            if gone and gone not in live and gone not in found:
                found[gone] = self.block_before(gone, number, smallest)
            live.discard(gone)
            if kind in APPEARS and address:
                live.add(address)
            elif kind == RESET:
                live.clear()
        named = set(self.address) | set(self.old)
        for block in self.heap["blocks"] if self.heap else ():
            if block["state"] == "used" and int(block["address"], 16) not in named:
                found[int(block["address"], 16)] = block
        return list(found.values())

    def block_before(self, address, number, smallest):
        """As a free says it. A realloc only has the new block: at the same address it is taken for
        the old one."""
        kind, outer = self.kind[number], self.outer[number]
        if not outer or (kind == REALLOC and self.address[number] != address):
            self.unknown_sizes += 1
            outer = smallest
        return {"address": hex(address), "state": "used", "outer": outer, "size": 0}


def place_of(caller):
    """As an owner of `heap blocks` reads."""
    file, line, function = caller.get("file"), caller.get("line"), caller.get("function")
    where = f"{str(file).rsplit('/', 1)[-1]}:{line}" if file else None
    return " ".join(filter(None, (function, where)))
