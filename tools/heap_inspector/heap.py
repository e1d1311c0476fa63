# SPDX-License-Identifier: BSD-3-Clause
"""A heap as its memory shows it. Nothing is followed that is not bounded: a size or a link counts
only after its target was found to lie inside, and no walk meets a place twice."""

from dataclasses import dataclass

from .layout import FREE, PREVIOUS_FREE
from .memory import Unreadable


@dataclass(frozen=True)
class Block:
    at: int       # where its header lies
    header: int
    size: int     # outer size in bytes
    is_free: bool
    payload: int
    inner: int    # bytes behind the header that are not guard

    @property
    def end(self):
        return self.at + self.size


@dataclass(frozen=True)
class Pool:
    descriptor: int
    first: int    # where the first header lies
    end: int      # where the end marker lies
    size: int     # outer sizes of all blocks


class Heap:
    def __init__(self, memory, layout, address):
        self.memory, self.layout, self.address = memory, layout, address
        self._pools = self._blocks = None

    # ---- words -------------------------------------------------------------------------------

    def uint(self, address, count):
        return int.from_bytes(self.memory.read(address, count), self.layout.order)

    def field(self, name):
        member = self.layout.control.members[name]
        return self.uint(self.address + member.offset, member.bytes)

    def field_at(self, name):
        """(address, bytes) of a member of the control structure."""
        member = self.layout.control.members[name]
        return self.address + member.offset, member.bytes

    def header(self, at):
        return self.uint(at, self.layout.overhead)

    def link_before(self, at):
        """The link `previous` of the free block, or list slot, at this place."""
        return self.uint(at + self.layout.overhead, self.layout.link_bytes)

    def link_behind(self, at):
        """The link `next`."""
        return self.uint(at + self.layout.overhead + self.layout.link_bytes,
                         self.layout.link_bytes)

    def link_behind_at(self, at):
        return at + self.layout.overhead + self.layout.link_bytes

    def target(self, link):
        return self.layout.link_target(self.address, link)

    def link_to(self, address):
        return self.layout.link_to(self.address, address)

    def is_null(self, link):
        return link == self.link_to(self.address)

    def slot(self, size_class):
        """The list slot: a place whose `next` is the list's head."""
        return self.address + size_class * self.layout.link_bytes

    # ---- the plan ----------------------------------------------------------------------------

    def classes(self):
        """All classes of the heap, as far as a control structure can have them."""
        end = min(self.field("class_end"), self.layout.class_max + 1)
        return range(self.layout.class_first, max(end, self.layout.class_first))

    def control_bytes(self, class_end):
        layout = self.layout
        return layout.heads + (class_end - layout.class_first) * layout.link_bytes

    def plan_is_sound(self):
        layout, request = self.layout, self.field("request_max")
        if request > layout.inner(layout.block_max):
            return False
        largest = layout.size_for(request)
        return (request == layout.inner(largest)
                and self.field("class_end") == layout.class_of(largest) + 1
                and self.field("null.header") == 0 and self.is_null(self.field("null.next")))

    # ---- pools -------------------------------------------------------------------------------

    def anchor(self):
        return self.address + self.layout.control.members["pools"].offset

    def descriptor(self, at):
        """(next, previous, size) of a record of the pool list: addresses, and bytes."""
        member = self.layout.control.members
        base = member["pools"].offset
        words = [self.uint(at + member[f"pools.{name}"].offset - base,
                           member[f"pools.{name}"].bytes) for name in ("next", "previous", "size")]
        return (self.layout.pool_target(self.address, words[0]),
                self.layout.pool_target(self.address, words[1]), words[2] * self.layout.unit)

    def descriptor_word(self, at, name):
        """(address, bytes) of a word of a pool's record."""
        member = self.layout.control.members
        word = member[f"pools.{name}"]
        return at + word.offset - member["pools"].offset, word.bytes

    def pool_at(self, descriptor, size):
        first = descriptor + self.layout.pool_front - self.layout.overhead
        return Pool(descriptor, first, first + size, size)

    def is_place(self, at):
        """Whether a header can lie there."""
        return (at + self.layout.overhead) % self.layout.granule == 0

    def pool_is_plausible(self, pool):
        """Whether the pool lies in the span of the heap, end marker included."""
        return (self.is_place(pool.first) and self.layout.block_min <= pool.size
                and self.field("span_begin") <= pool.first < self.field("span_end")
                and pool.end <= self.field("span_end") and pool.size % self.layout.unit == 0)

    def pools(self):
        """The pools up to the first break of their list."""
        if self._pools is None:
            self._pools = list(self._pools_followed())
        return self._pools

    def _pools_followed(self):
        before = self.anchor()
        try:
            at = self.descriptor(before)[0]
            while at != self.anchor():
                behind, back, size = self.descriptor(at)
                pool = self.pool_at(at, size)
                if back != before or not self.pool_is_plausible(pool):
                    return
                yield pool
                before, at = at, behind
        except Unreadable:
            return

    def holds_block(self, at):
        """Whether a smallest block can lie there, inside a pool."""
        return self.is_place(at) and any(
            pool.first <= at <= pool.end - self.layout.block_min for pool in self.pools())

    def pool_of(self, address):
        """The pool that contains the address; None."""
        end_bytes = self.layout.overhead
        return next((pool for pool in self.pools()
                     if pool.descriptor <= address < pool.end + end_bytes), None)

    # ---- blocks ------------------------------------------------------------------------------

    def block_at(self, at):
        layout, header = self.layout, self.header(at)
        size = layout.header_size(header)
        return Block(at, header, size, bool(header & FREE), at + layout.overhead,
                     max(layout.inner(size), 0))

    def walk(self, pool):
        """The pool's blocks in order of addresses, up to the first size that leads astray."""
        at = pool.first
        while at < pool.end:
            try:
                block = self.block_at(at)
            except Unreadable:
                return
            if not self.layout.block_min <= block.size <= pool.end - at:
                return
            yield block
            at = block.end

    def blocks(self):
        """All blocks: a list of (pool, its blocks)."""
        if self._blocks is None:
            self._blocks = [(pool, list(self.walk(pool))) for pool in self.pools()]
        return self._blocks

    def block_of(self, address):
        """(pool, block) that contain the address, as a walk meets them; None where there is none.
        """
        pool = self.pool_of(address)
        if pool is None:
            return None, None
        blocks = next(blocks for owner, blocks in self.blocks() if owner is pool)
        return pool, next((block for block in blocks if block.at <= address < block.end), None)

    def previous_is_free(self, header):
        return bool(header & PREVIOUS_FREE)

    # ---- lists -------------------------------------------------------------------------------

    def list_of(self, size_class):
        """The places that a list names, up to the first link that does not lead back."""
        before, met = self.slot(size_class), set()
        while True:
            try:
                link = self.link_behind(before)
                at = self.target(link)
                if self.is_null(link) or at in met or not self.holds_block(at) \
                        or self.target(self.link_before(at)) != before:
                    return
            except Unreadable:
                return
            met.add(at)
            yield at
            before = at

    def pending(self):
        """The place of the pending block; None."""
        link = self.field("pending")
        return None if self.is_null(link) else self.target(link)
