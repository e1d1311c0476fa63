# SPDX-License-Identifier: BSD-3-Clause
"""The invariants of include/tlsf.h, tested as lib/core/check.c tests them. Each finding also names
the words that can be wrong, and what each would be if it alone were."""

from dataclasses import dataclass, field

from .guards import fill_finding, guard_finding
from .layout import FREE, PREVIOUS_FREE
from .memory import Unreadable

NAMES = ("sound", "control structure", "pool list", "block size", "pool end", "previous-free flag",
         "coalescing", "footer", "list link", "list class", "pending block", "set of free blocks",
         "second-level bitmap", "first-level bitmap", "statistics", "guard", "fill of free memory")
(SOUND, CONTROL, POOL_LIST, BLOCK_SIZE, POOL_END, PREVIOUS_FLAG, COALESCING, FOOTER, LIST_LINK,
 LIST_CLASS, PENDING, LIST_SET, SECOND_LEVEL, FIRST_LEVEL, STATISTICS, GUARD, FILL) = range(17)
TAG = 65  # FMEMP_BROKEN_TAG


def name_of(invariant):
    return "tag" if invariant == TAG else NAMES[invariant]


@dataclass(frozen=True)
class Word:
    """A word that can be wrong. expected: what it would be; None where that is not known, or would
    not fit."""
    address: int
    bytes: int
    name: str
    expected: int = None

    def __post_init__(self):
        if self.expected is not None and not 0 <= self.expected < 1 << 8 * self.bytes:
            object.__setattr__(self, "expected", None)


@dataclass
class Finding:
    invariant: int
    pool: object = None   # the Pool where it is; None: in no single one
    block: int = None     # where the header of the block lies; None: in no single one
    words: list = field(default_factory=list)


