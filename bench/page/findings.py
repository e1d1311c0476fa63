# SPDX-License-Identifier: BSD-3-Clause
"""What the results say in a sentence or a figure. Nothing here is drawn, and nothing is said that
no record says."""

from plot_calls import FUNCTIONS
from plot_latency import is_known
from words import geometric_mean

FIRST_TARGETS = ["aarch64", "x86-64"]  # whose bounds the headline names, if they are known
DEFAULT_LEVEL = 1


FOUR = "malloc + free + memalign + realloc"  # what the code of these together is called
REQUESTS = FUNCTIONS + ["realloc_aligned", "add_pool", "remove_pool", "stats", "largest",
                        "block_size"]


def plain(function):
    """A function's name without the library's prefix; realloc is the one that stays in place."""
    if function in ("tlsf_realloc", "tlsf_realloc_aligned"):
        return function.removeprefix("tlsf_") + " with a copy"
    return function.removeprefix("tlsf_").removesuffix(" in place")


def is_usual(record):
    """Whether a bound is that of the usual build: gcc -O2, compact layout."""
    return ("clang" not in record["compiler"] and record["layout"] == "compact"
            and record["optimisation"].lstrip("-") == "O2")


def usual_bounds(results, hardening=DEFAULT_LEVEL):
    """{(target, function): record} of the usual build at a level of hardening."""
    return {(record["target"], plain(record["function"])): record for record in results.bound
            if is_usual(record) and record["hardening"] == hardening}


def executed(results):
    """The executed maxima that are drawn: the compact layout's, at the default level where that was
    executed; and that level."""
    records = [{**record, "function": plain(record["function"])} for record in results.executed
               if record["layout"] == "compact" and record["bound"] is not None]
    levels = sorted({record["hardening"] for record in records})
    level = DEFAULT_LEVEL if DEFAULT_LEVEL in levels else (levels or [None])[0]
    return [record for record in records if record["hardening"] == level], level


def broken_bounds(results):
    """Records of calls that took more instructions than the bound says."""
    return [record for record in results.executed
            if record["bound"] is not None and record["max_instructions"] > record["bound"]]


def is_flat(records):
    """Whether crafted worst cases took the same maximum for every number of live blocks and every
    size of the pool that was tried, function by function."""
    largest = {}
    for record in records:
        if record["driver"] == "crafted":
            for key in ("live_blocks", "pool_bytes"):
                at = largest.setdefault((record["target"], record["function"], key), {})
                at[record[key]] = max(at.get(record[key], 0), record["max_instructions"])
    return bool(largest) and all(len(set(at.values())) == 1 for at in largest.values())


def reached(records):
    """{(target, function): executed maximum / bound} of the functions that are drawn."""
    shares = {}
    for record in records:
        which = (record["target"], record["function"])
        if record["function"] not in FUNCTIONS:
            continue
        shares[which] = max(shares.get(which, 0), record["max_instructions"] / record["bound"])
    return shares


def throughput_means(results, kind="recorded load"):
    """{allocator: geometric mean of its ratios to glibc} over the loads of a kind, and their
    number; for allocators that served them all."""
    ratios = {}
    for record in results.throughput:
        if record["kind"] == kind and record["allocator"] != "glibc":
            ratios.setdefault(record["allocator"], []).append(record["ratio_to_glibc"])
    most = max(map(len, ratios.values()), default=0)
    return {name: geometric_mean(values) for name, values in ratios.items()
            if len(values) == most}, most


def default_build(names):
    """fmemp's usual build among allocators."""
    return next((name for name in ("fmemp compact", "fmemp") if name in names), None)


def small_code(results):
    """Bytes of code of malloc, free, memalign and realloc at -Os on a Cortex-M4 without hardening;
    None when they are not known."""
    return next((record["code_bytes"] for record in results.bound
                 if record["function"] == FOUR and record["target"] == "cortex-m4"
                 and "clang" not in record["compiler"] and record["layout"] == "compact"
                 and record["optimisation"].lstrip("-") == "Os" and record["hardening"] == 0), None)


def only_read(results):
    """Targets whose object code was read, and which executed nothing."""
    executed_on = {record["target"] for record in results.executed}
    return sorted({record["target"] for record in results.bound} - executed_on)


def slowest_malloc(results):
    """(percentile, cycles, calls) of fmemp's malloc with warm caches, of the highest percentile
    that is known; None when it was not measured."""
    for record in results.latency:
        if (default_build([record["allocator"]]) and record["cache"] == "warm"
                and plain(record["function"]) == "malloc"):
            known = [name for name in ("99.999", "99.99", "99.9", "99") if is_known(record, name)]
            if known:
                return known[0], record["percentiles"][known[0]], record["calls"]
    return None


def unconfirmed(results):
    """Whether a part of the run that shows the bounds has failed."""
    return any(part["name"] in ("static bound", "executed maxima") for part in results.failed())
