# SPDX-License-Identifier: BSD-3-Clause
"""What tools/heap size and replay found: as values for scripts, and as text."""

from dataclasses import asdict

from .sizing import VARIATIONS
from .worst_case import OPTIMISATION, REQUESTS, command

FORMAT, VERSION = "fmemp sizes", 1


# ---- values -------------------------------------------------------------------------------------


def row_values(row):
    values = {"options": asdict(row.options), "flags": row.options.flags(),
              "smallest_pool": row.smallest_pool, "bound": row.bound,
              "bounded_heap": row.bounded_heap, "nanoseconds_per_call": round(row.nanoseconds, 1),
              "worst_case": row.worst_case, "counted": row.counted,
              "loads": row.loads}
    return values | ({"margin": row.margin, "pool": row.pool} if row.margin else {})


def values(sources, sizings, wanted, choice):
    return {"format": FORMAT, "version": VERSION, "seed": wanted.seed,
            "loads": [{"path": str(source.path), "kind": source.kind, "notes": source.notes}
                      for source in sources],
            "targets": [{"target": sizing.target, "bits": sizing.bits,
                         "sets": [row_values(row) for row in sizing.rows]} for sizing in sizings],
            "recommendation": {"target": wanted.target, **row_values(choice)}}


# ---- text ---------------------------------------------------------------------------------------


def load_lines(sources, row):
    for source, load in zip(sources, row.loads):
        yield (f"{source.path}: {source.kind}, {load['calls']:,} calls; at most "
               f"{load['peak_bytes']:,} bytes live, {load['peak_blocks']:,} blocks; largest "
               f"request {load['largest_request']:,}")
        for note in source.notes:
            yield f"  {note}"


def described(options):
    """The options in words, without the values that are defaults."""
    words = {"layout": f"{options.layout} layout", "granule": f"granule {options.granule}",
             "sl_bits": f"{options.sl_bits} second-level bits", "pending": "preset bound",
             "round_to_class": "rounded to class", "hardening": f"hardening {options.hardening}",
             "tags": "tags"}
    default = type(options)()
    return ", ".join(text for name, text in words.items()
                     if getattr(options, name) != getattr(default, name)) or "defaults"


def bytes_text(number):
    return "-" if number is None else f"{number:,}"


IN_TABLE = ("malloc", "free", "realloc")
TABLE = "  {:<44} {:>11} {:>11} {:>14} {:>7} {:>6} {:>5} {:>7}"


def table_lines(sizing):
    yield (f"{sizing.bits}-bit targets; instructions of {sizing.target}, gcc {OPTIMISATION}, "
           f"hardening {sizing.wanted.base.hardening}")
    yield TABLE.format("options", "pool", "with margin", "never refuses", "ns/call",
                       *IN_TABLE)
    for row in sizing.rows:
        worst = row.worst_case or {}
        yield TABLE.format(described(row.options), bytes_text(row.smallest_pool),
                           bytes_text(row.pool if row.margin else None), bytes_text(row.bound),
                           f"{row.nanoseconds:.0f}",
                           *(worst.get(name, "-") for name in IN_TABLE))


EXPLAINED = """\
  pool           the smallest region for FMempInit that serves the loads, to a granule
  with margin    and what the loads did not show, as below; -: not a choice, as you decided
                 otherwise (--granule, --hardening, --tags)
  never refuses  the region in which no program of these bytes, blocks and sizes is refused, in
                 whatever order it asks (docs/memory-bound.md); -: larger than the machine
  ns/call        the mean of the replays on this machine
  malloc ...     longest path in instructions, with a budget that is held. -: none is held for such
                 options, or the path is linear in the block"""


def choice_lines(sources, wanted, choice):
    flags = " ".join(choice.options.flags()) or "no flags: the defaults"
    margin = choice.margin
    yield f"Recommended for {wanted.target}: {flags}"
    yield f"  {choice.pool:>12,} bytes of pool"
    yield f"  {choice.smallest_pool:>12,} serve the loads as they are"
    yield (f"  {margin['order']:>12,} order: what {VARIATIONS} variations need more; another one "
           f"needs still more in 1 of {VARIATIONS + 1} cases")
    yield (f"  {margin['growth']:>12,} growth: what the second half of the loads needed more than "
           "the first")
    if margin["alignment"]:
        yield f"  {margin['alignment']:>12,} alignment: the region may begin anywhere"
    if margin["growth"] * 4 > choice.smallest_pool:
        yield "  The loads still grew in their second half: record for longer to know where it ends"
    if choice.bound:
        yield f"  {choice.bound:>12,} never refuse such a program, in whatever order it asks"
    if choice.bounded_heap and not (choice.bound and choice.bound < choice.bounded_heap):
        yield f"  {choice.bounded_heap:>12,} do so with the bounded heap (tlsf_bounded.h)"
    if choice.worst_case:
        worst = choice.worst_case
        yield ("  each call ends within "
               + ", ".join(f"{worst[name]} ({name})" for name in REQUESTS) + " instructions")
    elif choice.options.hardening < 3:
        yield f"  longest paths: {command(wanted.target, choice.options)}"
    for source, counted in zip(sources, choice.counted):
        yield (f"  {source.path}: malloc takes {counted['malloc_mean']} instructions on average, "
               f"at most {counted['malloc_most']}; free {counted['free_mean']}, at most "
               f"{counted['free_most']}")


def size_lines(sources, sizings, wanted, choice):
    yield from load_lines(sources, sizings[0].rows[0])
    yield f"seed {wanted.seed}"
    for sizing in sizings:
        yield ""
        yield from table_lines(sizing)
    yield EXPLAINED
    yield ""
    yield from choice_lines(sources, wanted, choice)


def replay_lines(answer):
    yield (f"{answer['path']}: {answer['calls']:,} calls; at most {answer['peak_bytes']:,} bytes "
           f"live, {answer['peak_blocks']:,} blocks; with headers and rounding "
           f"{answer['blocks_bytes']:,} bytes")
    yield f"smallest pool: {answer['smallest_pool']:,} bytes ({answer['bits']}-bit)"
    if answer["served"]:
        yield f"in {answer['pool']:,} bytes: all calls served"
    else:
        yield (f"in {answer['pool']:,} bytes: call {answer['served_calls'] + 1:,} of "
               f"{answer['calls']:,} failed")
    yield ("contents and heap: " + ("sound" if answer["sound"] else "DAMAGED")
           + f"; free at the end {answer['free_bytes']:,} bytes, largest {answer['largest']:,}")
