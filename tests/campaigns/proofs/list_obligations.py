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
        """What the control structure says of the pending block: its link, header and class."""
        return [self.shape.load_word(execution, self.t + self.shape.offset_of("control", member),
                                     bits)
                for member, bits in (("pending", self.shape.link_bits),
                                     ("pending_header", self.shape.header_bits),
                                     ("pending_class", 32))]

    # ---- assumptions ---------------------------------------------------------------------

    def has_bit(self, c):
        """Whether the rows have a bit for c: they do for some numbers that are no class's, too."""
        return less(c, 32 * self.shape.ROW_COUNT)

    def row_agrees(self, execution, row):
        """The first-level bit of a row is set iff the row has one."""
        first_level_bit = bit(self.first_level(execution) >> resize(row, 32), 0)
        return equal(differ(self.row(execution, row), 0), first_level_bit)

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


@obligation(bug("list_unmark_if", "0 one more"),
            bug("list_unmark_if", "right of << dropped"),
            subject="memory")
def unmark_clears_the_bits_of_an_empty_class(shape):
    heap = Heap(shape)
    c, is_class = class_of(shape)
    d, is_empty = shape.word("d"), variable("is_empty", 1)
    heap.after.call("list_unmark_if", heap.t, c, is_empty)
    assumed = [is_base(shape, heap.t), is_class]
    kept = heap.listed(heap.before, d) & negation(equal(c, d) & equal(is_empty, 1))
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
            bug("list_insert", "member made the next in statement *"),
            subject="memory", slow=True)
def insert_puts_a_block_first(shape):
    heap, b, c, first, assumed = insertion(shape)
    link = shape.call("link_of", heap.t, b)
    written = equal(heap.after.call("list_first", heap.t, c), b) & \
        equal(heap.block(heap.field(heap.after, b, "next")), first) & \
        equal(heap.field(heap.after, b, "previous"), shape.call("list_slot_link", heap.t, c)) & \
        equal(heap.field(heap.after, first, "previous"), link) & heap.listed(heap.after, c)
    yield Claim(written & heap.after.holds("undefined"), *assumed, name="links")
    yield Claim(heap.unchanged_but(
        heap.link_at(heap.slot(c), "next"), heap.link_at(b, "next"), heap.link_at(b, "previous"),
        heap.link_at(first, "previous"), (heap.place_of_row(c >> 5), 32),
        (heap.place_of_first_level(), 32)), *assumed, name="nothing else")


def removal(shape):
    """A heap and a listed block between the neighbours that its links name."""
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
    heap.after.call("list_remove", heap.t, b)
    return heap, b, c, is_first, preceding, following, assumed


@obligation(bug("list_remove", "member made the next in declaration *"),
            bug("list_remove", "assignment dropped"),
            bug("list_remove", "made 1"),
            bug("list_remove", "< made >="),
            subject="memory", slow=True)
def remove_joins_the_neighbours(shape):
    """And clears the bit of the list, iff the block was its only one."""
    heap, b, c, is_first, preceding, following, assumed = removal(shape)
    slot_or_block = choose(is_first, heap.slot(c), preceding)
    d = shape.word("d")
    joined = equal(heap.field(heap.after, slot_or_block, "next"),
                   heap.field(heap.before, b, "next")) & \
        equal(heap.field(heap.after, following, "previous"),
              heap.field(heap.before, b, "previous"))
    yield Claim(joined & heap.after.holds("undefined"), *assumed, name="links")
    becomes_empty = is_first & equal(following, heap.t) & equal(c, d)
    yield Claim(equal(heap.listed(heap.after, d),
                      heap.listed(heap.before, d) & negation(becomes_empty)), *assumed,
                heap.has_bit(d), name="bits")
    yield Claim(heap.unchanged_but(
        heap.link_at(slot_or_block, "next"), heap.link_at(following, "previous"),
        (heap.place_of_row(c >> 5), 32), (heap.place_of_first_level(), 32)), *assumed,
        name="nothing else")


# ---- the pending block ---------------------------------------------------------------------

@obligation(bug("pending_set", "assignment dropped"),
            bug("pending_clear", "0 one more"),
            bug("pending_exists", "0 one more"),
            subject="memory")
