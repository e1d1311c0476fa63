# SPDX-License-Identifier: BSD-3-Clause
"""Which word is wrong, and who most likely wrote it.

Each finding of the check names words that can be wrong. If the heap is sound with one of them
repaired, that is the word, and what it was is known. Else more than one word is wrong: then a walk
goes to the first header that does not agree with the block before it, as lib/core/diagnose.c does.
"""

import time
from dataclasses import dataclass

from .checks import (BLOCK_SIZE, COALESCING, CONTROL, FOOTER, GUARD, LIST_CLASS, POOL_LIST,
                     PREVIOUS_FLAG, STATISTICS, TAG, Check, Word, name_of)
from .heap import Heap
from .layout import FREE, PREVIOUS_FREE
from .memory import Patched, Unreadable

CHAIN_BLOCKS = 6         # so many blocks that agree show that the first of them is one
PLACES_MAX = 200_000     # that are tried behind a damaged header
SIZES_MAX = 8            # that a damaged header may have had
FREE_SIZE_MAX = 1 << 16  # of a free block whose footer is looked for
SECONDS_MAX = 8.0        # for repairs that are tried, and for guesses where none is right

HEADER_FINDINGS = (BLOCK_SIZE, PREVIOUS_FLAG, COALESCING, FOOTER, LIST_CLASS)
OVERRUN, UNDERRUN, AFTER_FREE = "overrun", "underrun", "write after free"


@dataclass
class Diagnosis:
    invariant: int
    finding: object
    word: Word          # None: no word is known
    found: bytes        # what is there
    is_certain: bool    # with this word repaired, the heap is sound, and with no other
    mistake: str
    culprit: object     # the Block that the mistake names; None
    findings: int       # how many there are

    @property
    def name(self):
        return name_of(self.invariant)


# ---- places where headers agree -----------------------------------------------------------------


def time_limit():
    return time.monotonic() + SECONDS_MAX


def if_readable(question):
    """Answers no where the memory is missing that would say it."""
    def asked(*words):
        try:
            return question(*words)
        except Unreadable:
            return False
    return asked


class Chain:
    """Whether headers from a place on agree with each other. end: when to try no more places."""

    def __init__(self, heap, pool, end):
        self.heap, self.layout, self.pool, self.end = heap, heap.layout, pool, end

    def places(self, first, last):
        """Where a header can lie, first and last included, until the time is over."""
        for at in range(first, last + 1, self.layout.granule):
            if time.monotonic() > self.end:
                return
            yield at

    def fits(self, block):
        return self.layout.block_min <= block.size <= self.pool.end - block.at

    def footer_before(self, at):
        return self.heap.uint(at - self.layout.overhead, self.layout.overhead)

    def agrees_at(self, at, previous_free):
        block = self.heap.block_at(at)
        if self.heap.previous_is_free(block.header) != previous_free:
            return False
        if at == self.pool.end:
            return block.header | PREVIOUS_FREE == self.layout.end_header | PREVIOUS_FREE
        return self.fits(block) and (not block.is_free or (
            not previous_free and self.footer_before(block.end) == block.header))

    @if_readable
    def agrees(self, at):
        previous_free = self.heap.previous_is_free(self.heap.header(at))
        for _ in range(CHAIN_BLOCKS):
            if not self.agrees_at(at, previous_free):
                return False
            if at == self.pool.end:
                return True
            block = self.heap.block_at(at)
            previous_free, at = block.is_free, block.end
        return True

    @if_readable
    def leads(self, at, end):
        """Whether blocks from a place on lead to the end of a block."""
        previous_free = False
        for _ in range(CHAIN_BLOCKS):
            if at >= end or not self.agrees_at(at, previous_free):
                break
            block = self.heap.block_at(at)
            previous_free, at = block.is_free, block.end
        return at == end

    def header_up_to(self, at, before, behind):
        """What the header was if its block ended at `behind`."""
        size = behind - at
        if self.heap.previous_is_free(self.heap.header(behind)):
            return self.layout.header_of(size, FREE)
        flag = PREVIOUS_FREE if before is not None and before.is_free else 0
        return self.layout.header_of(size, flag)

    @if_readable
    def can_end_at(self, at, behind):
        """If the header there says that a free block ends, that one has a footer."""
        if not self.heap.previous_is_free(self.heap.header(behind)):
            return True
        footer = self.footer_before(behind)
        if footer == self.layout.header_of(behind - at, FREE):
            return True
        size = self.layout.header_size(footer)
        return (bool(footer & FREE) and self.layout.block_min <= size < behind - at
                and self.heap.header(behind - size) == footer)

    def headers_before(self, at, before):
        """What the header at this place can have been: rather one of which it differs in one byte,
        then one that ends at the nearest place from where on the headers agree."""
        near, others = [], []
        last = min(self.pool.end, at + PLACES_MAX * self.layout.granule)
        found = self.heap.header(at)
        for behind in self.places(at + self.layout.block_min, last):
            if self.agrees(behind) and self.can_end_at(at, behind):
                header = self.header_up_to(at, before, behind)
                (near if bytes_changed(header, found) <= 1 else others).append(header)
                if len(near) + len(others) >= 4 * SIZES_MAX:
                    break
        return (near + others)[:SIZES_MAX]


