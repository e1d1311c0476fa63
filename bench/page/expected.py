# SPDX-License-Identifier: BSD-3-Clause
"""Which plots a page must hold, found from the results alone and not by what draws them."""

DRAWN = {"malloc", "free", "memalign", "realloc"}


def name_of(*words):
    """The id that a plot's name becomes."""
    return "".join(letter if letter.isalnum() or letter == "_" else "-"
                   for letter in "-".join(words))


def expected_plots(results):
    """Ids of the plots: for each target that was executed at the default level one against live
    blocks and one against the pool's size, one for each function and state of the caches, at least
    one for each kind of load, and memory."""
    plots = set()
    bounded = [record for record in results.executed
               if record["layout"] == "compact" and record["bound"] is not None]
    level = 1 if any(record["hardening"] == 1 for record in bounded) else \
        min((record["hardening"] for record in bounded), default=None)
    for record in bounded:
        if record["hardening"] == level and record["function"].removeprefix("tlsf_") in DRAWN:
            plots.add(name_of("calls-live_blocks", record["target"]))
            plots.add(name_of("calls-pool_bytes", record["target"]))
            if record.get("max_cache_lines") is not None:
                plots.add(name_of("cache-lines", record["target"]))
    for record in results.latency:
        plots.add(name_of("latency", record["cache"], record["function"]))
    for record in results.throughput:
        plots.add(name_of("throughput", record["kind"], "0"))
    if results.memory:
        plots.add("memory")
    return sorted(plots)
