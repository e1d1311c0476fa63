# SPDX-License-Identifier: BSD-3-Clause
"""The campaigns, as tests/run --list tells them."""

import re
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, output_of, table_of

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGN = re.compile(r"^  (\w+) +(.*); (\d+ min)$", re.MULTILINE)
STEPS = re.compile(r"\(([^)]* on two cores)\):$", re.MULTILINE)


@lru_cache(maxsize=None)
def printed():
    """The part about steps, and that about campaigns."""
    steps, _, campaigns = output_of(ROOT / "tests" / "run", "--list").partition("\nCampaigns:")
    return steps, campaigns


def figure(name):
    """campaigns.quick-time, campaigns.full-time: how long tests/run takes; campaigns.NAME: how
    long a campaign takes."""
    steps, campaigns = printed()
    times = dict(zip(("quick-time", "full-time"), STEPS.findall(steps)))
    times.update((campaign, takes) for campaign, _, takes in CAMPAIGN.findall(campaigns))
    try:
        return times[name.partition(".")[2]]
    except KeyError as missing:
        raise FigureError("no such figure") from missing


def table(name):
    if name != "campaigns":
        raise FigureError("no such table")
    rows = [[f"`tests/run {campaign}`", tries, takes]
            for campaign, tries, takes in CAMPAIGN.findall(printed()[1])]
    return table_of(["command", "what it does", "takes"], rows, left=3)


def listed():
    yield "figure", "campaigns.quick-time", "how long tests/run --quick takes"
    yield "figure", "campaigns.full-time", "how long tests/run takes"
    yield "figure", "campaigns.NAME", "how long a campaign takes"
    yield "table", "campaigns", "every campaign, what it does and how long it takes"
