# SPDX-License-Identifier: BSD-3-Clause
"""The numbers behind the plots, as (heading, rows) with a text in each cell."""

import plot_calls
import plot_latency
import plot_loads
from findings import REQUESTS, is_usual, plain
from words import TARGETS, binary_bytes, count, in_order, target_name


def bounds_by_level(results):
    """For each level of hardening: longest paths of the usual build, a row a target."""
    usual = [record for record in results.bound if is_usual(record)]
    functions = [name for name in plot_calls.FUNCTIONS
                 if name in {plain(record["function"]) for record in usual}]
    tables = []
    for level in sorted({record["hardening"] for record in usual}):
        found = {(record["target"], plain(record["function"])): record["instructions"]
                 for record in usual if record["hardening"] == level}
        rows = [[target_name(target)] + [str(found.get((target, name), "–")) for name in functions]
                for target in in_order((target for target, _ in found), TARGETS)]
        tables.append((level, ["target"] + functions, rows))
    return tables


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


def bound_details(results, level):
    """All figures of the longest paths of the usual build at one level."""
    usual = [record for record in results.bound
             if is_usual(record) and record["hardening"] == level
             and plain(record["function"]) in REQUESTS]
    order = in_order((record["target"] for record in usual), TARGETS)
    names = REQUESTS
    usual.sort(key=lambda record: (order.index(record["target"]),
                                   names.index(plain(record["function"]))))
    heading = ["target", "function", "instructions", "loads", "stores", "stack bytes", "code bytes"]
    return heading, [[target_name(record["target"]), plain(record["function"])] +
                     [count(record[name]) for name in ("instructions", "loads", "stores",
                                                       "stack_bytes", "code_bytes")]
                     for record in usual]


def executed(records):
    """Every drawn executed maximum."""
    order = in_order((record["target"] for record in records), TARGETS)
    names = in_order((record["function"] for record in records), plot_calls.FUNCTIONS)
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


def latency(records):
    """Percentiles of each histogram."""
    wanted = ["50", "90", "99", "99.9", "99.99", "99.999", "max"]
    functions = in_order((record["function"] for record in records), plot_latency.FUNCTIONS)
    caches = in_order((record["cache"] for record in records), plot_latency.CACHES)
    rows = sorted(records, key=lambda record: (caches.index(record["cache"]),
                                               functions.index(record["function"]),
                                               not plot_latency.is_fmemp(record["allocator"]),
                                               record["allocator"]))
    heading = ["caches", "function", "allocator"] + \
        [name if name == "max" else f"{name} %" for name in wanted] + ["calls", "disturbed"]
    return heading, [[record["cache"], record["function"], record["allocator"]] +
                     [count(record["percentiles"][name])
                      if plot_latency.is_known(record, name) else "–" for name in wanted] +
                     [count(record["calls"]), count(record["disturbed"])] for record in rows]


def throughput(records):
    rows = sorted(records, key=lambda record: (
        record["kind"], plot_loads.load_name(record),
        in_order([r["allocator"] for r in records], plot_loads.ALLOCATORS)
        .index(record["allocator"])))
    heading = ["kind", "load", "allocator", "operations", "ns an operation", "ratio to glibc",
               "with the caller's time", "runs"]
    return heading, [[record["kind"], plot_loads.load_name(record), record["allocator"],
                      count(record["operations"]), f"{record['ns_per_operation']:.1f}",
                      f"{record['ratio_to_glibc']:.3f}",
                      f"{record['ratio_with_harness']:.3f}" if "ratio_with_harness" in record
                      else "–", str(record["runs"])] for record in rows]


def memory(records):
    heading = ["load", "operations", "peak bytes", "smallest pool", "ratio", "blocks alone"]
    return heading, [[record["load"], count(record["operations"]), count(record["peak_bytes"]),
                      count(record["smallest_pool_bytes"]), f"{record['ratio']:.3f}",
                      f"{record['blocks_alone_ratio']:.3f}"]
                     for record in sorted(records, key=lambda record: record["load"])]
