# SPDX-License-Identifier: BSD-3-Clause
"""Why a request is not served, and what would serve it: the search of lib/core/free_blocks.h is
played, and every run of neighbours is weighed."""

from dataclasses import dataclass

from .checks import TAG
from .layout import PREVIOUS_FREE
from .memory import Unreadable

HOLES_SHOWN = 5
VICTIM = PREVIOUS_FREE  # in pending_header
SERVED, ALIGNMENT, PLAN, MEMORY, FRAGMENTED, SEARCH, BROKEN, MISSING = (
    "served", "alignment is no power of two", "larger than planned", "out of memory", "fragmented",
    "no block that the search meets", "corrupted", "memory is missing")


@dataclass
class Hole:
    """A free block, and the live blocks that pin it."""
    block: object
    missing: int    # bytes that it is too small by
    pins: list


@dataclass
class Answer:
    reason: str
    request: int       # what the core is asked for: the caller's size, and room for a tag
    needed: int        # the outer size that the search is for; 0 without search
    served_by: object  # the free block that serves it; None
    free_bytes: int
    largest_free: int  # outer sizes
    largest_pool: int
    holes: list        # nearest first
    release: list      # the fewest live blocks whose release serves it; of equally many the
                       # smallest. None: no release would


def room_needed(layout, request, align):
    """The outer size that tlsf_memalign searches for, and the smallest plan that allows it."""
    size = layout.size_for(request)
    if align <= layout.granule:
        return size, request
    gap = align + layout.block_min - layout.granule
    return size + gap, max(gap + layout.inner(layout.block_min), gap + request)


def search(heap, needed):
    """The free block that the search finds for an outer size; None."""
    layout = heap.layout
    pending = heap.pending()
    kept_header = heap.field("pending_header") if layout.has_pending else 0
    kept, is_victim = layout.header_size(kept_header), bool(kept_header & VICTIM)
    floor = layout.class_of(needed - layout.unit)
    if layout.is_exact(needed):
        exact = layout.class_of(needed)
        first = next(heap.list_of(exact), None) if exact in heap.classes() else None
        if first is not None:
            return first
        if is_victim and kept >= needed:
            return pending
        floor = exact
    listed = listed_above(heap, floor, needed)
    # Of equal sizes the listed one serves if the pending one is a victim.
    if pending is not None and kept >= needed and (listed is None
                                                   or heap.header(listed) >= kept_header):
        return pending
    return listed


def listed_above(heap, floor, needed):
    """The first block of the lowest class above; else of the class below, if it is large enough."""
    for size_class in heap.classes():
        first = next(heap.list_of(size_class), None) if size_class > floor else None
        if first is not None:
            return look(heap, size_class, needed)
    return look(heap, floor, needed) if floor in heap.classes() else None


def look(heap, size_class, needed):
    """Of the blocks tried, the first that is large enough."""
    for number, at in enumerate(heap.list_of(size_class)):
        if number == heap.layout.look_ahead:
            return None
        if heap.block_at(at).size >= needed:
            return at
    return None


# ---- what would serve it ------------------------------------------------------------------------


def cheapest_release(blocks, needed):
    """Of a pool's blocks, the live ones of the cheapest run of neighbours that is large enough:
    (how many, their bytes, first, last); None. Each block enters and leaves the run once. The run
    has a live block: the search does not meet a free one that is large enough."""
    best = None
    first = size = count = used = 0
    for last, block in enumerate(blocks):
        size += block.size
        if not block.is_free:
            count, used = count + 1, used + block.size
        while size - blocks[first].size >= needed and count > (not blocks[first].is_free):
            size -= blocks[first].size
            if not blocks[first].is_free:
                count, used = count - 1, used - blocks[first].size
            first += 1
        if size >= needed and count and (best is None or (count, used) < best[:2]):
            best = count, used, first, last
    return best


def release_for(heap, needed):
    """The live blocks to release; None."""
    found = []
    for _, blocks in heap.blocks():
        best = cheapest_release(blocks, needed)
        if best:
            count, used, first, last = best
            found.append((count, used, [block for block in blocks[first:last + 1]
                                        if not block.is_free]))
    return min(found, key=lambda release: release[:2])[2] if found else None


def holes_of(heap, needed):
    """The largest free blocks, with the live ones on both sides."""
    holes = []
    for _, blocks in heap.blocks():
        for place, block in enumerate(blocks):
            if block.is_free:
                sides = blocks[max(place - 1, 0):place] + blocks[place + 1:place + 2]
                holes.append(Hole(block, max(needed - block.size, 0), sides))
    holes.sort(key=lambda hole: (-hole.block.size, hole.block.at))
    return holes[:HOLES_SHOWN]


# ---- the answer ---------------------------------------------------------------------------------


def explain(heap, check, request, align, reserved):
    """reserved: bytes of a request that go to a tag or a call site."""
    layout = heap.layout
    request += reserved
    free = [block.size for _, blocks in heap.blocks() for block in blocks if block.is_free]
    answer = Answer(BROKEN, request, 0, None, sum(free), max(free, default=0),
                    max((pool.size for pool in heap.pools()), default=0), [], None)
    if align & (align - 1):
        answer.reason = ALIGNMENT
        return answer
    if check.findings and check.broken != TAG:
        return answer
    if check.missing is not None:
        answer.reason = MISSING
        return answer
    needed, planned = room_needed(layout, request, align)
    if planned > heap.field("request_max"):
        answer.reason = PLAN
        return answer
    answer.needed = needed
    try:
        found = search(heap, needed)
    except Unreadable:
        return answer
    if found is not None:
        answer.reason, answer.served_by = SERVED, heap.block_at(found)
        return answer
    answer.reason = (MEMORY if answer.free_bytes < needed
                     else FRAGMENTED if answer.largest_free < needed else SEARCH)
    answer.holes = holes_of(heap, needed)
    answer.release = release_for(heap, needed)
    return answer
