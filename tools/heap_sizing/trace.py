# SPDX-License-Identifier: BSD-3-Clause
"""Loads from traces of a board: the JSON that `tools/heap trace json` writes."""

from heap_inspector.problem import Problem

from .load_file import LoadWriter

FORMAT, VERSION = "fmemp trace", 1
COLUMNS = ("kind", "address", "old_address", "size", "outer", "align")
IGNORED = ("pool_added", "pool_removed")
KNOWN = ("malloc", "memalign", "realloc", "free", "failed", "reset", *IGNORED)


def checked(trace, path):
    """The columns of the events; a Problem if this is no whole trace."""
    if not isinstance(trace, dict) or trace.get("format") != FORMAT:
        raise Problem(f"{path} is no trace: tools/heap trace json FILE writes one")
    if trace.get("version") != VERSION:
        raise Problem(f"{path} is a trace of version {trace.get('version')}; this tool reads "
                      f"version {VERSION}")
    if trace.get("lost"):
        raise Problem(f"{path}: {trace['lost']:,} events were lost, so the pool that it needs is "
                      "not known. Make the ring larger, by TRACE_RING_EVENTS, and trace again")
    events = trace.get("events", {})
    lengths = {len(events.get(name, ())) for name in COLUMNS}
    if len(lengths) != 1 or lengths == {0}:
        raise Problem(f"{path} has no events, or its columns differ in length")
    unknown = set(trace.get("kinds", ())) - set(KNOWN)
    if unknown or not trace.get("kinds"):
        raise Problem(f"{path} has events that this tool does not know: {', '.join(unknown)}")
    return events


class TraceReader:
    """The calls of a trace. Blocks that were live when it began come first, by their addresses."""

    def __init__(self, trace, path):
        self.path, self.trace = path, trace
        self.events = checked(trace, path)
        self.rows = list(zip(*(self.events[name] for name in COLUMNS)))
        self.kinds = trace["kinds"]
        self.overhead = self._overhead(trace.get("options", {}))
        self.live, self.load, self.failed = set(), LoadWriter(), 0
        self.initial = self._initial()
        for address, size in sorted(self.initial.items()):
            self.load.allocate(address, size)
        self.live = set(self.initial)
        for number, row in enumerate(self.rows):
            self._event(number, self.kinds[row[0]], *row[1:])

    def _overhead(self, options):
        word = self.trace.get("target", {}).get("bits", 32) // 8
        return options.get("header_bytes", word if options.get("layout") == "wide" else 4)

    # ---- what was live ---------------------------------------------------------------------

    def _initial(self):
        """The blocks that no event allocated: {address: bytes}. Some event gives them up, or they
        are in the heap at the end."""
        found, live, was_reset = {}, set(), False
        for kind, address, old_address, size, outer, _ in self.rows:
            name = self.kinds[kind]
            given_up = address if name == "free" else old_address if name == "realloc" else 0
            if given_up and given_up not in live:
                found[given_up] = size if name == "realloc" or not outer else outer - self.overhead
            live.discard(given_up)
            if name in ("malloc", "memalign", "realloc") and address:
                live.add(address)
            if name == "reset":
                live, was_reset = set(), True
        if not was_reset:
            found |= self._still_there(live)
        return found

    def _still_there(self, live):
        heap = self.trace.get("heap") or {}
        used = {int(block["address"], 16): block["size"] for block in heap.get("blocks", ())
                if block["state"] == "used"}
        return {address: size for address, size in used.items() if address not in live}

    # ---- events ----------------------------------------------------------------------------

    def _fail(self, number, why):
        raise Problem(f"{self.path}, event {number}: {why}. The trace is not whole")

    def _event(self, number, name, address, old_address, size, _, align):
        if name in ("malloc", "memalign") or name == "realloc" and not old_address:
            self._enter(number, address)
            self.load.allocate(address, size, align)
        elif name == "realloc":
            self._leave(number, old_address)
            self._enter(number, address)
            self._reallocate(old_address, address, size, align)
        elif name == "free":
            self._leave(number, address)
            self.load.free(address)
        elif name == "failed":
            self.failed += 1
            self.load.allocate("failed", size, align)
            self.load.free("failed")
        elif name == "reset":
            for block in sorted(self.live):
                self.load.free(block)
            self.live.clear()

    def _reallocate(self, old_address, address, size, align):
        """A realloc of a load does not know of alignments."""
        if align and address != old_address:
            self.load.allocate(address, size, align)
            self.load.free(old_address)
        else:
            self.load.reallocate(old_address, address, size)

    def _enter(self, number, address):
        if address in self.live:
            self._fail(number, f"{address:#x} is allocated, but was not freed")
        self.live.add(address)

    def _leave(self, number, address):
        if address not in self.live:
            self._fail(number, f"{address:#x} is given up, but was not allocated")
        self.live.remove(address)

    def notes(self):
        """What a reader of the result must know."""
        if self.initial:
            yield (f"{len(self.initial):,} blocks ({sum(self.initial.values()):,} bytes) were live "
                   "when the trace began. They come first, by their addresses: how they came to "
                   "lie there is not known")
        if self.failed:
            yield (f"{self.failed:,} requests failed on the board. Each is served here, and freed "
                   "at once: what the program would have done with it is not known")
        if len(self.trace.get("regions", ())) > 1:
            yield f"{len(self.trace['regions'])} regions became one pool"
