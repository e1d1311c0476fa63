# SPDX-License-Identifier: BSD-3-Clause
"""The templates of examples/: each folder, copied out, builds there alone and prints what it
promises."""

import re
import shutil
import tempfile
from pathlib import Path

from report import ROOT, run

EXAMPLES = ROOT / "examples"
RUN_IMAGE = EXAMPLES / "bare_metal" / "run"
# folder: (how to run what was built, exit status, lines that it prints)
TEMPLATES = {
    "several_memories": ((), 0, ["memories: tight, SRAM, external, SRAM, none",
                                 "memories: tight"]),
    "dma_buffers": ((), 0, ["dma: whole lines right, shared lines wrong"]),
    "cpp_cortex_m": ((RUN_IMAGE, "cortex_m"), 0, [
        "c++: average 9225 of 100 samples, on the pool", "c++: 0 bytes in use at the end"]),
    "survives_reset": ((RUN_IMAGE, "cortex_m"), 0, [
        "new heap: control structure", "start 1: 1 records", "start 2: 2 records",
        "start 3: 3 records", "new heap: block size", "start 1: 1 records", "start 2: 2 records"]),
}


def template_runs(result, name, runner, status, lines):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        shutil.copytree(EXAMPLES / name, folder)
        built = run(folder / "build", folder / "program", env={"FMEMP": str(ROOT)})
        if not result.check(built.ok, f"build of examples/{name}", built.tail()):
            return
        ran = run("timeout", "60", *runner, folder / "program")
    printed = ran.output.split("\n", 1)[1].splitlines()
    result.check(ran.status == status and printed == lines, f"examples/{name} runs", ran.tail())


def templates_run_where_they_are_copied(result):
    for name, (runner, status, lines) in TEMPLATES.items():
        template_runs(result, name, runner, status, lines)
    folders = {path.parent.name for path in EXAMPLES.glob("*/build")} - {"bare_metal"}
    result.check(folders == set(TEMPLATES), f"every template is run: {folders}")
    for name in TEMPLATES:
        text = (EXAMPLES / name / "README.md").read_text()
        result.check(re.search(f"examples/{name}/build ", text), f"README of examples/{name}")