class Check:
    """All findings of a heap, the lowest invariant first; of one invariant in the order in which
    tlsf_check meets them. missing: an address in the heap that cannot be read; None. Nothing is
    concluded from what a dump lacks."""

    def __init__(self, heap):
        self.heap, self.layout = heap, heap.layout
        self.findings, self.missing = [], None
        try:
            if self._plan() and self._pool_list():
                self._blocks()
                if self.missing is None:
                    self._lists()
                    self._bitmaps()
                    self._statistics()
        except Unreadable as error:
            self.missing = error.address
        self.findings.sort(key=lambda finding: finding.invariant)

    @property
    def broken(self):
        return self.findings[0].invariant if self.findings else SOUND

    @property
    def verdict(self):
        return "incomplete" if not self.findings and self.missing is not None \
            else name_of(self.broken)

    def note(self, invariant, pool=None, block=None, words=()):
        self.findings.append(Finding(invariant, pool, block, list(words)))

    def control_word(self, name, expected=None):
        address, count = self.heap.field_at(name)
        return Word(address, count, f"{name} of the control structure", expected)

    def header_word(self, at, expected=None):
        return Word(at, self.layout.overhead, "header", expected)

    # ---- control structure -------------------------------------------------------------------

    def _plan(self):
        heap, layout = self.heap, self.layout
        if heap.plan_is_sound():
            return True
        words = []
        if heap.field("null.header") != 0:
            words.append(self.control_word("null.header", 0))
        if not heap.is_null(heap.field("null.next")):
            words.append(self.control_word("null.next", heap.link_to(heap.address)))
        request = heap.field("request_max")
        largest = layout.size_for(min(request, layout.inner(layout.block_max)))
        class_end = layout.class_of(largest) + 1
        if request != layout.inner(largest) or heap.field("class_end") != class_end:
            words += self._plan_words(request == layout.inner(largest), class_end)
        self.note(CONTROL, words=words)
        return False

    def _plan_words(self, request_fits, class_end):
        """class_end is kept twice: the first pool begins where the list heads end."""
        request = self.control_word("request_max")
        classes = self.control_word("class_end", class_end if request_fits else None)
        heap, layout = self.heap, self.layout
        try:
            first = heap.descriptor(heap.anchor())[0]
        except Unreadable:
            return [classes, request]
        end = heap.address + heap.control_bytes(heap.field("class_end"))
        return [request] if end - end % -layout.granule == first else [classes, request]

    # ---- the list of pools -------------------------------------------------------------------

    def _pool_list(self):
        heap = self.heap
        before, total = heap.anchor(), 0
        for pool in heap.pools():
            before, total = pool.descriptor, total + pool.size
        behind = heap.descriptor(before)[0]
        missing = self._missing_at(behind)
        if missing and self._missing_at(self._last_from_behind()):
            self.missing = missing
        elif behind != heap.anchor():
            pool = self._pool_at_break(before, behind)
            self.note(POOL_LIST, pool, words=self._break_words(before, behind))
        elif heap.descriptor(heap.anchor())[1] != before:
            self.note(POOL_LIST, words=[self._link_word(heap.anchor(), "previous", before)])
        elif total != heap.field("pool_size") * self.layout.unit:
            self.note(POOL_LIST, words=self._sum_words(total))
        return not self.findings

    def _missing_at(self, record):
        """Where the record of a pool in the heap's span cannot be read; None. One wrong link leads
        to such a place from one side only."""
        heap = self.heap
        try:
            heap.descriptor(record)
            return None
        except Unreadable as error:
            first = heap.pool_at(record, 0).first
            is_in_heap = heap.is_place(first) and \
                heap.field("span_begin") <= first < heap.field("span_end")
            return error.address if is_in_heap else None

    def _last_from_behind(self):
        """The record at which the links back end: they lead to it twice, or it cannot be read."""
        at, met = self.heap.anchor(), set()
        try:
            while at not in met:
                met.add(at)
                at = self.heap.descriptor(at)[1]
        except Unreadable:
            pass
        return at

    def _link_word(self, at, name, target=None):
        address, count = self.heap.descriptor_word(at, name)
        expected = None if target is None else self.layout.pool_link_to(self.heap.address, target)
        where = "pool list of the control structure" if at == self.heap.anchor() else "pool record"
        return Word(address, count, f"{name} in the {where}", expected)

    def _pool_at_break(self, before, behind):
        heap = self.heap
        try:
            pool = heap.pool_at(behind, heap.descriptor(behind)[2])
        except Unreadable:
            pool = None
        if pool and heap.is_place(pool.first) \
                and heap.field("span_begin") <= pool.first < heap.field("span_end"):
            return pool
        return next((pool for pool in heap.pools() if pool.descriptor == before), None)

    def _break_words(self, before, behind):
        """The link leads astray, or what it leads to is broken: its own links or size, or the span
        of the heap."""
        heap, layout = self.heap, self.layout
        words = []
        try:
            _, back, size = heap.descriptor(behind)
            if back != before:
                words.append(self._link_word(behind, "previous", before))
            else:
                pool = heap.pool_at(behind, size)
                words += self._record_words(pool)
        except Unreadable:
            pass
        for target in self._pools_from_behind():
            words.append(self._link_word(before, "next", target))
        if not words or not heap.is_place(behind + layout.pool_front - layout.overhead):
            words.insert(0, self._link_word(before, "next"))
        return words

    def _record_words(self, pool):
        """Of a record whose link leads back: its size, or the span that does not hold it."""
        heap, layout = self.heap, self.layout
        others = sum(other.size for other in heap.pools())
        size = heap.field("pool_size") * layout.unit - others
        words = [Word(*heap.descriptor_word(pool.descriptor, "size"), "size in the pool record",
                      layout.header_of(size) if 0 < size <= layout.block_max else None)]
        known = self._pools_without_span()
        if known:
            words += [self.control_word("span_begin", min(pool.first for pool in known)),
                      self.control_word("span_end", max(pool.end for pool in known))]
        return words

    def _pools_without_span(self):
        """The pools of a list that closes, wherever they lie; none if it does not close."""
        heap, found, before = self.heap, {}, self.heap.anchor()
        try:
            at = heap.descriptor(before)[0]
            while at != heap.anchor():
                behind, back, size = heap.descriptor(at)
                if back != before or at in found:
                    return []
                found[at] = heap.pool_at(at, size)
                before, at = at, behind
        except Unreadable:
            return []
        return list(found.values())

    def _pools_from_behind(self):
        """Where the next link should lead: the last record that the links back reach."""
        heap, met = self.heap, set()
        at = heap.anchor()
        last = heap.anchor()
        known = {pool.descriptor for pool in heap.pools()}
        try:
            while at not in met:
                met.add(at)
                back = heap.descriptor(at)[1]
                if back in known or back == heap.anchor():
                    return [at]
                last, at = at, back
        except Unreadable:
            pass
        return [last]

    def _sum_words(self, total):
        heap, unit = self.heap, self.layout.unit
        words = [self.control_word("pool_size", total // unit)]
        excess = total - heap.field("pool_size") * unit
        for pool in heap.pools():
            size = pool.size - excess
            if self.layout.block_min <= size <= self.layout.block_max:
                words.append(Word(*heap.descriptor_word(pool.descriptor, "size"),
                                  "size in the pool record", self.layout.header_of(size)))
        return words

    # ---- blocks ------------------------------------------------------------------------------

    def _blocks(self):
        self.free = {}
        self.used_count = self.used = 0
        for pool, blocks in self.heap.blocks():
            try:
                self._pool_blocks(pool, blocks)
                self.heap.header(pool.end)  # which a broken size may have hidden
            except Unreadable as error:
                self.missing = error.address

    def _pool_blocks(self, pool, blocks):
        before = None
        for block in blocks:
            self._block(pool, block, before)
            before = block
        if blocks and blocks[-1].end == pool.end:
            self._pool_end(pool, before)
        else:
            at = blocks[-1].end if blocks else pool.first
            self.heap.header(at)  # else the walk ended because it is missing
            words = [self.header_word(at)]
            if before is not None:  # or its size leads astray
                words.append(self.header_word(before.at))
            self.note(BLOCK_SIZE, pool, at, words)

    def _block(self, pool, block, before):
        heap, layout = self.heap, self.layout
        previous_free = before is not None and before.is_free
        if heap.previous_is_free(block.header) != previous_free:
            words = [self.header_word(block.at, block.header ^ PREVIOUS_FREE)]
            if before is not None:
                words.append(self.header_word(before.at, before.header ^ FREE))
            self.note(PREVIOUS_FLAG, pool, block.at, words)
        if block.is_free and previous_free:
            self.note(COALESCING, pool, block.at,
                      [self.header_word(block.at, block.header ^ FREE),
                       self.header_word(before.at, before.header ^ FREE)])
        if block.is_free:
            self.free[block.at] = block
            self._footer(pool, block)
            finding = fill_finding(heap, block)
        else:
            self.used_count += 1
            self.used += block.size
            finding = guard_finding(heap, block)
        if finding:
            self.note(FILL if block.is_free else GUARD, pool, block.at, [Word(*finding)])

    def _footer(self, pool, block):
        overhead = self.layout.overhead
        footer = self.heap.uint(block.end - overhead, overhead)
        if footer != block.header:
            self.note(FOOTER, pool, block.at,
                      [Word(block.end - overhead, overhead, "footer", block.header),
                       self.header_word(block.at, footer),
                       self.header_word(block.at, block.header ^ FREE)])

    def _pool_end(self, pool, last):
        header = self.heap.header(pool.end)
        flag = PREVIOUS_FREE if last.is_free else 0
        word = Word(pool.end, self.layout.overhead, "end marker of the pool",
                    self.layout.end_header | flag)
        if header | PREVIOUS_FREE != self.layout.end_header | PREVIOUS_FREE:
            self.note(POOL_END, pool, None, [word])
        if self.heap.previous_is_free(header) != last.is_free:
            self.note(PREVIOUS_FLAG, pool, None,
                      [word, self.header_word(last.at, last.header ^ FREE)])

    # ---- lists -------------------------------------------------------------------------------

    def _lists(self):
        self.listed = []
        for size_class in self.heap.classes():
            self._list(size_class)
        self._pending()
        if sorted(self.listed) != sorted(self.free):
            self.note(LIST_SET, words=self._set_words())

    def _list(self, size_class):
        heap = self.heap
        before = heap.slot(size_class)
        for at in heap.list_of(size_class):
            block = heap.block_at(at)
            if not block.is_free or self.layout.class_of(block.size) != size_class:
                known = at if at in self.free else None
                self.note(LIST_CLASS, heap.pool_of(at) if known else None, known,
                          [self.header_word(at, block.header | FREE) if not block.is_free
                           else self.header_word(at)])
            self.listed.append(at)
            before = at
        link = heap.link_behind(before)
        if not heap.is_null(link):
            self._list_break(size_class, before, heap.target(link))

    def _link(self, at, is_next, target):
        count = self.layout.link_bytes
        expected = self.heap.link_to(target)
        name = f"link to the {'next' if is_next else 'previous'} free block"
        if self.heap.address <= at < self.heap.address + self.layout.control.bytes + 8 * count \
                or at not in self.free:
            name = "list head" if is_next else name
        address = self.heap.link_behind_at(at) if is_next else at + self.layout.overhead
        return Word(address, count, name, expected)

    def _list_break(self, size_class, before, at):
        """The link behind `before` leads to a block whose link does not lead back, or astray."""
        heap = self.heap
        words = []
        if at in self.free:
            words.append(self._link(at, False, before))
        # What names `before` as its predecessor is what should come next.
        followers = [place for place in self.free
                     if heap.target(heap.link_before(place)) == before]
        words += [self._link(before, True, place) for place in followers]
        words.append(self._link(before, True, heap.address))
        block = at if at in self.free else before if before in self.free else None
        self.note(LIST_LINK, heap.pool_of(block) if block else None, block, words)

    def _pending(self):
        heap, layout = self.heap, self.layout
        at, kept = heap.pending(), heap.field("pending_header")
        kept_word = self.control_word("pending_header")
        if at is None:
            if kept != 0:
                self.note(PENDING, words=[self.control_word("pending_header", 0),
                                          *self._pending_guesses(kept)])
            return
        if not heap.holds_block(at):
            self.note(PENDING, words=[*self._pending_guesses(kept), self.control_word("pending"),
                                      kept_word])
            return
        block = heap.block_at(at)
        is_quiet = layout.hardening < 2 or (heap.is_null(heap.link_before(at))
                                            and heap.is_null(heap.link_behind(at)))
        if kept & ~PREVIOUS_FREE == block.header and is_quiet:
            self.listed.append(at)
            return
        known = at in self.free
        words = []
        if not is_quiet:
            words = [self._link(at, is_next, heap.address) for is_next, link
                     in ((False, heap.link_before(at)), (True, heap.link_behind(at)))
                     if not heap.is_null(link)]
        if kept & ~PREVIOUS_FREE != block.header:
            words += [*self._pending_guesses(kept),
                      self.control_word("pending_header", block.header),
                      self.control_word("pending_header", block.header | PREVIOUS_FREE)]
        self.note(PENDING, heap.pool_of(at) if known else None, at if known else None, words)

    def _pending_guesses(self, kept):
        """The link should lead to a free block of the size that is kept, which no list has."""
        size = self.layout.header_size(kept)
        listed = set(self.listed)
        return [self.control_word("pending", self.heap.link_to(at))
                for at, block in self.free.items() if block.size == size and at not in listed]

    def _set_words(self):
        """Free blocks that no list names: a head, a link or the pending place has lost them. Or
        a list has a place that is no block."""
        heap = self.heap
        listed = set(self.listed)
        words = []
        for at in [at for at in self.free if at not in listed][:4]:
            target = heap.target(heap.link_before(at))
            slot_class = (target - heap.address) // self.layout.link_bytes
            if target in self.free or slot_class in heap.classes():
                words.append(self._link(target, True, at))
            words.append(self.control_word("pending", heap.link_to(at)))
            words.append(self.header_word(at, self.free[at].header ^ FREE))
        words += [self.header_word(at) for at in listed if at not in self.free][:4]
        return words

    # ---- bitmaps and counts ------------------------------------------------------------------

    def _bitmaps(self):
        heap = self.heap
        first, count = heap.field_at("second_level")
        rows = [0] * self.layout.rows
        for size_class in heap.classes():
            if not heap.is_null(heap.link_behind(heap.slot(size_class))):
                rows[size_class // 32] |= 1 << size_class % 32
        for row, expected in enumerate(rows):
            word = Word(first + row * count, count, f"second_level[{row}] of the control structure",
                        expected)
            if heap.uint(word.address, count) != expected:
                self.note(SECOND_LEVEL, words=[word])
        expected = sum(bool(columns) << row for row, columns in enumerate(rows))
        if heap.field("first_level") != expected:
            self.note(FIRST_LEVEL, words=[self.control_word("first_level", expected)])

    def _statistics(self):
        heap, layout = self.heap, self.layout
        if not layout.has_statistics:
            return
        used, peak = heap.field("used"), heap.field("peak")
        live = (heap.field("allocations") - heap.field("frees")) & layout.mask
        words = []
        if used != self.used // layout.unit:
            words.append(self.control_word("used", self.used // layout.unit))
        elif used > peak:
            words.append(self.control_word("peak"))
        if live != self.used_count:
            words += self._count_words(heap.field("allocations"), heap.field("frees"))
        if words:
            self.note(STATISTICS, words=words)

    def _count_words(self, made, frees):
        """Either count can be wrong. Most that is written is larger than a count."""
        mask = self.layout.mask
        return sorted((self.control_word("allocations", frees + self.used_count & mask),
                       self.control_word("frees", made - self.used_count & mask)),
                      key=lambda word: word.expected)
