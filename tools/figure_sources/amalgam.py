# SPDX-License-Identifier: BSD-3-Clause
"""The size of the library in two files."""

from packaging import amalgam

from .figure import FigureError


def figure(name):
    """Rounded, so that a comment more does not change it."""
    if name != "amalgam.lines":
        raise FigureError("no such figure")
    lines = sum(text.count("\n") for text in amalgam.two_files("fmemp").values())
    return f"{round(lines, -2):,}"


def table(_):
    raise FigureError("no such table")


def listed():
    yield "figure", "amalgam.lines", "lines of fmemp.c and fmemp.h, in hundreds"