def bytes_changed(a, b):
    return sum(byte != 0 for byte in (a ^ b).to_bytes(8, "little"))


# ---- which word ---------------------------------------------------------------------------------


def block_before(heap, pool, at):
    """The block that a walk meets in front of the place; None."""
    found = None
    for block in heap.walk(pool):
        if block.at >= at:
            return found
        found = block
    return found


def header_guesses(heap, finding, end):
    """Sizes for the headers around a finding in a pool: of its block, and of the one before it."""
    if finding.pool is None or finding.invariant not in HEADER_FINDINGS:
        return
    chain = Chain(heap, finding.pool, end)
    before = block_before(heap, finding.pool, finding.block or finding.pool.end)
    places = [(finding.block, before)] if finding.block else []
    if before is not None:
        places.append((before.at, block_before(heap, finding.pool, before.at)))
    for at, in_front in places:
        if at is None or at >= finding.pool.end:
            continue
        for header in chain.headers_before(at, in_front):
            yield Word(at, heap.layout.overhead, "header", header)


def footer_guesses(heap, finding, end):
    """A free block whose header is broken has its size in its footer as well."""
    if finding.pool is None or finding.block is None:
        return
    try:
        chain = Chain(heap, finding.pool, end)
        header = heap.header(finding.block)
        for changed in (header ^ PREVIOUS_FREE, header ^ FREE):
            yield Word(finding.block, heap.layout.overhead, "header", changed)
        for behind in chain.places(finding.block + heap.layout.block_min,
                                   min(finding.pool.end, finding.block + FREE_SIZE_MAX)):
            header = heap.layout.header_of(behind - finding.block, FREE)
            if chain.footer_before(behind) == header:
                yield Word(finding.block, heap.layout.overhead, "header", header)
                return
    except Unreadable:
        return


def swallowed_guesses(heap, finding, end):
    """A size that ends with another block hides that one: then only the counts differ."""
    if finding.invariant != STATISTICS:
        return
    layout, left = heap.layout, PLACES_MAX
    for pool, blocks in heap.blocks():
        chain = Chain(heap, pool, end)
        for block in blocks:
            left -= block.size // layout.granule
            if block.is_free or left <= 0:
                continue
            for at in chain.places(block.at + layout.block_min, block.end - layout.granule):
                if chain.leads(at, block.end):
                    yield Word(block.at, layout.overhead, "header",
                               layout.header_of(at - block.at, block.header & PREVIOUS_FREE))


def suspects(heap, findings, end):
    """Words that can be wrong, the likeliest first."""
    met = set()
    for finding in findings[:8]:
        for word in (*swallowed_guesses(heap, finding, end), *finding.words,
                     *footer_guesses(heap, finding, end), *header_guesses(heap, finding, end)):
            if word.expected is not None and (word.address, word.expected) not in met:
                met.add((word.address, word.expected))
                yield word


