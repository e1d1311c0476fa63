# SPDX-License-Identifier: BSD-3-Clause
"""The figures that documents quote of bench/run, from the results.json that it writes."""

import math

ALLOCATORS = ("fmemp compact", "fmemp wide", "glibc", "jemalloc", "mimalloc", "tcmalloc")
PERCENTILES = ("50", "90", "99", "99.9", "99.99", "99.999", "max")
OURS = "fmemp"
ON_TARGET = (OURS, "newlib", "newlib-nano", "picolibc")
KIB = 1024


def mean(ratios):
    """Geometric."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def programs_of(records):
    """The loads of programs. Those of firmware's libraries are a group of their own, which
    tests/run middleware has figures of."""
    return [record for record in records if record["group"] == "programs"]


def memory_table(records):
    rows = [[record["load"], record["operations"], f"{record['peak_bytes'] / KIB:,.1f}",
             f"{record['smallest_pool_bytes'] / KIB:,.1f}", f"{record['ratio']:.3f}",
             f"{record['blocks_alone_ratio']:.3f}", f"{record['largest_at_end_bytes'] / KIB:,.1f}"]
            for record in records]
    rows.append(["geometric mean", "", "", "", f"{mean(column(records, 'ratio')):.3f}",
                 f"{mean(column(records, 'blocks_alone_ratio')):.3f}", ""])
    return {"columns": ["load", "calls", "peak live KiB", "smallest pool KiB", "pool / peak",
                        "blocks / peak", "largest free at end KiB"], "rows": rows}


def column(records, name):
    return [record[name] for record in records]


def ratios_of(records, kind):
    """{load or mix: {allocator: time as a ratio to the C library's}}"""
    ratios = {}
    for record in records:
        if record["kind"] == kind:
            name = record.get("load") or record.get("mix")
            ratios.setdefault(name, {})[record["allocator"]] = record["ratio_to_glibc"]
    return ratios


def throughput_table(records):
    ratios = ratios_of(records, "recorded load")
    rows = [[load] + [f"{found[name]:.3f}" for name in ALLOCATORS]
            for load, found in ratios.items()]
    for title, combine in (("geometric mean", mean), ("maximum", max)):
        rows.append([title] + [f"{combine(column(ratios.values(), name)):.3f}"
                               for name in ALLOCATORS])
    return {"columns": ["load", *ALLOCATORS], "rows": rows}


def latency_table(records):
    rows = [[record["allocator"], record["function"], record["calls"], record["disturbed"],
             f"{record['mean']:.1f}"] + [record["percentiles"].get(name, "-")
                                         for name in PERCENTILES]
            for record in records
            if record["cache"] == "warm" and record["function"] in ("malloc", "free")]
    return {"columns": ["allocator", "call", "calls", "disturbed", "mean",
                        *(name if name == "max" else f"{name} %" for name in PERCENTILES)],
            "rows": rows, "left": 2}


def of_allocators(records):
    """{library: {allocator: record}} of the loads of firmware on a Cortex-M4."""
    found = {}
    for record in records:
        found.setdefault(record["load"], {})[record["allocator"]] = record
    return found


def needed_bytes(record):
    return record["smallest_heap_bytes"] + record["static_bytes"]


def firmware_memory_table(records):
    """KiB of the smallest heap, with the variables of the allocator."""
    found = of_allocators(records)
    rows = [[load, f"{own[OURS]['peak_bytes'] / KIB:,.1f}"] +
            [f"{needed_bytes(own[name]) / KIB:,.1f}" for name in ON_TARGET]
            for load, own in found.items()]
    rows.append(["geometric mean / peak", ""] + [
        f"{mean([needed_bytes(own[name]) / own[name]['peak_bytes'] for own in found.values()]):.3f}"
        for name in ON_TARGET])
    return {"columns": ["library", "peak KiB", *ON_TARGET], "rows": rows}


def firmware_calls_table(records):
    """Instructions of malloc and free, mean / most."""
    found = of_allocators(records)
    return {"columns": ["library", "call", *ON_TARGET], "left": 2, "rows": [
        [load, call] + [f"{own[name][call + '_mean']:,.0f} / {own[name][call + '_most']:,}"
                        for name in ON_TARGET]
        for load, own in found.items() for call in ("malloc", "free")]}


def shares_text(records, function, level):
    """What part of its bound a function executes at most, over targets and layouts."""
    most = {}
    for record in records:
        if record["function"] == function and level in (None, record["hardening"]) and \
                record["bound"]:
            build = (record["target"], record["layout"], record["hardening"])
            most[build] = max(most.get(build, 0), record["max_instructions"] / record["bound"])
    least, highest = f"{100 * min(most.values()):.0f}", f"{100 * max(most.values()):.0f}"
    return f"{least} %" if least == highest else f"{least} to {highest} %"


def cache_lines(records, is_wanted=lambda record: True):
    return max(record.get("max_cache_lines") or 0 for record in records if is_wanted(record))


def is_default(record):
    return record["layout"] == "compact" and record["hardening"] == 1


def figures_of(records):
    ratios = ratios_of(records["throughput"], "recorded load")
    mixes = ratios_of(records["throughput"], "steady mix")
    ours = [found["fmemp compact"] for found in ratios.values()]
    executed = records["executed"]
    programs = programs_of(records["memory"])
    return {
        "loads": len(ratios),
        "pool-ratio": f"{mean(column(programs, 'ratio')):.3f}",
        "blocks-ratio": f"{mean(column(programs, 'blocks_alone_ratio')):.3f}",
        "time-mean": f"{mean(ours):.2f}", "time-least": f"{min(ours):.2f}",
        "time-most": f"{max(ours):.1f}",
        "queue-mix": f"{mixes['queue']['fmemp compact']:.1f}",
        "uniform-mix": f"{mixes['uniform']['fmemp compact']:.1f}",
        "cache-lines": cache_lines(executed, is_default), "cache-lines-most": cache_lines(executed),
        "realloc-share": shares_text(executed, "realloc", 1),
        "largest-share": shares_text(executed, "largest", 2),
        "realloc-failed-share": shares_text(executed, "realloc_failed", None)}


def tables_of(records):
    return {"memory": memory_table(programs_of(records["memory"])),
            "firmware-memory": firmware_memory_table(records["firmware"]),
            "firmware-calls": firmware_calls_table(records["firmware"]),
            "throughput": throughput_table(records["throughput"]),
            "latency": latency_table(records["latency"])}
