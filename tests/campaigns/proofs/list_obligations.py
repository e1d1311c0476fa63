# SPDX-License-Identifier: BSD-3-Clause
"""Lists, bitmaps and splitting: what the functions of the free lists and of splitting make of
memory, address by address, in the layout of the build; casts included. What they leave
alone is claimed as well: of any cell that is not named, the content is the same."""

from claim import Claim, bug, obligation
from link_obligations import control_bytes, is_base, is_block_place
from shape import WIDE
from terms import (at_most, bit, choose, constant, differ, either, equal, every, extract, implies,
                   less, negation, resize, truth, variable)


class Heap:
    """Memory before and after a call, and what lies where. t is the control structure."""

    def __init__(self, shape):
        self.shape = shape
        self.t = shape.word("t")
        self.before, self.after = shape.execution(), shape.execution()

    # ---- reading -------------------------------------------------------------------------

    def field(self, execution, b, member):
        return self.shape.load_word(execution, b + self.shape.offset_of("block", member),
                                    self.shape.header_bits)

    def header(self, execution, b):
        return self.shape.load_word(execution, b, self.shape.header_bits)

    def block(self, link):
        return self.shape.call("link_block", self.t, link)

    def slot(self, c):
        return self.shape.call("list_slot", self.t, c)

    def place_of_row(self, row):
        return self.t + self.shape.offset_of("control", "second_level") + row * 4

    def row(self, execution, row):
        return self.shape.load_word(execution, self.place_of_row(row), 32)

    def place_of_first_level(self):
        return self.t + self.shape.offset_of("control", "first_level")

    def first_level(self, execution):
        return self.shape.load_word(execution, self.place_of_first_level(), 32)

    def listed(self, execution, c):
        """Whether the bit of class c is set."""
        column = resize(c & 31, 32)
        return bit(self.row(execution, c >> 5) >> column, 0)

    def pending(self, execution):
        """What the control structure says of the pending block: its link, and its header with the
        mark of a victim."""
        return [self.shape.load_word(execution, *place) for place in self.places_of_pending()]

    def places_of_pending(self):
        return [(self.t + self.shape.offset_of("control", member), bits)
                for member, bits in (("pending", self.shape.link_bits),
                                     ("pending_header", self.shape.header_bits))]

    # ---- assumptions ---------------------------------------------------------------------

    def has_bit(self, c):
        """Whether the rows have a bit for c: they do for some numbers that are no class's, too."""
        return less(c, 32 * self.shape.ROW_COUNT)

    def row_agrees(self, execution, row):
        """The first-level bit of a row is set iff the row has one."""
        first_level_bit = bit(self.first_level(execution) >> resize(row, 32), 0)
        return equal(differ(self.row(execution, row), 0), first_level_bit)

    def list_agrees(self, execution, c):
        """The bit of a class is set iff its list is not empty."""
        return equal(self.listed(execution, c),
                     equal(execution.call("list_is_empty", self.t, c), 0))

    def no_row_above(self, execution):
        """No first-level bit is set above the last row."""
        if self.shape.ROW_COUNT == 32:
            return truth(True)
        return equal(self.first_level(execution) >> self.shape.ROW_COUNT, 0)

    def is_place(self, b):
        return is_block_place(self.shape, self.t, b)

    def apart(self, *blocks):
        """Different blocks, whose smallest extents do not overlap."""
        size = constant(self.shape.size_of("block") + self.shape.header_bits // 8, WIDE)
        places = [resize(b, WIDE) for b in blocks]
        return every(at_most(a + size, b) | at_most(b + size, a)
                     for number, a in enumerate(places) for b in places[:number])

    def or_null(self, b):
        """The null block, or a block's place."""
        return equal(b, self.t) | self.is_place(b)

    # ---- claims --------------------------------------------------------------------------

    def unchanged_but(self, *places):
        """Of any cell that is in none of the places, the content is the same. A place is an
        address and the bits that stand there."""
        cell = variable("cell", self.shape.bits - 2)
        inside = truth(False)
        for address, bits in places:
            first = extract(address, self.shape.bits - 1, 2)
            inside = either(inside, less(cell - first, bits // 32))
        same = equal(self.shape.load_cell(self.after, cell),
                     self.shape.load_cell(self.before, cell))
        return either(inside, same)

    def same_memory(self, other):
        """Of every cell, the content is the same after another execution."""
        cell = variable("cell", self.shape.bits - 2)
        return equal(self.shape.load_cell(self.after, cell), self.shape.load_cell(other, cell))

    def link_at(self, b, member):
        return b + self.shape.offset_of("block", member), self.shape.link_bits


def class_of(shape):
    """An unknown class, of which the heap has a list."""
    c = shape.word("c")
    return c, shape.is_class(c)


# ---- free blocks ---------------------------------------------------------------------------

@obligation(bug("block_write_free", "member made the next"),
            bug("block_write_free", "right of - dropped in declaration *"),
            bug("block_write_free", "right of - dropped in statement *"),
            subject="memory")
def free_block_says_its_size_at_both_ends(shape):
    """block_write_free, and how the block behind finds its way back."""
    heap = Heap(shape)
    b, n = shape.word("b"), shape.outer_size("n")
    header = n | shape.BLOCK_FREE
    heap.after.call("block_write_free", b, header)
    end = shape.call("block_at", b, n)
    size = resize(shape.call("size_bytes", n), WIDE)
    fits = less(resize(b, WIDE) + size, constant((1 << shape.bits) - 8, WIDE))
    footer = end - shape.header_bits // 8
    written = equal(heap.header(heap.after, b), header) & \
        equal(heap.header(heap.after, footer), header) & \
        equal(heap.after.call("block_next", b), end) & \
        equal(heap.after.call("block_previous_size", end), n) & \
        equal(heap.after.call("block_previous", end), b)
    assumed = [shape.is_header_address(b), shape.is_block_size(n), fits]
    yield Claim(written & heap.after.holds("undefined"), *assumed, name="written")
    yield Claim(heap.unchanged_but((b, shape.header_bits), (footer, shape.header_bits)), *assumed,
                name="nothing else")


# ---- bitmaps -------------------------------------------------------------------------------

@obligation(bug("list_mark", "|= made ="),
            bug("list_mark", "class_row made its argument 1"),
            subject="memory")
def mark_sets_the_bits_of_a_class(shape):
    heap = Heap(shape)
    c, is_class = class_of(shape)
    d = shape.word("d")
    heap.after.call("list_mark", heap.t, c)
    assumed = [is_base(shape, heap.t), is_class]
    yield Claim(heap.listed(heap.after, c) &
                implies(differ(d, c), equal(heap.listed(heap.after, d),
                                            heap.listed(heap.before, d))),
                *assumed, heap.has_bit(d), name="second level")
    yield Claim(heap.row_agrees(heap.after, d >> 5) & heap.after.holds("undefined"), *assumed,
                heap.has_bit(d), heap.row_agrees(heap.before, d >> 5), name="first level")
    yield Claim(heap.unchanged_but((heap.place_of_row(c >> 5), 32),
                                   (heap.place_of_first_level(), 32)), *assumed,
                name="nothing else")


@obligation(bug("list_unmark", "made 1"),
            bug("list_unmark", "right of << dropped"),
            subject="memory")
def unmark_clears_the_bits_of_an_empty_class(shape):
    heap = Heap(shape)
    c, is_class = class_of(shape)
    d = shape.word("d")
    heap.after.call("list_unmark", heap.t, c)
    assumed = [is_base(shape, heap.t), is_class]
    kept = heap.listed(heap.before, d) & differ(c, d)
    yield Claim(equal(heap.listed(heap.after, d), kept), *assumed, heap.has_bit(d),
                name="second level")
    yield Claim(heap.row_agrees(heap.after, d >> 5) & heap.after.holds("undefined"), *assumed,
                heap.has_bit(d), heap.row_agrees(heap.before, d >> 5), name="first level")
    yield Claim(heap.unchanged_but((heap.place_of_row(c >> 5), 32),
                                   (heap.place_of_first_level(), 32)), *assumed,
                name="nothing else")


@obligation(bug("list_search_above", "right of - dropped"),
            bug("list_search_above", "right of << dropped"),
            bug("list_search_above", "bits_first_set made its argument 1"),
            subject="memory", slow=True)
def search_finds_the_lowest_class_above(shape):
    """Where the first level says the truth of the rows: nothing only when there is nothing, else a
    class above whose bit is set, with none in between."""
    heap = Heap(shape)
    c, is_class = class_of(shape)
    d = shape.word("d")
    found = heap.after.call("list_search_above", heap.t, c)
    assumed = [is_base(shape, heap.t), is_class, heap.no_row_above(heap.before),
               *(heap.row_agrees(heap.before, x >> 5) for x in (found, d))]
    nothing = equal(found, shape.CLASS_NONE)
    other = less(c, d) & heap.listed(heap.before, d)
    yield Claim(nothing | (less(c, found) & heap.has_bit(found) &
                           heap.listed(heap.before, found)), *assumed, name="is listed")
    yield Claim(implies(other, at_most(found, d)), *assumed, heap.has_bit(d),
                name="is the lowest")
    yield Claim(heap.after.holds("undefined"), *assumed, name="defined")


# ---- lists ---------------------------------------------------------------------------------

def insertion(shape):
    """A heap, a block that is in no list, a class; and the state that list_insert expects."""
    heap = Heap(shape)
    c, is_class = class_of(shape)
    b = shape.word("b")
    first = heap.block(heap.field(heap.before, heap.slot(c), "next"))
    assumed = [is_base(shape, heap.t), is_class, heap.is_place(b), heap.or_null(first),
               equal(first, heap.t) | heap.apart(b, first)]
    heap.after.call("list_insert", heap.t, b, shape.call("link_of", heap.t, b), c)
    return heap, b, c, first, assumed


@obligation(bug("list_insert", "assignment dropped"),
            bug("list_insert", "member made the next in declaration *"),
            bug("list_insert", "assignment dropped in statement 3"),
            bug("list_insert", "negated in condition 1"),
            bug("list_insert", "member made the next in statement *"),
            subject="memory", slow=True)
def insert_puts_a_block_first(shape):
    heap, b, c, first, assumed = insertion(shape)
    link = shape.call("link_of", heap.t, b)
    written = equal(heap.after.call("list_first", heap.t, c), b) & \
        equal(heap.block(heap.field(heap.after, b, "next")), first) & \
        equal(heap.field(heap.after, b, "previous"), shape.call("list_slot_link", heap.t, c)) & \
        equal(heap.field(heap.after, first, "previous"), link)
    yield Claim(written & heap.after.holds("undefined"), *assumed, name="links")
    d = shape.word("d")
    yield Claim(equal(heap.listed(heap.after, d), heap.listed(heap.before, d) | equal(c, d)) &
                heap.row_agrees(heap.after, d >> 5), *assumed, heap.has_bit(d),
                heap.row_agrees(heap.before, d >> 5), heap.row_agrees(heap.before, c >> 5),
                heap.list_agrees(heap.before, c), name="bits")
    yield Claim(heap.unchanged_but(
        heap.link_at(heap.slot(c), "next"), heap.link_at(b, "next"), heap.link_at(b, "previous"),
        heap.link_at(first, "previous"), (heap.place_of_row(c >> 5), 32),
        (heap.place_of_first_level(), 32)), *assumed, name="nothing else")


def removal(shape):
    """A heap, and a listed block between the neighbours that its links name. Nothing of the heap
    has changed yet."""
    heap = Heap(shape)
    c, is_class = class_of(shape)
    b = shape.word("b")
    following = heap.block(heap.field(heap.before, b, "next"))
    preceding = heap.block(heap.field(heap.before, b, "previous"))
    is_first = equal(heap.field(heap.before, b, "previous"),
                     shape.call("list_slot_link", heap.t, c))
    end = shape.load_word(heap.before, heap.t + shape.offset_of("control", "class_end"), 32)
    assumed = [is_base(shape, heap.t), is_class, heap.is_place(b), heap.or_null(following),
               equal(following, heap.t) | heap.apart(b, following),
               is_first | (heap.is_place(preceding) & heap.apart(b, preceding) &
                           equal(heap.field(heap.before, b, "previous"),
                                 shape.call("link_of", heap.t, preceding)) &
                           (equal(following, heap.t) | heap.apart(preceding, following))),
               implies(equal(following, heap.t), equal(heap.field(heap.before, b, "next"),
                                                       shape.call("link_null", heap.t))),
               implies(differ(following, heap.t), equal(heap.field(heap.before, b, "next"),
                                                        shape.call("link_of", heap.t, following))),
               less(resize(c, 64), resize(end, 64)),
               at_most(end, shape.CLASS_MAX + 1)]
    return heap, b, c, is_first, preceding, following, assumed


@obligation(bug("list_remove", "member made the next in declaration *"),
            bug("list_remove", "assignment dropped"),
            bug("list_remove", "negated in condition 1"),
            bug("list_remove", "made 1"),
            bug("list_remove", "< made >="),
            subject="memory", slow=True)
def remove_joins_the_neighbours(shape):
    """And clears the bit of the list, iff the block was its only one. The null block is no
    neighbour: nothing is written into it."""
    heap, b, c, is_first, preceding, following, assumed = removal(shape)
    heap.after.call("list_remove", heap.t, b)
    is_last = equal(following, heap.t)
    slot_or_block = choose(is_first, heap.slot(c), preceding)
    d = shape.word("d")
    joined = equal(heap.field(heap.after, slot_or_block, "next"),
                   heap.field(heap.before, b, "next")) & \
        (is_last | equal(heap.field(heap.after, following, "previous"),
                         heap.field(heap.before, b, "previous")))
    yield Claim(joined & heap.after.holds("undefined"), *assumed, name="links")
    becomes_empty = is_first & is_last & equal(c, d)
    yield Claim(equal(heap.listed(heap.after, d),
                      heap.listed(heap.before, d) & negation(becomes_empty)), *assumed,
                heap.has_bit(d), name="bits")
    before, bits = heap.link_at(slot_or_block, "next")
    behind, _ = heap.link_at(following, "previous")
    yield Claim(heap.unchanged_but(
        (before, bits), (choose(is_last, before, behind), bits),
        (heap.place_of_row(c >> 5), 32), (heap.place_of_first_level(), 32)), *assumed,
        name="nothing else")


@obligation(bug("list_predecessor_agrees", "== made !=", layout="wide"),
            bug("link_is_in_span", "% made /", layout="wide"),
            subject="memory")
def links_are_asked_without_a_misaligned_read(shape):
    """Whatever the links of a block hold that is about to leave its list."""
    for name in ("list_predecessor_agrees", "list_successor_agrees"):
        heap = Heap(shape)
        b = shape.word("b")
        heap.after.call(name, heap.t, b)
        yield Claim(heap.after.holds("undefined"), is_base(shape, heap.t), heap.is_place(b),
                    name=name)


@obligation(bug("list_remove_first", "member made the next in declaration *"),
            bug("list_remove_first", "assignment dropped"),
            bug("list_remove_first", "list_slot_link made its argument 2", layout="wide"),
            bug("list_remove_first", "call of list_unmark dropped"),
            bug("list_take", "call of list_remove_first dropped"),
            subject="memory", slow=True)
def removing_the_first_is_removing_it(shape):
    """list_remove_first and list_take leave the memory that list_remove leaves, cell by cell."""
    heap, b, c, is_first, _, _, assumed = removal(shape)
    heap.after.call("list_remove", heap.t, b)
    for name in ("list_remove_first", "list_take"):
        other = shape.execution()
        other.call(name, heap.t, c, b)
        yield Claim(heap.same_memory(other) & other.holds("undefined"), *assumed, is_first,
                    name=name)


# ---- the pending block ---------------------------------------------------------------------

def marks(shape, name, mark):
    """A mark of a header that is set or not."""
    return choose(equal(variable(name, 1), 1), constant(mark, shape.header_bits),
                  constant(0, shape.header_bits))


def pending_header_of(shape, n):
    """What pending_header can say of a free block of size n, and its mark."""
    mark = marks(shape, "is_victim", shape.PENDING_VICTIM)
    return n | shape.BLOCK_FREE | mark, mark


@obligation(bug("pending_set", "assignment dropped"),
            bug("pending_clear", "0 one more"),
            bug("pending_exists", "0 one more"),
            bug("header_of_free", "right of & dropped"),
            subject="memory")
def pending_header_tells_whether_a_block_is_pending(shape):
    """As the link does. So without a pending block there is no victim, nor anything to serve."""
    heap = Heap(shape)
    b, n = shape.word("b"), shape.outer_size("n")
    null = shape.call("link_null", heap.t)
    header, _ = pending_header_of(shape, n)
    heap.after.call("pending_set", heap.t, b, header)
    link, kept_header = heap.pending(heap.after)
    assumed = [is_base(shape, heap.t), heap.is_place(b), shape.is_block_size(n)]
    yield Claim(equal(heap.after.call("pending_exists", heap.t), 1) & differ(link, null) &
                equal(link, shape.call("link_of", heap.t, b)) & equal(kept_header, header) &
                equal(shape.call("header_of_free", header), n | shape.BLOCK_FREE) &
                equal(heap.after.call("block_is_pending", heap.t, b), 1) &
                heap.after.holds("undefined"), *assumed, name="set")
    clear = shape.execution()
    clear.call("pending_clear", heap.t)
    link, kept_header = heap.pending(clear)
    m = shape.outer_size("m")
    yield Claim(equal(clear.call("pending_exists", heap.t), 0) & equal(link, null) &
                equal(kept_header, 0) & equal(clear.call("victim_serves", heap.t, m), 0) &
                equal(clear.call("pending_serves", heap.t, m, b), 0) & clear.holds("undefined"),
                is_base(shape, heap.t), shape.is_block_size(m), heap.or_null(b), name="clear")
    yield Claim(equal(clear.call("block_is_pending", heap.t, b), 0), is_base(shape, heap.t),
                heap.is_place(b), name="no block")


@obligation(bug("victim_serves", ">= made <"),
            bug("victim_serves", "!= made =="),
            bug("pending_serves", "! dropped"),
            bug("pending_serves", "<= made >"),
            subject="memory")
def smaller_block_that_holds_a_request_serves(shape):
    """The pending block of size n or the listed one; the victim, whenever it holds the request. The
    mark does not matter in the comparison, but where both are as large."""
    heap = Heap(shape)
    b, n, m = shape.word("b"), shape.outer_size("n"), shape.outer_size("m")
    link, header = heap.pending(heap.before)
    kept, mark = pending_header_of(shape, n)
    listed = shape.call("block_size", b)
    holds, listed_holds = at_most(m, n), at_most(m, listed)
    serves = equal(shape.call("pending_serves", heap.t, m, b), 1)
    assumed = [is_base(shape, heap.t), heap.or_null(b), shape.is_block_size(n),
               shape.is_block_size(m), equal(header, kept),
               differ(link, shape.call("link_null", heap.t))]
    yield Claim(implies(serves, holds & (negation(listed_holds) | at_most(n, listed))) &
                implies(negation(serves), negation(holds) |
                        (listed_holds & at_most(listed, n))), *assumed, name="smaller")
    yield Claim(equal(equal(shape.call("victim_serves", heap.t, m), 1), holds & differ(mark, 0)),
                *assumed, name="victim")


@obligation(bug("free_blocks_remove", "negated"),
            bug("free_blocks_remove", "right of & dropped"),
            bug("free_blocks_remove", "call of pending_clear dropped"),
            subject="memory", slow=True)
def removal_tells_whether_the_block_was_a_victim(shape):
    """The pending block is forgotten with its mark. Any other leaves its list, and is none."""
    heap, b, _, _, _, _, assumed = removal(shape)
    link, header = heap.pending(heap.before)
    result = heap.after.call("free_blocks_remove", heap.t, b)
    is_pending = equal(link, shape.call("link_of", heap.t, b))
    after_link, after_header = heap.pending(heap.after)
    yield Claim(equal(result, header & shape.PENDING_VICTIM) & equal(after_header, 0) &
                equal(after_link, shape.call("link_null", heap.t)) &
                heap.unchanged_but(*heap.places_of_pending()) & heap.after.holds("undefined"),
                is_base(shape, heap.t), heap.is_place(b), is_pending, name="pending")
    listed = shape.execution()
    listed.call("list_remove", heap.t, b)
    is_other = differ(b, heap.block(link))
    yield Claim(equal(result, 0) & heap.same_memory(listed), is_other, name="listed")


@obligation(bug("free_blocks_put", "class_floor made its argument 1"),
            bug("free_blocks_put", "call of list_insert dropped"),
            bug("free_blocks_put", "header_of_free made its argument 1 in statement 3"),
            subject="memory", slow=True)
def put_lists_the_pending_block_in_its_class(shape):
    """The class of its very size, whatever its mark. free_blocks_put leaves the memory that
    list_insert, block_write_free and pending_set leave, cell by cell."""
    heap = Heap(shape)
    b, n, of_pending = shape.word("b"), shape.outer_size("n"), shape.outer_size("of_pending")
    header, _ = pending_header_of(shape, n)
    link, kept = heap.pending(heap.before)
    heap.after.call("free_blocks_put", heap.t, b, header)
    other = shape.execution()
    other.call("list_insert", heap.t, heap.block(link), link, shape.call("class_floor", kept))
    other.call("block_write_free", b, shape.call("header_of_free", header))
    other.call("pending_set", heap.t, b, header)
    yield Claim(heap.same_memory(other), shape.is_block_size(n), differ(kept, 0), name="memory")
    yield Claim(equal(shape.call("class_floor", kept), shape.call("class_floor", of_pending)),
                shape.is_block_size(of_pending),
                equal(kept, of_pending | shape.BLOCK_FREE | marks(
                    shape, "was_victim", shape.PENDING_VICTIM)), name="class")


@obligation(bug("free_blocks_list_small", "class_of_small made its argument 1"),
            bug("class_of_small", "one more", bits="aarch64"),  # class_floor does not call it there
            subject="memory", slow=True)
def small_block_goes_into_the_list_of_its_class(shape):
    """free_blocks_list_small leaves the memory that free_blocks_list leaves, cell by cell."""
    heap = Heap(shape)
    b, n = shape.word("b"), shape.outer_size("n")
    header = n | shape.BLOCK_FREE
    heap.after.call("free_blocks_list_small", heap.t, b, header)
    other = shape.execution()
    other.call("free_blocks_list", heap.t, b, header)
    yield Claim(heap.same_memory(other), shape.is_block_size(n),
                equal(shape.call("size_is_small", n), 1))


# ---- splitting -----------------------------------------------------------------------------

def splitting(shape):
    """A heap, and free room at b, header and all, beside the control structure and with the header
    of what lies behind it in the address space. Nothing of the heap has changed yet."""
    heap = Heap(shape)
    b, room, n = shape.word("b"), shape.outer_size("room"), shape.outer_size("n")
    size = room - shape.BLOCK_FREE
    begin, end = resize(b, WIDE), resize(b, WIDE) + resize(shape.call("size_bytes", size), WIDE)
    behind = end + shape.header_bits // 8
    assumed = [is_base(shape, heap.t), shape.is_header_address(b), shape.is_block_size(size),
               equal(room & shape.BLOCK_FLAGS, shape.BLOCK_FREE), shape.is_block_size(n),
               at_most(n, size), less(behind, constant(1 << shape.bits, WIDE)),
               at_most(resize(heap.t, WIDE) + control_bytes(shape), begin) |
               at_most(behind, resize(heap.t, WIDE))]
    return heap, b, room, n, assumed


@obligation(bug("block_trim", "BLOCK_MIN one more"),
            bug("block_trim", "right of | dropped"),
            bug("block_mark_previous_used", "~ dropped"),
            bug("block_split", "block_at made its argument 1"),
            subject="memory", slow=True)
def split_makes_the_rest_pending_or_gives_it_away(shape):
    """A rest too small for a block stays in the block, whose neighbour then knows that it is used;
    a larger one is pending, and a victim iff the caller says so. Nothing was pending before. (What
    is written into it: free_block_says_its_size_at_both_ends.)"""
    heap, b, room, n, assumed = splitting(shape)
    flags = marks(shape, "is_previous_free", shape.BLOCK_PREVIOUS_FREE)
    victim = marks(shape, "is_victim", shape.PENDING_VICTIM)
    assumed.append(equal(heap.pending(heap.before)[1], 0))
    result = heap.after.call("block_trim", heap.t, b, room, n, flags, victim)
    rest = room - n
    is_whole = less(rest, constant(shape.BLOCK_MIN, rest.width))
    whole = room - shape.BLOCK_FREE
    behind, remainder = shape.call("block_at", b, whole), shape.call("block_at", b, n)
    kept = heap.header(heap.before, behind) & ((1 << shape.header_bits) - 1 -
                                               shape.BLOCK_PREVIOUS_FREE)
    yield Claim(equal(result, whole) & equal(heap.header(heap.after, b), whole | flags) &
                equal(heap.header(heap.after, behind), kept), *assumed, is_whole, name="whole")
    link, header = heap.pending(heap.after)
    yield Claim(equal(result, n) & equal(link, shape.call("link_of", heap.t, remainder)) &
                equal(header, rest | victim) &
                equal(heap.header(heap.after, remainder), rest), *assumed, ~is_whole,
                name="pending")


@obligation(bug("victim_trim", "BLOCK_MIN one more"),
            bug("victim_trim", "call of pending_clear dropped"),
            bug("victim_trim", "call of pending_set dropped"),
            bug("victim_trim", "header_of_free made its argument 1"),
            subject="memory", slow=True)
def victim_is_split_as_any_room(shape):
    """victim_trim leaves the memory that taking the victim and block_trim leave, cell by cell, and
    gives the same size; the rest is a victim again."""
    heap, b, room, n, assumed = splitting(shape)
    link, header = heap.pending(heap.before)
    assumed += [equal(link, shape.call("link_of", heap.t, b)), heap.is_place(b),
                equal(header, room | shape.PENDING_VICTIM)]
    result = heap.after.call("victim_trim", heap.t, b, n)
    other = shape.execution()
    other.call("pending_clear", heap.t)
    expected = other.call("block_trim", heap.t, b, room, n, constant(0, n.width),
                          constant(shape.PENDING_VICTIM, n.width))
    yield Claim(equal(result, expected), *assumed, name="size")
    yield Claim(heap.same_memory(other) & heap.after.holds("undefined"), *assumed, name="memory")