def is_sound_with(heap, word):
    repaired = word.expected.to_bytes(word.bytes, heap.layout.order)
    memory = Patched(heap.memory, word.address, repaired)
    check = Check(Heap(memory, heap.layout, heap.address))
    return not check.findings and check.missing is None


def words_proven(heap, findings):
    """With which the heap is sound: the one of which the fewest bits are wrong, and another one if
    there is one."""
    end, proven = time_limit(), []
    for word in suspects(heap, findings, end):
        if len(proven) == 2 or time.monotonic() > end:
            break
        if not (proven and proven[0].address == word.address) and is_sound_with(heap, word):
            proven.append(word)
    return sorted(proven, key=lambda word: bits_wrong(heap, word))


def bits_wrong(heap, word):
    return (heap.uint(word.address, word.bytes) ^ word.expected).bit_count()


def word_likely(heap, findings):
    """The first damaged header of a pool; else the first word of the first finding."""
    in_pools = [finding for finding in findings
                if finding.pool is not None and BLOCK_SIZE <= finding.invariant <= FOOTER]
    if in_pools and findings[0].invariant not in (CONTROL, POOL_LIST):
        first = min(in_pools, key=lambda finding: (finding.pool.descriptor,
                                                   finding.block or finding.pool.end))
        at = first.block if first.block is not None else first.pool.end
        before = block_before(heap, first.pool, at)
        headers = Chain(heap, first.pool, time_limit()).headers_before(at, before)
        if headers or not first.words:
            return Word(at, heap.layout.overhead, "header", headers[0] if headers else None)
        return first.words[0]
    return next((word for finding in findings for word in finding.words), None)


# ---- who did it ---------------------------------------------------------------------------------


def is_changed_from_behind(found, expected):
    """Its last byte was changed, and not its first half. Zeros come from the front."""
    half = len(found) // 2
    return any(found) and found[:half] == expected[:half] and found[-1] != expected[-1]


def mistake_at_header(heap, pool, word, found):
    """Most writes that hit a header come from the block in front of it."""
    before = block_before(heap, pool, word.address)
    at = heap.block_at(word.address) if word.address < pool.end else None
    if word.expected is not None and at is not None:
        at = Heap(Patched(heap.memory, word.address,
                          word.expected.to_bytes(word.bytes, heap.layout.order)),
                  heap.layout, heap.address).block_at(word.address)
    from_behind = word.expected is not None and is_changed_from_behind(
        found, word.expected.to_bytes(word.bytes, heap.layout.order))
    if before is not None and not before.is_free and not from_behind:
        return OVERRUN, before
    if at is None:
        return "unknown", None
    return (AFTER_FREE if at.is_free else UNDERRUN), at


def mistake_at(heap, finding, word, found):
    if word is None:
        return "unknown", None
    pool = heap.pool_of(word.address)
    if pool is None or word.address < pool.first or finding.invariant in (CONTROL, POOL_LIST):
        return "control structure", None
    if word.name in ("header", "end marker of the pool"):
        return mistake_at_header(heap, pool, word, found)
    _, block = heap.block_of(word.address)
    if block is None:
        return "unknown", None
    return (OVERRUN if finding.invariant in (GUARD, TAG) else AFTER_FREE), block


def diagnose(heap, check):
    """None where nothing is wrong. No repair is tried where memory is missing: no repair makes such
    a heap sound."""
    if not check.findings:
        return None
    finding = check.findings[0]
    proven = words_proven(heap, check.findings) if check.missing is None else []
    word = proven[0] if proven else word_likely(heap, check.findings)
    found = b""
    if word is not None:
        try:
            found = heap.memory.read(word.address, word.bytes)
        except Unreadable:
            word = Word(word.address, word.bytes, word.name)
    mistake, culprit = mistake_at(heap, finding, word, found)
    return Diagnosis(check.broken, finding, word, found, len(proven) == 1, mistake, culprit,
                     len(check.findings))
