# SPDX-License-Identifier: BSD-3-Clause
"""Draws docs/pictures/malloc-by-holes.svg. The same data give the same bytes."""

import io
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402

FILE = Path(__file__).resolve().parents[3] / "docs" / "pictures" / "malloc-by-holes.svg"
STYLE = {"svg.hashsalt": "malloc-by-holes", "font.family": "DejaVu Sans", "font.size": 11,
         "axes.spines.top": False, "axes.spines.right": False}
INK, PALE = "#24292f", "#d8dee4"
COLOURS = {"fmemp": "#0b6bcb", "newlib": "#b35900", "newlib-nano": "#7a3e9d",
           "picolibc": "#2f7d4f"}
# picolibc's malloc calls memset for the block that it returns.
NOTES = {"picolibc": " (clears the block)"}
LIMITS = 50, 60000


def thousands(number, _):
    return f"{number:,.0f}"


def labels_draw(axes, ends):
    """Names each line at its right end, one label below the other."""
    holes = max(point[0] for point in ends.values())
    place = LIMITS[1]
    for allocator, (_, instructions) in sorted(ends.items(), key=lambda end: -end[1][1]):
        place = min(instructions, place / 1.5)
        axes.annotate(f"{allocator}  {instructions:,}{NOTES.get(allocator, '')}", (holes, place),
                      xytext=(8, 0), textcoords="offset points", va="center",
                      color=COLOURS[allocator],
                      fontweight="bold" if allocator == "fmemp" else "normal")


def axes_draw(axes, numbers):
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(numbers)
    axes.set_ylim(LIMITS)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(thousands)
        axis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.grid(axis="y", color=PALE)
    axes.set_axisbelow(True)
    axes.set_xlabel("holes that are too small for the request")
    axes.set_title("Instructions of one malloc on a Cortex-M4, worst of 18 patterns", loc="left",
                   color=INK)


def drawn(measured):
    """The SVG as bytes. measured: as holes.py describes it."""
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(figsize=(7, 4), facecolor="white")
        ends = {}
        for allocator, figures in measured["malloc"].items():
            holes, instructions = [int(number) for number in figures], list(figures.values())
            axes.plot(holes, instructions, color=COLOURS[allocator], marker="o", markersize=4,
                      linewidth=3 if allocator == "fmemp" else 1.8)
            ends[allocator] = holes[-1], instructions[-1]
        labels_draw(axes, ends)
        axes_draw(axes, holes)
        output = io.BytesIO()
        figure.savefig(output, format="svg", bbox_inches="tight", pad_inches=0.2,
                       metadata={"Date": None})
        pyplot.close(figure)
    return output.getvalue()
