# SPDX-License-Identifier: BSD-3-Clause
"""Where the heaps of a program lie: named by the caller, or found by what a control structure looks
like."""

import sys

from .heap import Heap
from .memory import Unreadable
from .problem import Problem

FACTS = 4


def score(heap):
    """How many facts of a control structure hold there. All but one show it, so that a structure
    with one broken word is found, too."""
    layout = heap.layout
    try:
        request, class_end = heap.field("request_max"), heap.field("class_end")
        largest = layout.size_for(min(request, layout.inner(layout.block_max)))
        return sum((heap.field("null.header") == 0, heap.is_null(heap.field("null.next")),
                    request == layout.inner(largest)
                    and class_end == layout.class_of(largest) + 1, pool_list_closes(heap)))
    except Unreadable:
        return 0


def pool_list_closes(heap):
    """Whether the first and the last pool lead back. Either may be missing from a dump."""
    behind, back, _ = heap.descriptor(heap.anchor())
    try:
        return behind == back == heap.anchor() or (
            heap.descriptor(behind)[1] == heap.anchor()
            and heap.descriptor(back)[0] == heap.anchor())
    except Unreadable:
        return False


def candidates(layout, begin, data):
    """Places in a piece of memory whose class_end is one of a heap. Reads word by word, as the
    piece may be large."""
    member = layout.control.members["class_end"]
    step, size = layout.constants["LINK_BASE_ALIGN"], layout.control.bytes
    first = (0 - begin) % step
    if len(data) < first + size:
        return
    view = memoryview(data)[first:]
    view = view[:len(view) // 4 * 4].cast("I")
    wanted = {int.from_bytes(class_end.to_bytes(4, layout.order), sys.byteorder)
              for class_end in range(layout.class_first + 1, layout.class_max + 2)}
    for number, word in enumerate(view[member.offset // 4::step // 4]):
        if word in wanted:
            yield begin + first + step * number


def heaps_in(memory, layout, pieces):
    """The heaps in pieces of memory, as (address, bytes); sound ones if there is any."""
    scored = {}
    for begin, data in pieces:
        for address in candidates(layout, begin, data):
            points = score(Heap(memory, layout, address))
            if points >= FACTS - 1:
                scored[address] = points
    sound = [address for address, points in scored.items() if points == FACTS]
    return sorted(sound or scored)


def heap_named(memory, layout, program, name):
    """The heap at an address, or behind a symbol: a control structure, an FMemp, or a variable that
    points to one."""
    try:
        return Heap(memory, layout, int(name, 0))
    except ValueError:
        pass
    symbol = program.symbol(name)
    if symbol is None:
        raise Problem(f"{program.path} has no symbol {name}: name a variable or an address, as in "
                      "--heap 0x20000010")
    address, size = symbol
    places = [address]
    for at in range(address, address + min(size or layout.word, 4096), layout.word):
        try:
            places.append(int.from_bytes(memory.read(at, layout.word), layout.order))
        except Unreadable:
            break
    heaps = [Heap(memory, layout, place) for place in places]
    best = max(heaps, key=score)
    if score(best) < FACTS - 1:
        raise Problem(f"{name} is no heap, and does not point to one: was it created before this "
                      "moment?")
    return best


def heap_wanted(memory, layout, program, name, pieces):
    if name is not None:
        return heap_named(memory, layout, program, name)
    found = heaps_in(memory, layout, pieces)
    if not found:
        raise Problem("no heap was found in this memory: name one with --heap, by its variable or "
                      "its address")
    if len(found) > 1:
        places = ", ".join(f"{address:#x}" for address in found)
        raise Problem(f"there are several heaps, at {places}: choose one with --heap")
    return Heap(memory, layout, found[0])
