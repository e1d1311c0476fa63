# SPDX-License-Identifier: BSD-3-Clause
"""The table of what each hardening level finds, as the campaign prints it."""

from functools import lru_cache
from pathlib import Path

from .figure import FigureError, output_of

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (ROOT / "tests" / "run", "detection")


@lru_cache(maxsize=None)
def printed():
    lines = output_of(*COMMAND).splitlines()
    return "\n".join(line for line in lines if line.startswith("|"))


def figure(name):
    raise FigureError("the detection table has no single figures")


def table(name):
    if name != "detection":
        raise FigureError("no such table")
    return printed()


def listed():
    yield "table", "detection", "what each hardening level finds, and when"
