# SPDX-License-Identifier: BSD-3-Clause
"""The version of the library, as include/tlsf.h has it."""

import re
from pathlib import Path

from .figure import FigureError

HEADER = Path(__file__).resolve().parents[2] / "include" / "tlsf.h"
NUMBER = re.compile(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)")


def figure(name):
    if name != "version":
        raise FigureError("no such figure")
    return ".".join(NUMBER.findall(HEADER.read_text()))


def table(_):
    raise FigureError("no such table")


def listed():
    yield "figure", "version", "the version in include/tlsf.h"
