# SPDX-License-Identifier: BSD-3-Clause
"""The committed figures of bench/holes hold: up to 100 holes are counted again. A control shows
that other figures are found."""

import json
import tempfile
from pathlib import Path

from report import ROOT, run

COMMAND = [ROOT / "bench" / "holes", "--quick"]
MEASURED = ROOT / "bench" / "worst_case" / "holes" / "measured.json"
ALLOCATORS = {"fmemp", "newlib", "newlib-nano", "picolibc"}


def holes_counted(folder, measured):
    """The finished command, and its records."""
    output = Path(folder) / "holes.json"
    ran = run(*COMMAND, "--measured", measured, "--json", output)
    return ran, json.loads(output.read_text())["records"] if output.exists() else []


def figures_are_those_of_this_state(result):
    with tempfile.TemporaryDirectory() as folder:
        ran, records = holes_counted(folder, MEASURED)
    result.check(ran.ok, "bench/holes --quick", ran.tail())
    if "not comparable" in ran.output:
        result.note(ran.output.splitlines()[-1])
    for call in ("malloc", "free"):
        result.check({record["allocator"] for record in records if record[call]} == ALLOCATORS,
                     f"figures of {call} for each allocator")
        own = [record[call] for record in records if record["allocator"] == "fmemp"]
        result.check(len(own) > 1 and len(set(own)) == 1,
                     f"{call} of fmemp takes the same for each number of holes")


def other_figures_are_found(result):
    """One instruction less in a committed figure fails, and so does the picture of other
    figures."""
    figures = json.loads(MEASURED.read_text())
    figures["malloc"]["picolibc"]["100"] -= 1
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "changed.json"
        changed.write_text(json.dumps(figures))
        ran, _ = holes_counted(folder, changed)
    result.check(ran.status == 1, "bench/holes fails", ran.tail())
    for text in ("FAILED picolibc, 100 holes: malloc", "is not the picture of"):
        result.check(text in ran.output, text, ran.tail())
