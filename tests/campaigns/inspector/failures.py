# SPDX-License-Identifier: BSD-3-Clause
"""Requests that fail: `heap why` says so beforehand, and the blocks that it wants released serve
them. No smaller choice of blocks does: a brute force tries all."""

from itertools import combinations

from heap_inspector.why import SERVED
from native_heap import NativeHeap

FIRST, SECOND, SIZE_MAX = 2500, 500, 260
STEPS_MAX = 20000
CHOICES_MAX = 400  # that the brute force tries for one request


def served_without(heap, saved, blocks, size, align):
    """Whether the library serves the request after it has freed these."""
    live = dict(heap.live)
    for block in blocks:
        heap.release(block)
    served = heap.library.memalign(heap.handle, align, size)
    heap.restore(saved)
    heap.live = live
    return bool(served)


def smaller_choices(heap, release, bytes_of):
    """Choices of fewer live blocks, and of as many that hold fewer bytes."""
    live = sorted(heap.live)
    for count in range(len(release)):
        yield from combinations(live, count)
    wanted = sum(map(bytes_of, release))
    for choice in combinations(live, len(release)):
        if sum(map(bytes_of, choice)) < wanted:
            yield choice


def failure_is_explained(result, heap, size, align):
    """The request has just failed."""
    inspection, saved = heap.inspection(), heap.saved()
    told = inspection.why(size, align)
    if not result.check(told["reason"] != SERVED, f"{size} bytes fail, and why says so"):
        return
    if told["release"] is None:
        everything = sorted(heap.live)
        result.check(not served_without(heap, saved, everything, size, align),
                     f"{size} bytes fail in the empty heap, too")
        return
    outer = {block.payload: block.size for block in inspection.all_blocks()}
    release = [int(block["address"], 16) for block in told["release"]]
    result.check(served_without(heap, saved, release, size, align),
                 f"the release of {len(release)} blocks serves {size} bytes, aligned to {align}",
                 str(told))
    for number, choice in enumerate(smaller_choices(heap, release, outer.__getitem__)):
        if number == CHOICES_MAX:
            return
        if served_without(heap, saved, choice, size, align):
            result.fail(f"{size} bytes, aligned to {align}, need fewer blocks or bytes",
                        f"{choice} instead of {told}")
            return
    result.passed += 1


def serving_block_is_told(result, told, served):
    """A request without alignment is cut from the front of the block."""
    block = told["served_by"]
    offset = served - int(block["address"], 16)
    last = block["outer"] if told["align"] else 1
    result.check(0 <= offset < last, f"{told['size']} bytes are served by the block that why names",
                 f"{served:#x} instead of {told}")


def listed_block_serves(result, library, chosen):
    """Of a listed block and a pending victim of equal size, the library takes the listed one."""
    layout = library.layout
    size = layout.inner((2 << layout.sl_bits) * layout.granule)  # the smallest that is not small
    heap = NativeHeap(library, 8 * size, 8 * size, chosen)
    listed, _, victim, _ = (heap.request(size) for _ in range(4))
    heap.release(listed)
    heap.release(victim)
    heap.release(heap.request(1))  # cut from the victim, and merged with it again
    told = heap.inspection().why(size)
    serving_block_is_told(result, told, heap.request(size))


def requests_are_explained(result, heap, wanted):
    """Requests of a random stream, until so many have failed: the answer beforehand, and the
    reasons of failures."""
    failures = 0
    for _ in range(STEPS_MAX):
        size, align = heap.random.randrange(SIZE_MAX), heap.random.choice((0, 0, 0, 16, 64))
        told = heap.inspection().why(size, align)
        before = told["reason"]
        saved, live = heap.saved(), dict(heap.live)
        served = heap.request(size, align)
        result.check(bool(served) == (before == SERVED),
                     f"{size} bytes, aligned to {align}: why says {before}, the library {served}")
        if served:
            serving_block_is_told(result, told, served)
        else:
            failures += 1
            heap.restore(saved)  # without the count of the failure
            heap.live = live
            failure_is_explained(result, heap, size, align)
        if failures == wanted:
            return
        while heap.live and heap.random.random() < 0.45:
            heap.release(heap.random.choice(sorted(heap.live)))
    result.fail(f"only {failures} of {STEPS_MAX} requests fail")
