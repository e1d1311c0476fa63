# SPDX-License-Identifier: BSD-3-Clause
"""Size classes and sizes: what must hold for every size that a layout allows."""

from claim import Claim, bug, obligation
from shape import WIDE
from terms import at_most, choose, constant, differ, equal, implies, less, resize, truth


# ---- the specification of classes, without a search for bits -------------------------------

def wide(term):
    return resize(term, WIDE)


def lower(shape, c):
    """The smallest size of class c, in outer_size: the first 2 * S classes have one size each, the
    others are S to an octave, each octave's twice as wide as those of the octave before."""
    number = wide(c) - shape.CLASS_FIRST
    s, per_octave = shape.sl_bits, 1 << shape.sl_bits
    doublings = (number >> s) - 1
    granules = choose(less(number, 2 * per_octave), number,
                      ((number & (per_octave - 1)) + per_octave) << doublings)
    return granules * shape.GRANULE_SIZE


def floor(shape, n):
    return shape.call("class_floor", n)


# ---- classes -------------------------------------------------------------------------------

@obligation(bug("class_floor", "BLOCK_FLAG_BITS one more"),
            bug("class_floor", "right of >> dropped"),
            bug("class_floor", "CLASS_FIRST one more"))
def block_lies_in_its_class(shape):
    n = shape.outer_size("n")
    c = floor(shape, n)
    yield Claim(at_most(lower(shape, c), wide(n)) & less(wide(n), lower(shape, c + 1)) &
                shape.is_class(c), shape.is_size(n))


@obligation(bug("CLASS_MAX", "1 one less"),
            bug("CLASS_COUNT", "1 one more"),
            bug("OUTER_SIZE_MAX", "1 one more #2"))
def classes_cover_all_sizes(shape):
    """From 0 up to the largest size."""
    first, end = (constant(c, shape.bits) for c in (shape.CLASS_FIRST, shape.CLASS_MAX + 1))
    yield Claim(equal(lower(shape, first), 0) &
                equal(lower(shape, end), shape.OUTER_SIZE_MAX + shape.GRANULE_SIZE))


@obligation(bug("class_floor", "<< made >>"))
def class_begins_where_the_one_below_ends(shape):
    c = shape.word("c")
    begin, end = lower(shape, c), lower(shape, c + 1)
    smallest = resize(begin, shape.header_bits)
    largest = resize(end - shape.GRANULE_SIZE, shape.header_bits)
    yield Claim(less(begin, end) & equal(floor(shape, smallest), c) &
                equal(floor(shape, largest), c), shape.is_class(c))


@obligation(bug("class_floor", "+ made -"))
def larger_size_has_no_lower_class(shape):
    n, m = shape.outer_size("n"), shape.outer_size("m")
    yield Claim(at_most(floor(shape, n), floor(shape, m)), shape.is_size(n), shape.is_size(m),
                at_most(n, m))


@obligation(bug("class_floor", "right of + dropped"))
def next_size_has_this_class_or_the_next(shape):
    n = shape.outer_size("n")
    above = n + shape.GRANULE_SIZE
    yield Claim(at_most(floor(shape, above), floor(shape, n) + 1) &
                at_most(floor(shape, n), floor(shape, above)),
                shape.is_size(n), less(n, constant(shape.OUTER_SIZE_MAX, n.width)))


@obligation(bug("class_floor", "size_last_set made its argument 1"))
def flags_do_not_change_the_class(shape):
    """The pending block's class is asked of its header."""
    n, flags = shape.outer_size("n"), shape.outer_size("flags")
    yield Claim(equal(floor(shape, n | flags), floor(shape, n)), shape.is_size(n),
                at_most(flags, shape.BLOCK_FLAGS))


@obligation(bug("class_of_small", "one more"),
            bug("size_is_small", "2 one more"),
            bug("size_is_small", "left of * dropped"))
def small_size_has_a_class_of_its_own(shape):
    """And only a small one has. class_of_small names it, whatever the flags are."""
    n, flags = shape.outer_size("n"), shape.outer_size("flags")
    c = floor(shape, n)
    is_small = equal(shape.call("size_is_small", n | flags), 1)
    has_own = equal(lower(shape, c + 1) - lower(shape, c), shape.GRANULE_SIZE)
    assumed = [shape.is_size(n), at_most(flags, shape.BLOCK_FLAGS)]
    yield Claim(equal(is_small, has_own), *assumed, name="iff small")
    yield Claim(implies(is_small, equal(shape.call("class_of_small", n | flags), c) &
                        equal(lower(shape, c), wide(n))), *assumed, name="its class")


@obligation(bug("class_floor", "- made + in declaration *"),
            bug("class_floor", "right of | dropped", bits="aarch64"))
def class_is_computed_without_overflow(shape):
    """Whatever the header holds: no shift out of range, no sum that wraps, no bit lost."""
    n = shape.outer_size("n")
    execution = shape.execution()
    execution.call("class_floor", n)
    yield Claim(execution.holds("undefined"), name="defined")
    yield Claim(execution.holds("wrap", ["class_floor"]), at_most(n, shape.OUTER_SIZE_MAX + 3),
                name="exact")


