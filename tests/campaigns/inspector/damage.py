# SPDX-License-Identifier: BSD-3-Clause
"""Broken heaps: each bit flipped, mistakes of programs, and random bytes. The inspector says what
tlsf_check_report says, names the word that was changed, and always ends."""

import time

from heap_inspector import commands, diagnosis, text

FIRST, SECOND = 3000, 700
STEPS, SIZE_MAX = 120, 120
NAMED_AT_LEAST, CERTAIN_AT_LEAST = 0.95, 0.8  # of the flips that the check finds
SECONDS_MAX = 20       # for all commands on one broken heap


def heap_after(heap, steps=STEPS):
    """The heap after random steps, and as many more as give each mistake a place."""
    for _ in range(steps):
        heap.step(SIZE_MAX)
    while not has_all_places(heap):
        heap.step(SIZE_MAX)
    return heap


def has_all_places(heap):
    """Whether there are used neighbours, and besides the pending block a free one."""
    free = [block for block in heap.inspection().all_blocks() if block.is_free]
    return len(free) > 1 and any(used_neighbours(heap))


# ---- bit flips ------------------------------------------------------------------------------


class Flips:
    def __init__(self):
        self.found = self.named = self.certain = 0
        self.differences, self.unnamed = [], []


def flip_is_told(flips, heap, offset, bit):
    """Compares with the library, and looks for the word."""
    truth = heap.report()
    told = heap.inspection().check_report()
    broken = told.get("broken", 0)
    pool, block = told.get("pool"), told.get("block")
    place = (broken, int(pool, 16) if pool else None, int(block, 16) if block else None)
    where = f"bit {bit} of byte {offset}"
    if place != truth:
        flips.differences.append(f"{where}: {place}, and the library has {truth}")
    if truth[0] == 0:
        return
    flips.found += 1
    word = told.get("word")
    begin = int(word["address"], 16) - heap.begin if word else -1
    if word and begin <= offset < begin + len(word["found"]) // 2:
        flips.named += 1
        flips.certain += word["certain"]
    else:
        flips.unnamed.append(f"{where}: {told}")


def metadata_words(heap):
    """Offsets of all words that the heap keeps for itself."""
    seen, layout = heap.inspection().heap, heap.layout
    record = layout.control.members["pools"].bytes
    control_end = seen.address + seen.control_bytes(seen.classes().stop)
    places = [*range(seen.address, control_end, 4)]
    for pool, blocks in seen.blocks():
        places += range(pool.descriptor, pool.descriptor + record, 4)
        for block in blocks:
            places.append(block.at)
            if block.is_free:
                links = range(block.payload, block.payload + 2 * layout.link_bytes, 4)
                places += [*links, block.end - layout.overhead]
            elif layout.guard_bytes:
                places.append(block.end - layout.overhead)
        places.append(pool.end)
    return [place - heap.begin for place in places]


def chosen_flips(heap, stride):
    """One bit of each word of metadata; with a stride, every so many of all bits."""
    if stride:
        return [divmod(number, 8) for number in range(0, 8 * heap.bytes, stride)]
    return [(offset + heap.random.randrange(4), heap.random.randrange(8))
            for offset in metadata_words(heap)]


def flips_are_told(result, heap, stride=None):
    name = " ".join(heap.library.options) or "default"
    saved, flips = heap.saved(), Flips()
    for offset, bit in chosen_flips(heap, stride):
        heap.flip(offset, bit)
        flip_is_told(flips, heap, offset, bit)
        heap.restore(saved)
    result.check(not flips.differences, f"{name}: flips are found as by the library",
                 "\n".join(flips.differences[:5]))
    result.check(flips.found and flips.named >= NAMED_AT_LEAST * flips.found,
                 f"{name}: the word is named: {flips.named} of {flips.found}",
                 "\n".join(flips.unnamed[:5]))
    result.check(flips.certain >= CERTAIN_AT_LEAST * flips.found,
                 f"{name}: a repair shows it: {flips.certain} of {flips.found}")
    print(f"  {name}: {flips.found} flips are found, the word named in {flips.named}, "
          f"certain in {flips.certain}", flush=True)


# ---- mistakes of programs -----------------------------------------------------------------------


def culprit_of(heap, gap=range(0)):
    told = heap.inspection(gap).check_report()
    culprit = told.get("culprit")
    return told.get("mistake"), int(culprit["address"], 16) if culprit else None


