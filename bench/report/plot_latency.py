# SPDX-License-Identifier: BSD-3-Clause
"""Histograms of the cycles of single calls, fmemp's filled and the others' as lines."""

import math

from drawing import log_ticks, name_axes, new_axes, spread
from palette import stand_in
from words import count, in_order, one_in, short_count

FUNCTIONS = ["malloc", "free", "memalign", "realloc"]
CACHES = ["warm", "cold"]
OTHERS = ["glibc", "jemalloc", "mimalloc", "tcmalloc"]
LINES = {"glibc": ("series-2", "-"), "jemalloc": ("series-3", (0, (5, 1.5))),
         "mimalloc": ("series-4", (0, (1.2, 1.2))), "tcmalloc": ("series-5", (0, (6, 1.5, 1.2, 1.5)))}
BINS_PER_DECADE = 10
MARKED = ["50", "99", "99.9", "99.999"]  # percentiles


def is_fmemp(allocator):
    return allocator.startswith("fmemp")


def panels(records):
    """The (function, cache) pairs that were measured, in the page's order."""
    pairs = {(record["function"], record["cache"]) for record in records}
    functions = in_order([function for function, _ in pairs], FUNCTIONS)
    caches = in_order([cache for _, cache in pairs], CACHES)
    return [(function, cache) for cache in caches for function in functions
            if (function, cache) in pairs]


def binned(histogram):
    """Shares of all calls in bins of equal width on a logarithmic axis, and the bins' edges."""
    def bin_of(cycles):
        return math.floor(BINS_PER_DECADE * math.log10(max(cycles, 1)))
    total = sum(calls for _, calls in histogram)
    low = bin_of(min(cycles for cycles, _ in histogram))
    high = bin_of(max(cycles for cycles, _ in histogram))
    shares = [0.0] * (high - low + 1)
    for cycles, calls in histogram:
        shares[bin_of(cycles) - low] += calls / total
    return shares, [10 ** (number / BINS_PER_DECADE) for number in range(low, high + 2)]


def decades(low, high):
    """The powers of ten from low to high."""
    return [10 ** power for power in range(math.ceil(math.log10(low)),
                                           math.floor(math.log10(high)) + 1)]


def limits(records):
    """The cycles that all histograms lie between, and the smallest share of calls."""
    cycles = [cycles for record in records for cycles, calls in record["histogram"] if calls]
    most = max(sum(calls for _, calls in record["histogram"]) for record in records)
    return (max(min(cycles), 1) / 1.3, max(cycles) * 1.3), 10 ** math.floor(-math.log10(most))


def draw_histogram(records, cycles, smallest):
    """The allocators' histograms of one function and one state of the caches."""
    axes = new_axes(height=240, left=54, right=10, top=58)
    axes.set_xlim(*cycles)
    axes.set_ylim(smallest, 2)
    for record in sorted(records, key=lambda record: is_fmemp(record["allocator"]), reverse=True):
        shares, edges = binned(record["histogram"])
        drawn = [max(part, smallest / 10) for part in shares]
        if record["allocator"] == "fmemp wide":
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in("accent"),
                        linewidth=1, linestyle=(0, (2, 2)))
        elif is_fmemp(record["allocator"]):
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in("accent-soft"),
                        fill=True, alpha=0.45, linewidth=0)
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in("accent"),
                        linewidth=1.6)
            mark_percentiles(axes, record["percentiles"])
        else:
            colour, line = LINES.get(record["allocator"], ("neutral", "-"))
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in(colour),
                        linewidth=1.3, linestyle=line)
    log_ticks(axes, "x", decades(*cycles), short_count)
    log_ticks(axes, "y", decades(smallest, 1)[::-2], one_in)
    name_axes(axes, "cycles", "share of calls")
    return axes


def mark_percentiles(axes, percentiles):
    """A line at each percentile of fmemp, named above the plot."""
    width = axes.get_window_extent().width
    low, high = axes.get_xlim()
    known = [name for name in MARKED if percentiles.get(name) is not None]
    wanted = [width * math.log(max(percentiles[name], low) / low) / math.log(high / low)
              for name in known]
    colour = stand_in("accent")
    for name, want, got in zip(known, wanted, spread(wanted, 52, 4, width - 20)):
        axes.axvline(percentiles[name], color=colour, linewidth=0.9)
        axes.annotate(f"{name} %\n{count(percentiles[name])}", (want / width, 1),
                      xycoords="axes fraction", xytext=(got - want, 9), color=colour,
                      textcoords="offset points", ha="center", va="bottom", fontsize=10,
                      linespacing=1.1, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9,
                                  "shrinkA": 0, "shrinkB": 0, "relpos": (0.5, 0)})