@obligation(bug("class_row", "CLASSES_PER_ROW one less"),
            bug("class_column", "CLASSES_PER_ROW one less"),
            bug("ROW_COUNT", "+ made -"))
def row_and_column_are_the_class(shape):
    c = shape.word("c")
    row, column = shape.call("class_row", c), resize(shape.call("class_column", c), shape.bits)
    yield Claim(equal(row * 32 + column, c) & less(column, 32), name="any class")
    yield Claim(less(row, shape.ROW_COUNT) & truth(shape.ROW_COUNT <= 32), shape.is_class(c),
                name="classes of sizes")
    yield Claim(truth(0 < shape.CLASS_FIRST <= shape.CLASS_FIRST_MAX), name="first class")


# ---- the search ----------------------------------------------------------------------------

@obligation(bug("class_floor", "left of >> dropped"))
def searched_class_holds_the_request(shape):
    """The smallest block of the first class above floor(n - 1)."""
    n = shape.outer_size("n")
    searched = floor(shape, n - 1) + 1
    yield Claim(at_most(wide(n), lower(shape, searched)), shape.is_block_size(n))


@obligation(bug("class_floor", "left of + dropped"))
def every_class_above_holds_the_request(shape):
    n, m = shape.outer_size("n"), shape.outer_size("m")
    yield Claim(at_most(n, m), shape.is_block_size(n), shape.is_size(m),
                less(floor(shape, n - 1), floor(shape, m)))


@obligation(bug("class_floor", "CLASSES_PER_OCTAVE one less in result *"))
def class_below_the_searched_has_a_smaller_block(shape):
    """So the search leaves out no class whose every block would do."""
    n = shape.outer_size("n")
    yield Claim(less(lower(shape, floor(shape, n - 1)), wide(n)), shape.is_block_size(n))


@obligation(bug("class_ceil", "1 one less"))
def ceil_is_the_first_class_that_holds(shape):
    n, c = shape.outer_size("n"), shape.word("c")
    ceil = shape.call("class_ceil", n)
    holds = at_most(wide(n), lower(shape, c))
    yield Claim(equal(at_most(ceil, c), holds), shape.is_block_size(n),
                shape.is_class(c) | equal(c, shape.CLASS_MAX + 1))


# ---- requests and sizes --------------------------------------------------------------------

def largest_request(shape):
    """request_max of the largest plan."""
    return shape.call("size_inner_bytes", shape.OUTER_SIZE_MAX)


REQUEST = (bug("size_for_request", "right of + dropped"),
           bug("size_for_request", "GRANULE one less"))


@obligation(*REQUEST)
def request_gets_enough(shape):
    request = shape.word("bytes")
    n = shape.call("size_for_request", request)
    inner = shape.call("size_inner_bytes", n)
    yield Claim(at_most(request, inner) & shape.is_block_size(n),
                at_most(request, largest_request(shape)))


@obligation(bug("size_for_request", "right of - dropped"),
            bug("size_for_request", "BLOCK_OVERHEAD one more"))
def request_gets_less_than_a_granule_too_much(shape):
    """Or the smallest block."""
    request = shape.word("bytes")
    n = shape.call("size_for_request", request)
    used = wide(request) + (shape.BLOCK_OVERHEAD + shape.GUARD_BYTES)
    outer = wide(shape.call("size_bytes", n))
    yield Claim(equal(n, shape.BLOCK_MIN) | less(outer, used + shape.granule),
                at_most(request, largest_request(shape)))


@obligation(bug("size_for_request", "right of * dropped"))
def request_is_rounded_without_overflow(shape):
    """The result is that of unbounded arithmetic. (On 32-bit machines with granule 4 a sum on the
    way there wraps, and comes back.)"""
    request = shape.word("bytes")
    execution = shape.execution()
    n = execution.call("size_for_request", request)
    added = shape.BLOCK_OVERHEAD + shape.GUARD_BYTES + shape.granule - 1
    granules = (wide(request) + added) >> (shape.granule.bit_length() - 1)
    yield Claim(execution.holds("undefined") &
                (equal(n, shape.BLOCK_MIN) | equal(wide(n), granules * shape.GRANULE_SIZE)),
                at_most(request, largest_request(shape)))


@obligation(bug("size_for_request", "one more in result *"))
def request_within_the_plan_searches_within_it(shape):
    request, plan = shape.word("bytes"), shape.outer_size("plan")
    yield Claim(at_most(shape.call("size_for_request", request), plan), shape.is_plan(plan),
                at_most(request, shape.call("size_inner_bytes", plan)))


@obligation(bug("size_of_bytes", "/ made *"),
            bug("size_bytes", "right of * dropped"))
def outer_sizes_and_bytes_are_inverse(shape):
    n = shape.outer_size("n")
    execution = shape.execution()
    size = execution.call("size_bytes", n)
    yield Claim(equal(execution.call("size_of_bytes", size), n) & execution.holds("wrap") &
                equal(size & (shape.granule - 1), 0) &
                equal(wide(size) * shape.GRANULE_SIZE, wide(n) * shape.granule),
                shape.is_size(n))


