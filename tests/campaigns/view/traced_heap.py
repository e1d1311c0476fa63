# SPDX-License-Identifier: BSD-3-Clause
"""A trace of a real heap: the library of this tree serves a random load, and each call is written
down as `heap trace json` has it. Of each failure it keeps what `heap why` says then."""

import ctypes
from dataclasses import dataclass

from native_heap import HOLE, NativeHeap

KINDS = ["malloc", "memalign", "realloc", "free", "failed", "pool_added", "pool_removed", "reset"]
NUMBER = {name: number for number, name in enumerate(KINDS)}
COLUMNS = ["time", "kind", "address", "old_address", "size", "outer", "align", "caller", "task"]
CODE = 0x08000400          # where the callers seem to be
TICKS_PER_SECOND = 1000000
TASKS = {"1": "network", "2": "sensor", "3": "log"}


@dataclass(frozen=True)
class Caller:
    """Who asks for memory: how large, and for how many events on average."""
    function: str
    file: str
    line: int
    sizes: tuple
    lives: int
    task: int
    align: int = 0


CALLERS = [
    Caller("packet_receive", "net/packet.c", 88, (40, 300), 60, 1),
    Caller("packet_send", "net/packet.c", 131, (40, 300), 40, 1),
    Caller("session_open", "net/session.c", 57, (90, 130), 900, 1),
    Caller("certificate_parse", "net/tls.c", 412, (600, 2400), 300, 1),
    Caller("sample_push", "sensor/sample.c", 29, (12, 24), 400, 2),
    Caller("filter_state", "sensor/filter.c", 74, (64, 64), 2000, 2, 64),
    Caller("dma_buffer", "sensor/dma.c", 33, (256, 512), 120, 2, 32),
    Caller("line_format", "log/line.c", 45, (16, 120), 25, 3),
    Caller("record_append", "log/record.c", 102, (30, 60), 700, 3),
    Caller("json_node", "config/json.c", 210, (24, 72), 1500, 3),
    Caller("timer_new", "os/timer.c", 18, (36, 36), 1200, 3),
]


