# SPDX-License-Identifier: BSD-3-Clause
"""The maxima of single calls against live blocks or size of the pool: a strip for each function,
with its static bound. Strips are zoomed, so that the gap between maximum and bound is visible."""

from drawing import few, log_ticks, name_axes, new_axes, spread, units_of
from palette import stand_in
from words import binary_bytes, count

FUNCTIONS = ["malloc", "free", "memalign", "realloc"]  # drawn in this order
AXES = {"live_blocks": ("live blocks", count), "pool_bytes": ("pool size", binary_bytes)}
STRIP = 46  # units
GAP = 26  # units between strips, for the function's name
LEFT, RIGHT, BOTTOM = 30, 82, 34


class Strip:
    """The part of the plot that shows values from low to high, with its lower end at floor."""

    def __init__(self, floor, low, high):
        self.floor, self.low, self.high = floor, low, high

    def height_of(self, value):
        return self.floor + STRIP * (value - self.low) / (self.high - self.low)

    def ticks(self):
        """Two or three round values that the strip shows."""
        step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9)
                    if step * 2.2 >= self.high - self.low)
        first = -(-int(self.low) // step) * step
        return [value for value in range(first, int(self.high) + 1, step)
                if self.height_of(value) < self.floor + STRIP - 2]


def maxima(records, key, value):
    """The largest value at each number of live blocks or size of the pool, as two lists."""
    largest = {}
    for record in records:
        largest[record[key]] = max(largest.get(record[key], 0), record[value])
    return sorted(largest), [largest[place] for place in sorted(largest)]


def drawn_functions(records):
    present = {record["function"] for record in records}
    return [name for name in FUNCTIONS if name in present]


def draw_instructions(records, key):
    """Executed instructions of one target, below the bound of each function."""
    return draw_strips(records, key, "max_instructions", "bound")


def draw_cache_lines(records, key):
    """Distinct cache lines that one call of a target touched."""
    return draw_strips(records, key, "max_cache_lines", None)


def draw_strips(records, key, value, bound):
    functions = drawn_functions(records)
    total = len(functions) * (STRIP + GAP)
    axes = new_axes(total + BOTTOM, LEFT, RIGHT, top=0, bottom=BOTTOM)
    axes.set_ylim(0, total)
    places = sorted({record[key] for record in records if record["driver"] == "crafted"} or
                    {record[key] for record in records})
    ticks = {}
    for number, name in enumerate(functions):
        own = [record for record in records if record["function"] == name
               and places[0] <= record[key] <= places[-1]]
        strip = strip_of(own, value, bound, total - (number + 1) * (STRIP + GAP) + 4)
        draw_values(axes, strip, own, key, value)
        label_ends(axes, strip, own, key, value, bound)
        axes.text(-22, strip.floor + STRIP + 7, name, weight="bold", fontsize=11,
                  transform=units_of(axes))
        ticks.update({strip.height_of(tick): str(tick) for tick in strip.ticks()})
    axes.set_yticks(list(ticks), list(ticks.values()))
    text = AXES[key][1]
    log_ticks(axes, "x", few(places, text, axes), text)
    name_axes(axes, AXES[key][0], "")
    return axes


def strip_of(records, value, bound, floor):
    """The strip for these records. It begins a seventh below the bound, or lower if needed to show
    all; cache lines begin at 0."""
    values = [record[value] for record in records]
    if bound is None:
        return Strip(floor, 0, 1.3 * max(values))
    largest = max(record[bound] for record in records)
    return Strip(floor, min(0.86 * largest, 0.97 * min(values)), 1.04 * max(largest, *values))


def draw_values(axes, strip, records, key, value):
    """Crafted worst cases as a line, everything else as hollow marks."""
    crafted = [record for record in records if record["driver"] == "crafted"]
    others = [record for record in records if record["driver"] != "crafted"]
    where, values = maxima(others, key, value)
    axes.plot(where, list(map(strip.height_of, values)), color=stand_in("series-3"), marker="D",
              markersize=4.5, markerfacecolor="none", linestyle="none")
    where, values = maxima(crafted, key, value)
    axes.plot(where, list(map(strip.height_of, values)), color=stand_in("accent"), marker="o",
              markersize=4.5, linewidth=2)


def label_ends(axes, strip, records, key, value, bound):
    """Draws the bound, and writes it and the largest value at the right ends of their lines."""
    largest = max(record[value] for record in records)
    ends = [(largest, f"{largest} executed" if bound else f"{largest}", "accent")]
    if bound:
        limit = max(record[bound] for record in records)
        axes.plot([0, 1], [strip.height_of(limit)] * 2, color=stand_in("series-2"), linewidth=1.5,
                  linestyle=(0, (5, 3)), transform=axes.get_yaxis_transform(), clip_on=False)
        ends.append((limit, f"{limit} bound", "series-2"))
    width = axes.get_window_extent().width
    heights = [strip.height_of(end) for end, _, _ in ends]
    for (_, text, colour), height in zip(ends, spread(heights, 12, 0, 10**6)):
        axes.text(width + 6, height, text, color=stand_in(colour), va="center",
                  transform=units_of(axes))
