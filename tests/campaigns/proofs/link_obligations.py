# SPDX-License-Identifier: BSD-3-Clause
"""Links and addresses, for every place of the control structure and of a block."""

from claim import Claim, bug, obligation
from shape import WIDE
from terms import (at_most, constant, differ, either, equal, every, extract, implies, less, resize,
                   truth)


# ---- where things can lie ------------------------------------------------------------------

def is_base(shape, t):
    """A place for a control structure: aligned, and with its end in the address space."""
    return equal(t & (shape.LINK_BASE_ALIGN - 1), 0) & \
        less(t, constant((1 << shape.bits) - control_bytes(shape), shape.bits))


def control_bytes(shape):
    """The control structure with the heads of all classes."""
    return head_offset(shape, shape.CLASS_MAX + 1)


def head_offset(shape, c):
    """Where the head of list c lies in the control structure: the first class has the first."""
    return (c - shape.CLASS_FIRST) * (shape.link_bits // 8) + shape.offset_of("control", "heads")


def block_words(shape):
    return shape.size_of("block") // (shape.header_bits // 8) + 1


def is_block_place(shape, t, b):
    """A header's place in reach of the control structure, and outside of it: the four words of
    the smallest block neither wrap nor overlap the control structure."""
    size = block_words(shape) * shape.header_bits // 8
    end = constant((1 << shape.bits) - size, shape.bits)
    outside = at_most(resize(t, WIDE) + control_bytes(shape), resize(b, WIDE)) | \
        at_most(resize(b, WIDE) + size, resize(t, WIDE))
    return shape.is_header_address(b) & less(b, end) & outside & reaches(shape, t, b)


def reaches(shape, t, b):
    return equal(shape.call("link_reaches", t, b), 1)


def in_documented_reach(shape, t, b):
    """In the compact layout: 2^31 units either way, on a machine whose addresses go further."""
    if shape.layout == "wide" or shape.bits == 32:
        return truth(True)
    distance = resize(b, WIDE) - resize(t, WIDE)
    reach = shape.LINK_UNIT << 31
    return at_most(distance + reach, constant(2 * reach - 8, WIDE))


# ---- links ---------------------------------------------------------------------------------

@obligation(bug("link_block", "LINK_MARK one more"),
            bug("link_of", "LINK_MARK one more"))
def link_names_its_block(shape):
    """Within the reach that tlsf.h promises, and wherever link_reaches says so."""
    t, b = shape.word("t"), shape.word("b")
    back = shape.call("link_block", t, shape.call("link_of", t, b))
    yield Claim(equal(back, b) & reaches(shape, t, b), is_base(shape, t),
                shape.is_header_address(b), in_documented_reach(shape, t, b), name="in reach")
    yield Claim(equal(equal(back, b), reaches(shape, t, b)), name="anywhere")


@obligation(bug("link_of", "LINK_UNIT one more"))
def different_blocks_have_different_links(shape):
    t, a, b = shape.word("t"), shape.word("a"), shape.word("b")
    places = [every([shape.is_header_address(x), in_documented_reach(shape, t, x)]) for x in (a, b)]
    yield Claim(implies(differ(a, b), differ(shape.call("link_of", t, a),
                                             shape.call("link_of", t, b))),
                is_base(shape, t), *places)


@obligation(bug("link_null", "one more"))
def empty_link_names_the_control_structure_alone(shape):
    t, b = shape.word("t"), shape.word("b")
    null = shape.call("link_null", t)
    yield Claim(equal(shape.call("link_block", t, null), t) &
                equal(shape.call("link_is_null", t, null), 1), is_base(shape, t), name="null")
    yield Claim(equal(shape.call("link_is_null", t, shape.call("link_of", t, b)), 0),
                is_base(shape, t), is_block_place(shape, t, b), name="block")


@obligation(bug("LINK_STEP", "* one more"),
            bug("CLASS_FIRST", "- made +"),
            bug("list_slot_link", "one more"))
def slot_of_a_list_is_its_head(shape):
    """The slot's next link is heads[class - CLASS_FIRST], and the slot's link names the slot, and
    its class."""
    t, c = shape.word("t"), shape.word("c")
    slot, link = shape.call("list_slot", t, c), shape.call("list_slot_link", t, c)
    yield Claim(equal(slot + shape.offset_of("block", "next"), t + head_offset(shape, c)) &
                equal(shape.call("link_block", t, link), slot), is_base(shape, t),
                shape.is_class(c), name="place")
    yield Claim(equal(shape.call("list_class_of_slot", t, link), c), is_base(shape, t),
                shape.is_class(c), name="class")


@obligation(bug("control_bytes", "- made +"),
            bug("plan_class_end", "1 one less"))
def control_structure_has_the_heads_of_its_plan(shape):
    """Those of the classes of all sizes up to the planned one, and nothing but padding behind."""
    n, plan = shape.outer_size("n"), shape.outer_size("plan")
    end = shape.call("plan_class_end", plan)
    execution = shape.execution()
    size = execution.call("control_bytes", end)
    heads = head_offset(shape, resize(end, shape.bits))
    yield Claim(less(shape.call("class_floor", n), resize(end, shape.bits)) &
                at_most(end, shape.CLASS_MAX + 1), shape.is_plan(plan), shape.is_size(n),
                at_most(n, plan), name="classes")
    yield Claim(at_most(heads, size) & less(size, heads + shape.LINK_BASE_ALIGN) &
                execution.holds("wrap", ["control_bytes"]), shape.is_plan(plan), name="heads")


@obligation(bug("link_distance", "left of - dropped"))
def link_of_a_block_is_no_slot(shape):
    """list_remove tells by it whether a block is its list's first. Nor is the empty link one."""
    t, b = shape.word("t"), shape.word("b")
    c = shape.call("list_class_of_slot", t, shape.call("link_of", t, b))
    yield Claim(less(constant(shape.CLASS_MAX, shape.bits), c), is_base(shape, t),
                is_block_place(shape, t, b), name="block")
    of_null = shape.call("list_class_of_slot", t, shape.call("link_null", t))
    yield Claim(equal(of_null, 0) & ~shape.is_class(of_null), is_base(shape, t), name="null")


@obligation(bug("LINK_MARK", "1 one less", layout="wide"),
            bug("LINK_MARK", "== made !="))
def links_read_as_headers_of_free_blocks(shape):
    """Where a header can lie in a free block there is a link that reads as the header of a free
    block, or of one without a size: so a second free is found out."""
    t, b, c = shape.word("t"), shape.word("b"), shape.word("c")
    to_block, null = shape.call("link_of", t, b), shape.call("link_null", t)
    to_slot = shape.call("list_slot_link", t, c)
    can_stand = {"previous": [to_block, to_slot], "next": [to_block, null]}
    claims = [looks_free(shape, link) for member, links in can_stand.items() for link in links
              if shape.offset_of("block", member) % shape.granule == 0]
    yield Claim(every(claims), is_base(shape, t), is_block_place(shape, t, b), shape.is_class(c))


def looks_free(shape, link):
    is_free = equal(extract(link, 0, 0), 1)
    return either(is_free, equal(shape.call("header_size", link), 0))


# ---- headers -------------------------------------------------------------------------------

@obligation(bug("header_size", "right of & dropped"))
def header_is_a_size_and_flags(shape):
    n, flags = shape.outer_size("n"), shape.outer_size("flags")
    header = n | flags
    yield Claim(equal(shape.call("header_size", header), n) &
                equal(header & shape.BLOCK_FLAGS, flags) & equal(header, n + flags),
                shape.is_size(n), at_most(flags, shape.BLOCK_FLAGS))


@obligation(bug("block_holds", ">= made >"),
            bug("block_is_free", "BLOCK_FREE made the next"),
            bug("block_is_previous_free", "BLOCK_PREVIOUS_FREE one more"),
            bug("block_size", "header_size made its argument 1"))
def header_tells_size_and_flags(shape):
    """The questions about a block, of any header in memory."""
    b, m = shape.word("b"), shape.outer_size("m")
    before = shape.execution()
    header = shape.load_word(before, b, shape.header_bits)
    aligned = equal(b & (shape.header_bits // 8 - 1), 0)
    size = header & ((1 << shape.header_bits) - 1 - shape.BLOCK_FLAGS)
    yield Claim(equal(shape.call("block_size", b), size) &
                equal(equal(shape.call("block_is_free", b), 1), equal(header & 1, 1)) &
                equal(equal(shape.call("block_is_previous_free", b), 1), equal(header & 2, 2)) &
                equal(equal(shape.call("block_holds", b, m), 1), at_most(m, size)),
                aligned, shape.is_size(m))


@obligation(bug("block_is_end", "BLOCK_END one less"),
            bug("block_is_end", "right of | dropped"), slow=True)
def end_marker_is_no_block_of_a_pool(shape):
    """Used, whatever its other flag says; and no size that a block has."""
    b, n, flags = shape.word("b"), shape.outer_size("n"), shape.outer_size("flags")
    header = shape.load_word(shape.execution(), b, shape.header_bits)
    is_end = equal(shape.call("block_is_end", b), 1)
    aligned = equal(b & (shape.header_bits // 8 - 1), 0)
    end = constant(shape.BLOCK_END, shape.header_bits)
    yield Claim(is_end & equal(shape.call("block_is_free", b), 0), aligned,
                equal(header, end) | equal(header, end | shape.BLOCK_PREVIOUS_FREE),
                name="marker")
    t, first, last, in_pool = largest_pool(shape)
    yield Claim(~is_end, aligned, equal(header, n | flags), shape.is_size(n),
                at_most(n, shape.call("size_of_bytes", last - first)),
                at_most(flags, shape.BLOCK_FLAGS), in_pool, name="block")


def largest_pool(shape):
    """What pool_is_manageable and the callers of tlsf_add_pool let a pool be: in reach, of no more
    than the largest size, and beside the control structure."""
    t, first, last = shape.word("t"), shape.word("first"), shape.word("last")
    begin = first + shape.BLOCK_OVERHEAD - shape.POOL_FRONT
    end = resize(last, WIDE) + shape.BLOCK_OVERHEAD
    beside = at_most(resize(t, WIDE) + shape.size_of("control"), resize(begin, WIDE)) | \
        at_most(end, resize(t, WIDE))
    return t, first, last, every([
        is_base(shape, t), shape.is_header_address(first), shape.is_header_address(last),
        at_most(begin, first), less(first, last), beside,
        at_most(end, constant(1 << shape.bits, WIDE)),
        at_most(last - first, shape.call("size_bytes", shape.OUTER_SIZE_MAX)),
        reaches(shape, t, begin), reaches(shape, t, last)])


# ---- addresses -----------------------------------------------------------------------------

@obligation(bug("block_of_payload", "BLOCK_OVERHEAD one more"))
def payload_and_block_are_inverse(shape):
    b = shape.word("b")
    payload = shape.call("block_payload", b)
    yield Claim(equal(shape.call("block_of_payload", payload), b) &
                equal(payload & (shape.granule - 1), 0), shape.is_header_address(b))


@obligation(bug("block_at", "size_bytes made its argument 1"))
def next_block_begins_where_this_one_ends(shape):
    b, n, m = shape.word("b"), shape.outer_size("n"), shape.outer_size("m")
    at = shape.call("block_at", b, n)
    yield Claim(equal(at, b + shape.call("size_bytes", n)) & shape.is_header_address(at) &
                equal(shape.call("block_at", at, m), b + shape.call("size_bytes", n) +
                      shape.call("size_bytes", m)),
                shape.is_header_address(b), shape.is_size(n), shape.is_size(m))
