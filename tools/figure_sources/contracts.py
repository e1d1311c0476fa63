# SPDX-License-Identifier: BSD-3-Clause
"""The contracts that Frama-C's WP proves: counted in their file, as proofs counts them."""

import re
from pathlib import Path

from .figure import FigureError

FILE = Path(__file__).resolve().parents[2] / "tests" / "campaigns" / "proofs" / "contracts.acsl"
SECTION = re.compile(r"^@ \w+\([^)]*\)( assumed)?$", re.MULTILINE)


def figure(name):
    """contracts.verified, contracts.assumed"""
    sections = [bool(assumed) for assumed in SECTION.findall(FILE.read_text())]
    try:
        return str(sections.count({"verified": False, "assumed": True}[name.partition(".")[2]]))
    except KeyError as missing:
        raise FigureError("no such figure") from missing


def table(_):
    raise FigureError("no such table")


def listed():
    yield "figure", "contracts.verified", "functions whose contract WP proves"
    yield "figure", "contracts.assumed", "functions whose contract WP takes for granted"
