# SPDX-License-Identifier: BSD-3-Clause
"""Whose a live block is: the tag and the call site that FMemp keeps at its end, in words of the
program's source. lib/fmemp/fmemory_tag.h and fmemory_call_site.h say where they lie."""

from dataclasses import dataclass

from .guards import payload_bytes
from .layout import CALL_SITE_BYTES
from .memory import Unreadable
from .problem import Problem
from .trace_ring import ALLOCATED, FREED, JOINED, RESIZED, read_ring

STRING_MAX = 256
SEAL = 0x7A67B10C
OVERWRITTEN = "tag overwritten"


@dataclass(frozen=True)
class Owner:
    function: str = None
    file: str = None
    line: int = None
    address: int = None     # the call site
    note: str = None        # what is wrong with it

    def text(self):
        place = f"{self.file}:{self.line}" if self.file else None
        words = [word for word in (self.function, place) if word]
        if not words and self.address:
            words.append(f"{self.address:#x}")
        if self.note:
            words.append(f"({self.note})")
        return " ".join(words) or "unknown"

    def as_json(self):
        values = {"function": self.function, "file": self.file, "line": self.line,
                  "call_site": hex(self.address) if self.address else None, "note": self.note}
        return {name: value for name, value in values.items() if value is not None}


class Owners:
    """The owners of the blocks of one heap."""

    def __init__(self, heap, program):
        self.heap, self.program, self.layout = heap, program, heap.layout
        self.keeps = (self.layout.has_tags or self.layout.has_call_sites) and self.is_of_fmemp()
        self.reserved = self.layout.tag_bytes if self.keeps else 0
        self._known = {}
        self._traced = None  # {payload: call site}

    def is_of_fmemp(self):
        """Whether the heap is an FMemp's: a node in front of its control structure, or of a pool,
        names a pool of it."""
        heap, layout = self.heap, self.layout
        if not layout.node:
            return False
        for pool in heap.pools():
            for place in (heap.address, pool.descriptor):
                for padding in range(0, 64, layout.word):
                    node = place - padding - layout.node
                    try:
                        if heap.uint(node, layout.word) == pool.descriptor:
                            return True
                    except Unreadable:
                        break
        return False

    def of(self, block):
        """None for a block that has no owner: a free one, or one of a heap without tags."""
        if block.is_free or not self.keeps:
            return None
        try:
            size = payload_bytes(self.heap, block)
            if size < self.layout.tag_bytes:
                return Owner(note="too small for its tag")
            return self._owner(block.payload, size)
        except Unreadable:
            return Owner(note="unreadable")

    def broken_tag(self, block):
        """(address, bytes) of the tag of a used block, if something has overwritten it."""
        if not self.layout.has_tags or self.of(block) is None or self.of(block).note != OVERWRITTEN:
            return None
        size = payload_bytes(self.heap, block)
        return self._tag_place(block.payload, size), self.layout.tag.bytes

    def usable(self, block):
        """The bytes that the block's user may write; 0 where a broken size hides them."""
        try:
            return self._usable(block)
        except Unreadable:
            return 0

    def _usable(self, block):
        size = payload_bytes(self.heap, block) if not block.is_free else block.inner
        if block.is_free or not self.keeps or size < self.layout.tag_bytes:
            return size
        if self.layout.has_tags:
            return self._tag_place(block.payload, size) - block.payload
        return size - CALL_SITE_BYTES

    # ---- tags --------------------------------------------------------------------------------

    def _tag_place(self, payload, size):
        sites = CALL_SITE_BYTES if self.layout.has_call_sites else 0
        last = payload + size - sites - self.layout.tag.bytes
        return last - last % self.layout.word

    def _owner(self, payload, size):
        site = self._call_site(payload, size) if self.layout.has_call_sites else Owner()
        if not self.layout.has_tags:
            return site
        place = self._tag_place(payload, size)
        words = {name: self.heap.uint(place + member.offset, member.bytes)
                 for name, member in self.layout.tag.members.items()}
        mixed = (place ^ words["file"] ^ words["msg"] ^ words["line"] ^ SEAL) & self.layout.mask
        if (mixed ^ mixed >> 4 * self.layout.word) & 0xFFFFFFFF != words["seal"]:
            return Owner(site.function, site.file, site.line, site.address, OVERWRITTEN)
        if words["file"] == 0:
            return site
        file = self._string(words["file"])
        function = self._string(words["msg"]) if words["msg"] else site.function
        return Owner(function, file.rsplit("/", 1)[-1], words["line"], site.address)

    def _string(self, address):
        """At most so many characters; the address if they cannot be read."""
        data = b""
        try:
            while len(data) < STRING_MAX and 0 not in data:
                data += self.heap.memory.read(address + len(data), 1)
        except Unreadable:
            if not data:
                return hex(address)
        return data.split(b"\0")[0].decode(errors="replace")

    # ---- call sites --------------------------------------------------------------------------

    def _call_site(self, payload, size):
        """What a trace says goes before what the block says: an overrun writes over the latter."""
        if self._traced is None:
            self._traced = self._callers_of_ring()
        if payload in self._traced:
            return self.place_of(self._traced[payload])
        low = self.heap.uint(payload + size - CALL_SITE_BYTES, CALL_SITE_BYTES)
        if low == 0:
            return Owner()
        if low not in self._known:
            self._known[low] = self.place_of(self._whole(low))
        return self._known[low]

    def _callers_of_ring(self):
        """{payload: call site} of the live blocks that the ring of events still knows."""
        try:
            events = read_ring(self.heap.memory, self.layout, self.program).events
        except Problem:
            return {}  # there is no ring, or this memory has no part of it
        found = {}
        for event in events:
            if event.kind == FREED:
                found.pop(event.address, None)
            elif event.kind in (ALLOCATED, RESIZED, JOINED) and event.caller:
                found[event.address] = event.caller
        return found

    def _whole(self, low):
        """The address with these low 32 bits that is nearest to the library's code."""
        if self.layout.word == 4:
            return low
        here = next((self.program.loaded(at) for name, at, *_ in self.program.symbols()
                     if name.endswith("FMempMalloc")), 0)
        ahead, behind = (low - here) & 0xFFFFFFFF, (here - low) & 0xFFFFFFFF
        return here + ahead if ahead < behind else here - behind

    def place_of(self, address):
        """The owner whom a call site names."""
        code = address & ~1 if self.program.is_arm else address
        line = self.program.line_at(code - 1)  # of the call, not of what it returns to
        file, number = line or (None, None)
        return Owner(self.program.function_at(code - 1), file, number, address)