class TracedHeap(NativeHeap):
    """The trace begins with what is live already after `before` steps."""

    def __init__(self, library, first_bytes, second_bytes, random, before=0):
        super().__init__(library, first_bytes, second_bytes, random)
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        loaded = ctypes.CDLL(str(library.file))
        function = library._function
        self.resize_block = function(loaded, "tlsf_realloc", pointer, pointer, pointer, size)
        self.remove_pool = function(loaded, "tlsf_remove_pool", ctypes.c_int, pointer, pointer)
        self.reset_heap = function(loaded, "tlsf_reset", None, pointer)
        self.sizes = (first_bytes, second_bytes)
        self.events = {name: [] for name in COLUMNS}
        self.answers = {}     # {number of a failure's event: what `heap why` says}
        self.answers_most = 0
        self.time = 0
        self.callers = {}     # of live blocks
        self.order = []       # live blocks, to choose from
        self.place = {}
        self.before = {}      # {block: outer size} of live ones that are older than the trace
        self.is_traced = False
        for _ in range(before):
            self.work()
        self.is_traced = True
        self.before = {block: self.outer(block) for block in self.order}
        self.first = dict(self.before)
        self.named = set()    # those of `first` that the trace frees by name

    # ---- the trace ---------------------------------------------------------------------------

    def outer(self, block):
        """As the block's header has it."""
        at = block - self.layout.overhead - self.begin
        header = int.from_bytes(self.view[at:at + self.layout.overhead], self.layout.order)
        return self.layout.header_size(header)

    def note(self, kind, address=0, old=0, size=0, align=0, caller=None):
        self.time += self.random.randrange(1, 90)
        if not self.is_traced:
            return
        outer = self.outer(address) if address and not kind.startswith("pool") else 0
        values = (self.time, NUMBER[kind], address, old, size, outer, align,
                  CODE + 4 * CALLERS.index(caller) if caller else 0, caller.task if caller else 0)
        for name, value in zip(COLUMNS, values):
            self.events[name].append(value)

    def regions(self):
        """Each pool, from its record to its end."""
        front = self.layout.pool_front
        return [{"begin": pool.descriptor, "bytes": pool.size + front}
                for pool in self.inspection().heap.pools()]

    def trace(self):
        heap = self.inspection().blocks()
        return {"format": "fmemp trace", "version": 1, "target": heap["target"],
                "clock": {"ticks_per_second": TICKS_PER_SECOND}, "lost": 0,
                "heap": heap, "regions": self.regions(),
                "options": {**heap["options"], "header_bytes": self.layout.overhead,
                            "pool_front_bytes": self.layout.pool_front, "reserved_bytes": 0},
                "kinds": KINDS,
                "callers": {str(CODE + 4 * number): {"function": each.function, "file": each.file,
                                                     "line": each.line}
                            for number, each in enumerate(CALLERS)},
                "tasks": TASKS, "events": self.events}

    def known_before(self):
        """The blocks from before the trace that it, or the heap at its end, tells of."""
        return {block: outer for block, outer in self.first.items()
                if block in self.named or block in self.before}

    # ---- what the program does ---------------------------------------------------------------

    def work(self, live_most=None):
        """One event of a random load: a request of a random caller, or the end of a block. A block
        may end at any time; one of a caller whose blocks live long rarely does."""
        chance = self.random.random()
        is_full = live_most is not None and len(self.order) >= live_most
        if self.order and (is_full or chance < 0.44):
            self.end_some()
        elif self.order and chance < 0.5:
            self.resize_some()
        else:
            self.ask(self.random.choice(CALLERS))

    def ask(self, caller, factor=1):
        size = factor * self.random.randint(*caller.sizes)
        block = self.library.memalign(self.handle, caller.align, size)
        if not block:
            return self.failed(size, caller.align, caller)
        self.note("memalign" if caller.align else "malloc", block, size=size, align=caller.align,
                  caller=caller)
        self.keep(block, caller)
        return block

    def failed(self, size, align, caller):
        self.note("failed", size=size, align=align, caller=caller)
        if self.is_traced and len(self.answers) < self.answers_most:
            self.answers[len(self.events["kind"]) - 1] = self.inspection().why(size, align)
        return None

    def keep(self, block, caller):
        self.callers[block] = caller
        self.place[block] = len(self.order)
        self.order.append(block)

    def drop(self, block):
        last, place = self.order.pop(), self.place.pop(block)
        if last != block:
            self.order[place], self.place[last] = last, place
        return self.callers.pop(block)

    def end_some(self):
        """Of a few blocks, the one whose caller keeps blocks for the shortest time."""
        some = [self.random.choice(self.order) for _ in range(3)]
        block = min(some, key=lambda each: self.callers[each].lives * self.random.random())
        self.end_block(block)

    def end_block(self, block):
        caller = self.drop(block)
        if self.before.pop(block, None):
            self.named.add(block)
        self.note("free", block, caller=caller)
        self.library.free(self.handle, block)

    def resize_some(self):
        old = self.random.choice(self.order)
        caller = self.callers[old]
        if caller.align or old in self.before:  # a trace does not say how large it was
            return
        size = self.random.randint(*caller.sizes)
        block = self.resize_block(self.handle, old, size)
        if not block:
            self.failed(size, 0, caller)
            return
        self.note("realloc", block, old, size, caller=caller)
        self.drop(old)
        self.keep(block, caller)

    # ---- pools -------------------------------------------------------------------------------

    def second_pool(self):
        """(its handle, its bytes)"""
        return self.begin + self.sizes[0] + HOLE, self.sizes[1]

    def reset(self):
        self.note("reset")
        self.reset_heap(self.handle)
        self.before.clear()   # a trace cannot know these
        self.order.clear()
        self.place.clear()
        self.callers.clear()

    def drop_second_pool(self):
        """Only an empty pool can go."""
        address, size = self.second_pool()
        if self.remove_pool(self.handle, address) != 0:
            raise RuntimeError("the pool is not empty")
        self.note("pool_removed", address, size=size)

    def add_second_pool(self):
        address, size = self.second_pool()
        if not self.library.add_pool(self.handle, address, size):
            raise RuntimeError("the pool is not added")
        self.note("pool_added", address, size=size)
