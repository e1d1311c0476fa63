# SPDX-License-Identifier: BSD-3-Clause
"""Statements and figures of the page. Each follows from records."""

from plot_calls import FUNCTIONS
from plot_latency import is_known
from words import geometric_mean

FIRST_TARGETS = ["aarch64", "x86-64"]  # the headline gives the bounds of the first that is known
DEFAULT_LEVEL = 1


FOUR = "malloc + free + memalign + realloc"  # the name of the code of all four
REQUESTS = FUNCTIONS + ["realloc_aligned", "add_pool", "remove_pool", "stats", "largest",
                        "block_size"]


def plain(function):
    """A function's name without the library's prefix. "realloc" is that in place."""
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
    """The executed maxima to be drawn, and their level: those of the compact layout, at the default
    level if it was executed."""
    records = [{**record, "function": plain(record["function"])} for record in results.executed
               if record["layout"] == "compact" and record["bound"] is not None]
    levels = sorted({record["hardening"] for record in records})
    level = DEFAULT_LEVEL if DEFAULT_LEVEL in levels else (levels or [None])[0]
    return [record for record in records if record["hardening"] == level], level


def broken_bounds(results):
    """Records of calls that exceeded their bound."""
    return [record for record in results.executed
            if record["bound"] is not None and record["max_instructions"] > record["bound"]]


def is_flat(records):
    """Whether the crafted maximum of each function is the same for every number of live blocks and
    every size of the pool."""
    largest = {}
    for record in records:
        if record["driver"] == "crafted":
            for key in ("live_blocks", "pool_bytes"):
                at = largest.setdefault((record["target"], record["function"], key), {})
                at[record[key]] = max(at.get(record[key], 0), record["max_instructions"])
    return bool(largest) and all(len(set(at.values())) == 1 for at in largest.values())


def reached(records):
    """{(target, function): executed maximum / bound} of the drawn functions."""
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
    """Targets with bounds from object code, but without executed maxima."""
    executed_on = {record["target"] for record in results.executed}
    return sorted({record["target"] for record in results.bound} - executed_on)


def slowest_malloc(results):
    """(percentile, cycles, calls) of the highest known percentile of fmemp's malloc with warm
    caches. None: not measured."""
    for record in results.latency:
        if (default_build([record["allocator"]]) and record["cache"] == "warm"
                and plain(record["function"]) == "malloc"):
            known = [name for name in ("99.999", "99.99", "99.9", "99") if is_known(record, name)]
            if known:
                return known[0], record["percentiles"][known[0]], record["calls"]
    return None


def unconfirmed(results):
    """Whether a part of the run that checks bounds has failed."""
    return any(part["name"] in ("static bound", "executed maxima") for part in results.failed())