def used_neighbours(heap):
    """A live block, and the live block behind it."""
    for _, blocks in heap.inspection().heap.blocks():
        for first, second in zip(blocks, blocks[1:]):
            if not first.is_free and not second.is_free:
                yield first, second


def mistakes_are_told(result, heap):
    saved = heap.saved()
    told = total = 0
    for first, second in used_neighbours(heap):
        heap.write(first.payload + first.inner, b"overrun!!"[:heap.layout.overhead
                                                             + heap.layout.guard_bytes])
        for gap in (range(0), range(min(second.end + 200 - heap.begin, heap.bytes), heap.bytes)):
            told += culprit_of(heap, gap) == ("overrun", first.payload)
            total += 1
        heap.restore(saved)
    result.check(total and told >= 0.8 * total, f"overruns are told: {told} of {total}")
    told = total = 0
    for block in heap.inspection().all_blocks():
        if block.is_free:
            heap.write(block.payload, b"used after free"[:2 * heap.layout.link_bytes])
            if heap.report()[0]:  # below hardening 2 nothing shows it in a pending block
                told += culprit_of(heap) == ("write after free", block.payload)
                total += 1
            heap.restore(saved)
    result.check(total and told == total, f"writes after free are told: {told} of {total}")


# ---- incomplete dumps ---------------------------------------------------------------------------

CUTS = 40


def places_behind_control(heap):
    """Offsets up to the end marker of the last pool."""
    seen = heap.inspection().heap
    end = max(pool.end for pool in seen.pools()) + seen.layout.overhead
    return range(seen.address + seen.layout.control.bytes - heap.begin, end - heap.begin)


def gap_of(heap, places):
    """Some bytes of the heap, or all from some place on."""
    first = heap.random.choice(places)
    return range(first, heap.random.choice((heap.bytes, heap.random.randrange(first, heap.bytes))))


def missing_memory_is_told(result, heap):
    """Of a sound heap that is cut, no word is called wrong."""
    places = places_behind_control(heap)
    for _ in range(CUTS):
        gap = gap_of(heap, places)
        inspection = heap.inspection(gap)
        told = inspection.check_report()
        missing = told["missing"]
        is_at_gap = missing and int(missing, 16) - heap.begin in gap
        result.check("broken" not in told, f"{gap} is missing: nothing is called wrong", str(told))
        if gap.stop == heap.bytes:
            result.check(is_at_gap and not told["sound"]
                         and f"--raw {missing}:" in "\n".join(text.check(told)),
                         f"{gap} is missing: the text says so", str(told))


def guess_of(heap, seconds):
    """What a broken header was, if the search may take so long; None."""
    limit, diagnosis.SECONDS_MAX = diagnosis.SECONDS_MAX, seconds
    told = heap.inspection().check_report()
    diagnosis.SECONDS_MAX = limit
    return told["word"]["expected"]


def time_is_kept(result, heap):
    """When the time is over, no place of a header is tried any more."""
    saved = heap.saved()
    first, _ = next(used_neighbours(heap))
    heap.write(first.at, bytes(heap.layout.overhead))
    result.check(guess_of(heap, diagnosis.SECONDS_MAX), "a broken header is guessed")
    result.check(guess_of(heap, -1) is None, "no header is guessed when the time is over")
    heap.restore(saved)


# ---- random damage ------------------------------------------------------------------------------

EVERYTHING = [("summary",), ("blocks",), ("free",), ("check",), ("map",), ("why", "300"),
              ("why", "40", "64")]


def commands_end(result, heap, trials):
    """No command stops with anything but an answer, on any bytes, and none takes long; nor where
    bytes are missing."""
    saved, places = heap.saved(), places_behind_control(heap)
    for _ in range(trials):
        for _ in range(heap.random.randrange(1, 5)):
            at = heap.random.randrange(heap.bytes)
            count = min(heap.random.choice((1, 2, 4, 8, 64, 500)), heap.bytes - at)
            data = heap.random.choice((bytes(count), b"\xff" * count,
                                       heap.random.randbytes(count),
                                       saved[at // 2:at // 2 + count]))
            heap.write(heap.begin + at, data)
        begin = time.monotonic()
        inspection = heap.inspection(heap.random.choice((range(0), gap_of(heap, places))))
        for name, *words in [*EVERYTHING, ("find", hex(heap.begin + at))]:
            commands.run(name, words, lambda: inspection, heap.random.random() < 0.5)
        result.check(time.monotonic() - begin < SECONDS_MAX, "commands end in time")
        heap.restore(saved)
