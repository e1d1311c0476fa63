# SPDX-License-Identifier: BSD-3-Clause
"""The plot of the page: malloc against holes."""

from drawing import label_ends, new_axes
from findings import C_LIBRARIES, OURS
from palette import stand_in
from words import count


def draw_holes(found, size):
    """found: {allocator: {holes: instructions}}"""
    axes = new_axes(size)
    ends = []
    for name in [name for name in (*C_LIBRARIES, OURS) if name in found]:
        holes = sorted(found[name])
        instructions = [found[name][number] for number in holes]
        is_ours = name == OURS
        colour = "accent" if is_ours else name
        axes.plot(holes, instructions, color=stand_in(colour), marker="o",
                  markersize=5 if is_ours else 4, linewidth=3 if is_ours else 1.8, clip_on=False)
        ends.append((instructions[-1], f"{name} {count(instructions[-1])}", colour,
                     "bold" if is_ours else "normal"))
    axes.set_xlim(0, max(map(max, found.values())))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(lambda value, _: count(value))
    axes.xaxis.set_major_formatter(lambda value, _: count(value))
    axes.set_xlabel("holes too small for the request", labelpad=8)
    label_ends(axes, ends)
    return axes
