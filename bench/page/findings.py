# SPDX-License-Identifier: BSD-3-Clause
"""What the records say: bounds, maxima, and fmemp beside other allocators. Each figure of the page
and of the verdict is one of these."""

from words import geometric_mean

FIRST_TARGETS = ["cortex-m4", "aarch64", "x86-64"]  # the page is about the first that is known
DEFAULT_LEVEL = 1
CALLS = ["malloc", "free", "memalign", "realloc"]
REQUESTS = CALLS + ["realloc_aligned", "add_pool", "remove_pool", "stats", "largest", "block_size"]
OURS = "fmemp"
C_LIBRARIES = ["newlib", "newlib-nano", "picolibc"]
DESKTOP = ["fmemp compact", "fmemp wide", "glibc", "jemalloc", "mimalloc", "tcmalloc"]
OUR_DEFAULT = "fmemp compact"  # among allocators of the desktop
CACHES = ["warm", "cold"]
PERCENTILES = ["50", "90", "99", "99.9", "99.99", "99.999", "max"]


def plain(function):
    """A function's name without the library's prefix. "realloc" is that in place."""
    if function in ("tlsf_realloc", "tlsf_realloc_aligned"):
        return function.removeprefix("tlsf_") + " with a copy"
    return function.removeprefix("tlsf_").removesuffix(" in place")


# ---- bounds and executed maxima ----------------------------------------------------------


def is_usual(record):
    """Whether a bound is that of the usual build: gcc -O2, compact layout."""
    return ("clang" not in record["compiler"] and record["layout"] == "compact"
            and record["optimisation"].lstrip("-") == "O2")


def usual_bounds(results, hardening=DEFAULT_LEVEL):
    """{(target, function): instructions} of the usual build at a level of hardening."""
    return {(record["target"], plain(record["function"])): record["instructions"]
            for record in results.bound if is_usual(record) and record["hardening"] == hardening}


def bounds_of_first(results):
    """The target that the page is about, and {call: its bound}. None and nothing: not known."""
    bounds = usual_bounds(results)
    for target in FIRST_TARGETS:
        own = {call: bounds[target, call] for call in CALLS if (target, call) in bounds}
        if len(own) == len(CALLS):
            return target, own
    return None, {}


def executed(results):
    """The executed maxima of the usual build that have a bound."""
    return [{**record, "function": plain(record["function"])} for record in results.executed
            if record["layout"] == "compact" and record["bound"] is not None
            and record["hardening"] == DEFAULT_LEVEL]


def broken_bounds(results):
    """(target, function, instructions, bound) of each call that exceeded its bound."""
    bounds = usual_bounds(results)
    broken = [(record["target"], record["function"], record["max_instructions"], record["bound"])
              for record in results.executed
              if record["bound"] is not None and record["max_instructions"] > record["bound"]]
    for call in ("malloc", "free"):
        bound = bounds.get(("cortex-m4", call))
        broken += [("cortex-m4", f"{call} of {record['load']}", record[f"{call}_most"], bound)
                   for record in results.firmware
                   if bound and record["allocator"] == OURS and record[f"{call}_most"] > bound]
    return broken


def is_confirmed(results):
    """Whether the parts of the run that check bounds ended well, and no bound was exceeded."""
    return not broken_bounds(results) and not any(
        part["name"] in ("static bound", "executed maxima") for part in results.failed())


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
    """{(target, function): executed maximum / bound} of the four calls."""
    shares = {}
    for record in records:
        which = (record["target"], record["function"])
        if record["function"] in CALLS:
            shares[which] = max(shares.get(which, 0), record["max_instructions"] / record["bound"])
    return shares


def only_read(results):
    """Targets with bounds from object code, but without executed maxima."""
    executed_on = {record["target"] for record in results.executed}
    return sorted({record["target"] for record in results.bound} - executed_on)


# ---- beside the C libraries -----------------------------------------------------------------


def by_holes(results, call="malloc"):
    """{allocator: {holes: instructions}}"""
    found = {}
    for record in results.holes:
        found.setdefault(record["allocator"], {})[record["holes"]] = record[call]
    return found


def behind_most_holes(results):
    """The largest number of holes, and {allocator: instructions of malloc} behind them."""
    found = by_holes(results)
    most = max((max(figures) for figures in found.values()), default=0)
    return most, {allocator: figures[most] for allocator, figures in found.items()
                  if most in figures}


def firmware(results):
    """{allocator: figures} of the loads of firmware together:
    memory  heap and variables / peak of live bytes, geometric mean of the loads
    most    the longest malloc or free of all
    mean    instructions of a call, mean of the loads"""
    found = {}
    for allocator in [OURS, *C_LIBRARIES]:
        records = [record for record in results.firmware if record["allocator"] == allocator]
        if records:
            found[allocator] = {
                "memory": geometric_mean([(record["smallest_heap_bytes"] + record["static_bytes"])
                                          / record["peak_bytes"] for record in records]),
                "most": max(max(record["malloc_most"], record["free_most"]) for record in records),
                "mean": sum((record["malloc_mean"] + record["free_mean"]) / 2
                            for record in records) / len(records)}
    return found


def loads_of_firmware(results):
    return sorted({record["load"] for record in results.firmware})


# ---- beside allocators of the desktop -------------------------------------------------------


def throughput_means(results, kind="recorded load"):
    """{allocator: geometric mean of its ratios to glibc} over the loads of a kind, and their
    number; for allocators that served them all."""
    ratios = {}
    for record in results.throughput:
        if record["kind"] == kind:
            ratios.setdefault(record["allocator"], []).append(record["ratio_to_glibc"])
    most = max(map(len, ratios.values()), default=0)
    return {name: geometric_mean(values) for name, values in ratios.items()
            if len(values) == most}, most


def is_known(record, percentile):
    """Whether there are enough calls for this percentile to differ from the maximum."""
    return (record["percentiles"].get(percentile) is not None and
            (percentile == "max" or record["calls"] * (100 - float(percentile)) >= 99.9))


def warm_latency(results, call):
    """The records of a call with warm caches, without fmemp's other layout."""
    return [record for record in results.latency
            if record["function"] == call and record["cache"] == "warm"
            and record["allocator"] in DESKTOP and record["allocator"] != "fmemp wide"]


def highest_percentile(results):
    """The highest percentile that is known of each malloc and free, but for the maximum, which
    disturbances of the machine make. None: not measured."""
    records = warm_latency(results, "malloc") + warm_latency(results, "free")
    known = [name for name in PERCENTILES[:-1] if all(is_known(record, name) for record in records)]
    return known[-1] if records and known else None