@obligation(bug("plan_for", "OUTER_SIZE_MAX one more in result *"),
            bug("plan_for", "right of - dropped"))
def plan_is_a_block_size_that_fits_the_region(shape):
    """What is smaller than a block has no room for a heap."""
    size, least = shape.word("bytes"), shape.execution().call("size_bytes", shape.BLOCK_MIN)
    n = shape.call("plan_for", size)
    fits = at_most(wide(shape.call("size_bytes", n)), wide(size))
    yield Claim(shape.is_block_size(n) & fits, at_most(least, size))


@obligation(bug("pool_bounds_in", "left of + dropped in condition *"),
            bug("end_marker_below", "right of - dropped in result *"),
            slow=True)
def pool_bounds_lie_in_the_region(shape):
    """A pool's descriptor, blocks and end marker, in any region that does not wrap."""
    begin, size, bounds = shape.word("begin"), shape.word("bytes"), shape.word("bounds")
    end = wide(begin) + wide(size)
    execution = shape.execution()
    fits = execution.call("pool_bounds_in", begin, size, bounds)
    first, last = (shape.load_word(execution, bounds + place * (shape.bits // 8))
                   for place in (0, 1))
    inside = at_most(wide(begin) + shape.POOL_FRONT, wide(first) + shape.BLOCK_OVERHEAD) & \
        at_most(wide(last) + shape.BLOCK_OVERHEAD, end)
    smallest = shape.call("size_bytes", shape.BLOCK_MIN)
    sound = shape.is_header_address(first) & shape.is_header_address(last) & \
        at_most(wide(first) + wide(smallest), wide(last))
    # That the region does not wrap, the callers have asked. It may end where the addresses do.
    yield Claim(implies(equal(fits, 1), inside & sound),
                at_most(end, constant(1 << shape.bits, WIDE)),
                equal(bounds & (shape.bits // 8 - 1), 0), less(bounds, bounds + 16))


# ---- alignment -----------------------------------------------------------------------------

def is_power_of_two(align):
    return differ(align, 0) & equal(align & (align - 1), 0)


@obligation(bug("align_is_valid", "1 one more"))
def alignment_is_valid_iff_a_power_of_two_or_0(shape):
    align = shape.word("align")
    powers = equal(align, 0)
    for place in range(shape.bits):
        powers = powers | equal(align, 1 << place)
    yield Claim(equal(equal(shape.call("align_is_valid", align), 1), powers))


def alignment_that_is_searched(shape):
    """align, bytes and plan, with what tlsf_memalign has asked before it searches."""
    t, align, request = shape.word("t"), shape.word("align"), shape.word("bytes")
    plan = shape.outer_size("plan")
    request_max = shape.load_word(shape.execution(),
                                  t + shape.offset_of("control", "request_max"))
    return align, request, plan, [
        is_power_of_two(align), less(constant(shape.granule, shape.bits), align),
        equal(request_max, shape.call("size_inner_bytes", plan)), shape.is_plan(plan),
        equal(shape.call("align_fits_plan", t, align, request), 1)]


@obligation(bug("align_gap_max", "size_bytes made its argument 1"),
            bug("align_gap", "made 1"),
            bug("align_gap", "left of - dropped"))
def gap_aligns_the_payload(shape):
    """It is nothing or room for a block, no larger than align_gap_max, and what is behind it is
    aligned."""
    align, _, _, asked = alignment_that_is_searched(shape)
    b = shape.word("b")
    gap = shape.call("align_gap", b, align)
    payload = shape.call("block_payload", shape.call("block_at", b, gap))
    gap_max = shape.call("align_gap_max", align)
    yield Claim(equal(payload & (align - 1), 0), shape.is_header_address(b), *asked,
                name="aligned")
    yield Claim((equal(gap, 0) | shape.is_block_size(gap)) &
                at_most(wide(shape.call("size_bytes", gap)), wide(gap_max)),
                shape.is_header_address(b), *asked, name="bounds")


@obligation(bug("align_gap_max", "+ made -"))
def largest_gap_does_not_wrap(shape):
    align = shape.word("align")
    execution = shape.execution()
    execution.call("align_gap_max", align)
    yield Claim(execution.holds("wrap", ["align_gap_max"]), is_power_of_two(align),
                less(constant(shape.granule, shape.bits), align))


@obligation(bug("align_gap_max", "right of + dropped"),
            bug("align_fits_plan", "right of - dropped"),
            bug("align_room", "align_gap_max made its argument 1"),
            bug("size_of_bytes", "/ made *"),
            slow=True)
def aligned_search_stays_within_the_plan_and_suffices(shape):
    """What tlsf_memalign searches for: no more than the plan, and enough for gap and block."""
    align, request, plan, asked = alignment_that_is_searched(shape)
    b = shape.word("b")
    n = shape.call("size_for_request", request)
    searched = shape.call("align_room", align, n)
    gap = shape.call("align_gap", b, align)
    yield Claim(at_most(searched, plan) & shape.is_size(searched), *asked, name="within")
    yield Claim(at_most(wide(gap) + wide(n), wide(searched)), shape.is_header_address(b), *asked,
                name="suffices")
