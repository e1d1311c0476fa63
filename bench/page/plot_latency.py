# SPDX-License-Identifier: BSD-3-Clause
"""Histograms of the cycles of single calls: fmemp's are filled, the others are lines through the
middles of the same bins."""

import math

from drawing import log_ticks, name_axes, new_axes, spread
from palette import stand_in
from words import count, in_order, one_in, short_count

FUNCTIONS = ["malloc", "free", "memalign", "realloc"]
CACHES = ["warm", "cold"]
OTHERS = ["glibc", "jemalloc", "mimalloc", "tcmalloc"]
LINES = {"fmemp wide": ("accent", (0, (2, 2))),
         "glibc": ("series-2", "-"), "jemalloc": ("series-3", (0, (5, 1.5))),
         "mimalloc": ("series-4", (0, (1.2, 1.2))),
         "tcmalloc": ("series-5", (0, (6, 1.5, 1.2, 1.5)))}
FINEST = 12.5  # cycles; the first bin holds all shorter calls
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


def is_known(record, percentile):
    """Whether there are enough calls for this percentile to differ from the maximum."""
    return (record["percentiles"].get(percentile) is not None and
            (percentile == "max" or record["calls"] * (100 - float(percentile)) >= 99.9))


def bins_per_octave(shortest):
    """Half an octave for short calls: the time-stamp counter of some processors advances in steps
    of some 25 cycles, which would leave gaps in finer bins."""
    return 2 if shortest < 200 else 4


def binned(histogram, per_octave):
    """Shares of all calls in bins of equal width on a logarithmic axis, and the bins' edges."""
    def bin_of(cycles):
        return math.floor(per_octave * math.log2(max(cycles, FINEST) / 100))
    total = sum(calls for _, calls in histogram)
    low = bin_of(min(cycles for cycles, _ in histogram))
    high = bin_of(max(cycles for cycles, _ in histogram))
    shares = [0.0] * (high - low + 1)
    for cycles, calls in histogram:
        shares[bin_of(cycles) - low] += calls / total
    return shares, [100 * 2 ** (number / per_octave) for number in range(low, high + 2)]


def ticks_between(low, high, most=7):
    """Powers of ten from low to high; twice and five times them too where these are few. None
    stands at the lower end, where its label would meet the lowest one of the other axis."""
    low *= (high / low) ** 0.05
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1,)):
        ticks = [digit * 10 ** power for power in powers for digit in digits
                 if low <= digit * 10 ** power <= high]
        if len(ticks) <= most:
            break
    return ticks


def limits(records):
    """The smallest and largest cycles of all histograms, and the smallest share of calls."""
    cycles = [cycles for record in records for cycles, calls in record["histogram"] if calls]
    most = max(sum(calls for _, calls in record["histogram"]) for record in records)
    return (max(min(cycles), FINEST) / 1.5, max(cycles) * 1.5), 10 ** math.floor(-math.log10(most))


def shares_to(smallest):
    """Shares for an axis: all, one in 100, one in 10,000 and so on."""
    return [10.0 ** power for power in range(0, round(math.log10(smallest)) - 1, -2)]


def draw_histogram(records, cycles, smallest):
    """The allocators' histograms of one function and one state of the caches."""
    axes = new_axes(height=240, left=54, right=18, top=58)
    axes.set_xlim(*cycles)
    axes.set_ylim(smallest, 2)
    for record in sorted(records, key=lambda record: is_fmemp(record["allocator"]), reverse=True):
        shares, edges = binned(record["histogram"], bins_per_octave(cycles[0]))
        drawn = [max(part, smallest / 10) for part in shares]
        if is_fmemp(record["allocator"]) and record["allocator"] != "fmemp wide":
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in("accent-soft"),
                        fill=True, alpha=0.45, linewidth=0)
            axes.stairs(drawn, edges, baseline=smallest / 10, color=stand_in("accent"),
                        linewidth=1.6)
            mark_percentiles(axes, {name: record["percentiles"][name] for name in MARKED
                                    if is_known(record, name)})
        else:
            colour, line = LINES.get(record["allocator"], ("neutral", "-"))
            middles = [math.sqrt(low * high) for low, high in zip(edges, edges[1:])]
            ends = [edges[0] / 1.2, edges[-1] * 1.2]
            axes.plot([ends[0], *middles, ends[1]], [smallest / 10, *drawn, smallest / 10],
                      color=stand_in(colour), linewidth=1.4, linestyle=line)
    log_ticks(axes, "x", ticks_between(*cycles), short_count)
    log_ticks(axes, "y", shares_to(smallest), one_in)
    name_axes(axes, "cycles", "share of calls")
    return axes


def mark_percentiles(axes, percentiles):
    """A line at each percentile of fmemp, named above the plot."""
    width = axes.get_window_extent().width
    low, high = axes.get_xlim()
    wanted = [width * math.log(max(cycles, low) / low) / math.log(high / low)
              for cycles in percentiles.values()]
    colour = stand_in("accent")
    for name, want, got in zip(percentiles, wanted, spread(wanted, 52, 4, width - 20)):
        axes.axvline(percentiles[name], color=colour, linewidth=0.9)
        axes.annotate(f"{name} %\n{count(percentiles[name])}", (want / width, 1),
                      xycoords="axes fraction", xytext=(got - want, 9), color=colour,
                      textcoords="offset points", ha="center", va="bottom", fontsize=10,
                      linespacing=1.1, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.9,
                                  "shrinkA": 0, "shrinkB": 0, "relpos": (0.5, 0)})
