# SPDX-License-Identifier: BSD-3-Clause
"""The numbers behind the plots, as (heading, rows) with a text in each cell."""

from findings import (CACHES, CALLS, C_LIBRARIES, DESKTOP, OURS, PERCENTILES, REQUESTS, is_known,
                      is_usual, plain)
from words import TARGETS, binary_bytes, count, in_order, target_name


def bounds(results, level):
    """Longest paths of the usual build, and its stack, a row a target."""
    found = {}
    for record in results.bound:
        if is_usual(record) and record["hardening"] == level:
            found.setdefault(record["target"], {})[plain(record["function"])] = record
    return ["processor"] + CALLS, [
        [target_name(target)] + [f"{own[call]['instructions']} / {own[call]['stack_bytes']}"
                                 if call in own else "–" for call in CALLS]
        for target in in_order(found, TARGETS) for own in [found[target]]]


def every_bound(results):
    """For each level of hardening: longest paths of every build, a row a build."""
    known = {plain(record["function"]) for record in results.bound}
    functions = [name for name in REQUESTS if name in known]
    tables = []
    for level in sorted({record["hardening"] for record in results.bound}):
        builds = {}
        for record in results.bound:
            if record["hardening"] == level:
                build = (record["target"], record["compiler"], record["optimisation"],
                         record["layout"])
                builds.setdefault(build, {})[plain(record["function"])] = record
        order = in_order((build[0] for build in builds), TARGETS)
        rows = [[target_name(build[0]), *build[1:]] +
                [str(found[name]["instructions"]) if name in found else "–" for name in functions]
                for build, found in sorted(builds.items(),
                                           key=lambda item: (order.index(item[0][0]),
                                                             "clang" in item[0][1], item[0]))]
        tables.append((level, ["target", "compiler", "optimisation", "layout"] + functions, rows))
    return tables


def executed(records):
    """Every drawn executed maximum."""
    order = in_order((record["target"] for record in records), TARGETS)
    names = in_order((record["function"] for record in records), CALLS)
    rows = sorted(records, key=lambda record: (
        order.index(record["target"]), names.index(record["function"]), record["driver"],
        record["live_blocks"], record["pool_bytes"]))
    heading = ["target", "function", "driver", "live blocks", "pool", "calls", "maximum", "bound",
               "cache lines"]
    return heading, [[target_name(record["target"]), record["function"],
                      " ".join(filter(None, (record["driver"], record.get("load")))),
                      count(record["live_blocks"]), binary_bytes(record["pool_bytes"]),
                      count(record["calls"]), str(record["max_instructions"]), str(record["bound"]),
                      str(record.get("max_cache_lines") or "–")] for record in rows]


def cost(kept):
    """kept: as bench/worst_case/cost.json describes it."""
    def both(text, part):
        return [text, *(part(optimisation) for optimisation in kept["flash"])]
    def flash(program):
        return lambda optimisation: f"{kept['flash'][optimisation][program]:,}"
    def longest(name):
        return lambda optimisation: (f"{kept['bounds'][optimisation][name]['instructions']} / "
                                     f"{kept['bounds'][optimisation][name]['stack_bytes']}")
    def ram(region):
        return lambda _: str(kept["kept"]["FMempInit"][str(region << 10)])
    return ["", *kept["flash"]], [
        both("flash bytes: malloc and free", flash("core, malloc and free")),
        both("… with calloc, memalign and realloc", flash("core, five requests")),
        both("… FMemp, with lock and reports", flash("FMemp without printing")),
        both("malloc: instructions / stack", longest("malloc")),
        both("free: instructions / stack", longest("free")),
        both("FMemp's lock: instructions", lambda optimisation:
             str(kept["locked"][optimisation]["instructions"])),
        both("RAM bytes kept of 4 KiB", ram(4)), both("… of 32 KiB", ram(32)),
        both("… of 256 KiB", ram(256)),
        both("… of each block", lambda _: str(kept["block"]["overhead"]))]


def holes(found):
    """found: {allocator: {holes: instructions}}"""
    numbers = sorted({number for figures in found.values() for number in figures})
    return ["holes", *map(count, numbers)], [
        [name, *(count(found[name][number]) if number in found[name] else "–"
                 for number in numbers)] for name in (OURS, *C_LIBRARIES) if name in found]


def firmware(records):
    order = [OURS, *C_LIBRARIES]
    rows = sorted(records, key=lambda record: (record["load"], order.index(record["allocator"])))
    heading = ["library", "allocator", "peak bytes", "smallest heap", "static", "malloc: calls",
               "mean", "longest", "free: mean", "longest"]
    return heading, [[record["load"], record["allocator"], count(record["peak_bytes"]),
                      count(record["smallest_heap_bytes"]), count(record["static_bytes"]),
                      count(record["malloc_calls"]), f"{record['malloc_mean']:,.1f}",
                      count(record["malloc_most"]), f"{record['free_mean']:,.1f}",
                      count(record["free_most"])] for record in rows]


def latency(records):
    """Percentiles of each allocator."""
    functions = in_order((record["function"] for record in records), CALLS)
    rows = sorted(records, key=lambda record: (
        CACHES.index(record["cache"]), functions.index(record["function"]),
        in_order([record["allocator"] for record in records], DESKTOP).index(record["allocator"])))
    heading = ["caches", "function", "allocator", "mean"] + \
        [name if name == "max" else f"{name} %" for name in PERCENTILES] + ["calls", "disturbed"]
    return heading, [[record["cache"], record["function"], record["allocator"],
                      f"{record['mean']:,.1f}"] +
                     [count(record["percentiles"][name]) if is_known(record, name) else "–"
                      for name in PERCENTILES] +
                     [count(record["calls"]), count(record["disturbed"])] for record in rows]


def load_name(record):
    return record.get("load") or record.get("mix")


def throughput(records):
    """Time beside the C library's, a row a load and a column an allocator."""
    ratios = {}
    for record in records:
        ratios.setdefault((record["kind"], load_name(record)), {})[record["allocator"]] = record
    names = in_order((record["allocator"] for record in records), DESKTOP)
    return ["load", "kind", "glibc ns"] + names, [
        [load, kind, f"{own['glibc']['ns_per_operation']:.1f}" if "glibc" in own else "–"] +
        [f"{own[name]['ratio_to_glibc']:.3f}" if name in own else "–" for name in names]
        for (kind, load), own in sorted(ratios.items())]


def memory(records):
    """The smallest pool of each load, programs before libraries of firmware."""
    heading = ["load", "group", "calls", "peak bytes", "smallest pool", "pool / peak",
               "blocks / peak"]
    return heading, [[record["load"], record["group"], count(record["operations"]),
                      count(record["peak_bytes"]), count(record["smallest_pool_bytes"]),
                      f"{record['ratio']:.3f}", f"{record['blocks_alone_ratio']:.3f}"]
                     for record in sorted(records, key=lambda record: (
                         record["group"] == "firmware", record["load"]))]