def pending_class_tells_whether_a_block_is_pending(shape):
    """As the link does. free_blocks_put asks the class, and needs it to be one with a list."""
    heap = Heap(shape)
    b, n = shape.word("b"), shape.outer_size("n")
    null = shape.call("link_null", heap.t)
    header = n | shape.BLOCK_FREE
    heap.after.call("pending_set", heap.t, b, header)
    link, kept_header, of_class = heap.pending(heap.after)
    assumed = [is_base(shape, heap.t), heap.is_place(b), shape.is_block_size(n)]
    yield Claim(equal(heap.after.call("pending_exists", heap.t), 1) & differ(link, null) &
                equal(link, shape.call("link_of", heap.t, b)) & equal(kept_header, header) &
                equal(of_class, resize(shape.call("class_floor", n), 32)) &
                shape.is_class(of_class) & heap.after.holds("undefined"), *assumed, name="set")
    clear = shape.execution()
    clear.call("pending_clear", heap.t)
    link, kept_header, of_class = heap.pending(clear)
    yield Claim(equal(clear.call("pending_exists", heap.t), 0) & equal(link, null) &
                equal(kept_header, 0) & equal(of_class, 0) & clear.holds("undefined"),
                is_base(shape, heap.t), name="clear")


# ---- splitting -----------------------------------------------------------------------------

def splitting(shape):
    """A heap with nothing pending, and free room at b, header and all, beside the control
    structure and with the header of what lies behind it in the address space."""
    heap = Heap(shape)
    b, room, n = shape.word("b"), shape.outer_size("room"), shape.outer_size("n")
    flags = choose(equal(variable("is_previous_free", 1), 1),
                   constant(shape.BLOCK_PREVIOUS_FREE, n.width), constant(0, n.width))
    size = room - shape.BLOCK_FREE
    begin, end = resize(b, WIDE), resize(b, WIDE) + resize(shape.call("size_bytes", size), WIDE)
    behind = end + shape.header_bits // 8
    _, _, pending_class = heap.pending(heap.before)
    assumed = [is_base(shape, heap.t), shape.is_header_address(b), shape.is_block_size(size),
               equal(room & shape.BLOCK_FLAGS, shape.BLOCK_FREE), shape.is_block_size(n),
               at_most(n, size), less(behind, constant(1 << shape.bits, WIDE)),
               at_most(resize(heap.t, WIDE) + control_bytes(shape), begin) |
               at_most(behind, resize(heap.t, WIDE)),
               equal(pending_class, 0)]
    result = heap.after.call("block_trim", heap.t, b, room, n, flags)
    return heap, b, room, n, flags, result, assumed


@obligation(bug("block_trim", "BLOCK_MIN one more"),
            bug("block_mark_previous_used", "~ dropped"),
            bug("block_split", "block_at made its argument 1"),
            subject="memory", slow=True)
def split_makes_the_rest_pending_or_gives_it_away(shape):
    """A rest too small for a block stays in the block, whose neighbour then knows that it is used;
    a larger one is pending. (What is written into it: free_block_says_its_size_at_both_ends.)"""
    heap, b, room, n, flags, result, assumed = splitting(shape)
    rest = room - n
    is_whole = less(rest, constant(shape.BLOCK_MIN, rest.width))
    whole = room - shape.BLOCK_FREE
    behind, remainder = shape.call("block_at", b, whole), shape.call("block_at", b, n)
    kept = heap.header(heap.before, behind) & ((1 << shape.header_bits) - 1 -
                                               shape.BLOCK_PREVIOUS_FREE)
    yield Claim(equal(result, whole) & equal(heap.header(heap.after, b), whole | flags) &
                equal(heap.header(heap.after, behind), kept), *assumed, is_whole, name="whole")
    link, header, of_class = heap.pending(heap.after)
    yield Claim(equal(result, n) & equal(link, shape.call("link_of", heap.t, remainder)) &
                equal(header, rest), *assumed, ~is_whole, name="pending")
    yield Claim(equal(of_class, resize(shape.call("class_floor", rest), 32)), *assumed, ~is_whole,
                name="class")
