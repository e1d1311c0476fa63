# SPDX-License-Identifier: BSD-3-Clause
"""Bars of each load: time beside the C library's allocator, and memory beyond the peak."""

from drawing import WIDTH, name_axes, new_axes
from palette import stand_in
from words import geometric_mean, in_order, memory_groups

ALLOCATORS = ["fmemp compact", "fmemp wide", "jemalloc", "mimalloc", "tcmalloc"]
COLOURS = {"fmemp compact": "accent", "fmemp": "accent", "fmemp wide": "accent-soft"}
BAR = 14  # units a bar
HEAD = 25  # units above a load's bars
CUT = 3.0  # longer bars are cut here; their figures show it


def load_name(record):
    return record.get("load") or record.get("mix")


def groups_of(records):
    """The ratios of the loads by name, as (name, note, {allocator: ratio}). The geometric means
    come first."""
    others = [record for record in records if record["allocator"] != "glibc"]
    own_time = {load_name(record): record["ns_per_operation"] for record in records
                if record["allocator"] == "glibc"}
    groups = []
    for load in sorted({load_name(record) for record in others}):
        note = f"glibc {own_time[load]:.1f} ns" if load in own_time else ""
        groups.append((load, note, {record["allocator"]: record["ratio_to_glibc"]
                                    for record in others if load_name(record) == load}))
    complete = [name for name in in_order((r["allocator"] for r in others), ALLOCATORS)
                if all(name in ratios for _, _, ratios in groups)]
    means = {name: geometric_mean([ratios[name] for _, _, ratios in groups])
             for name in complete}
    return [("geometric mean", f"of {len(groups)}", means)] * (len(groups) > 1) + groups


def draw_throughput(groups, longest):
    """Horizontal bars, a group for each load. The line is the C library's allocator."""
    names = [in_order(ratios, ALLOCATORS) for _, _, ratios in groups]
    height = sum(HEAD + BAR * len(bars) for bars in names) + 50
    axes = new_axes(height=height, left=90, right=40, top=18, bottom=32)
    axes.grid(axis="y", visible=False)
    longest = min(longest, CUT)
    axes.set_xlim(0, longest)
    axes.set_ylim(height - 50, 0)
    y = 0
    for (name, note, ratios), bars in zip(groups, names):
        axes.text(2 / WIDTH, axes_fraction(axes, y + 15), name, weight="bold", fontsize=11,
                  transform=mixed(axes), va="center")
        axes.text(1 - 2 / WIDTH, axes_fraction(axes, y + 15), note, color=stand_in("muted"),
                  transform=mixed(axes), va="center", ha="right", fontsize=10)
        y += HEAD
        axes.plot([1, 1], [y - 1, y + BAR * len(bars) + 1], color=stand_in("ink"), linewidth=1.2,
                  zorder=3)
        for bar in bars:
            y += BAR
            draw_bar(axes, bar, ratios[bar], y - BAR / 2, longest)
    axes.set_yticks([])
    axes.set_xticks([0, 0.5, 1, 1.5, 2, 2.5][:int(longest * 2) + 1])
    axes.grid(axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel("time / time of glibc", labelpad=4)
    axes.text(1, -3, "glibc", ha="center", va="bottom", fontsize=10)
    return axes


def draw_bar(axes, name, ratio, y, longest):
    axes.barh(y, min(ratio, longest), height=BAR * 0.72,
              color=stand_in(COLOURS.get(name, "neutral")))
    axes.annotate(name, (0, y), xytext=(-5, 0), textcoords="offset points", ha="right",
                  va="center_baseline", fontsize=10, color=stand_in(
                      "ink" if name in COLOURS else "muted"))
    # Behind the bar, or behind the line if it would stand on the line.
    end = min(ratio, longest)
    text = f"{ratio:.2f}" if ratio <= longest else f"→ {ratio:.2f}"
    units = axes.get_window_extent().width / longest
    after = 1.0 if end <= 1 < end + 29 / units else end
    axes.annotate(text, (after, y), xytext=(4, 0), textcoords="offset points", fontsize=10,
                  va="center_baseline", weight="bold" if name in COLOURS else "normal",
                  annotation_clip=False)


def mixed(axes):
    """Across the figure, along the axes."""
    return axes.figure.transFigure


def axes_fraction(axes, y):
    """The height of a point of the axes as a fraction of the figure."""
    return axes.transData.transform((0, y))[1] / axes.figure.bbox.height


def draw_memory(records):
    """Percent of the peak of live bytes that the smallest pool needs beyond it, by groups with
    their geometric means. The mark is the part of headers and rounding alone."""
    bars = []
    for group, rows in memory_groups(records):
        bars.append((f"mean of {group}", geometric_mean([row["ratio"] for row in rows]),
                     geometric_mean([row["blocks_alone_ratio"] for row in rows])))
        bars += [(row["load"], row["ratio"], row["blocks_alone_ratio"]) for row in rows]
    axes = new_axes(height=20 * len(bars) + 38, left=136, right=38, top=2, bottom=36)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x")
    for row, (name, ratio, alone) in enumerate(bars):
        is_mean = name.startswith("mean of ")
        axes.barh(row, 100 * (ratio - 1), height=0.62,
                  color=stand_in("accent" if is_mean else "accent-soft"))
        axes.plot([100 * (alone - 1)] * 2, [row - 0.42, row + 0.42], color=stand_in("ink"),
                  linewidth=2, solid_capstyle="butt")
        axes.annotate(f"{ratio:.3f}", (100 * (max(ratio, alone) - 1), row), xytext=(5, 0),
                      textcoords="offset points", va="center_baseline", fontsize=10,
                      weight="bold" if is_mean else "normal", annotation_clip=False)
        axes.annotate(name, (0, row), xytext=(-5, 0), textcoords="offset points", ha="right",
                      va="center_baseline", weight="bold" if is_mean else "normal")
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xlim(0, 100 * (max(max(ratio, alone) for _, ratio, alone in bars) - 1) or 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.spines["bottom"].set_visible(False)
    name_axes(axes, "pool beyond the peak of live bytes", "")
    return axes
