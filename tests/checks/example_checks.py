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
KERNEL = ROOT / "tests" / "checks" / "images" / "freertos_tasks" / "kernel"
EXACT_TIME = ("-icount", "shift=7,sleep=off")  # instructions are time, on a busy machine, too
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
    "freertos_tasks": ((RUN_IMAGE, "cortex_m"), 0, [
        "freertos: 2000 readings in 100 reports, 2000 in order",
        "freertos: heap never full, lost readings none"]),
}
# Runs that have to fail: folder, and file, text, what takes its place.
BROKEN = [("freertos_tasks", ("FreeRTOSConfig.h", "#define configTOTAL_HEAP_SIZE",  # masks nothing
                              "#define configFMEMP_SUSPENDS_SCHEDULER 1\n"
                              "#define configTOTAL_HEAP_SIZE"))]


def template_ran(result, name, change=None):
    """Builds a copy of the folder, with a change in a file: (file, text, what takes its place).
    Returns its run, and whether that is as promised; or None."""
    runner, status, lines = TEMPLATES[name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        shutil.copytree(EXAMPLES / name, folder)
        if change:
            file, old, new = change
            text = (folder / file).read_text()
            result.check(old in text, f"examples/{name}/{file} has {old!r}")
            (folder / file).write_text(text.replace(old, new))
        program = folder / "program"
        built = run(folder / "build", program, env={"FMEMP": str(ROOT), "FREERTOS": str(KERNEL)})
        if not result.check(built.ok, f"build of examples/{name}", built.tail()):
            return None
        more = EXACT_TIME if RUN_IMAGE in runner else ()
        ran = run("timeout", "60", *runner, program, *more)
    printed = ran.output.split("\n", 1)[1].splitlines()
    return ran, ran.status == status and printed == lines


def templates_run_where_they_are_copied(result):
    for name, change in [*((name, None) for name in TEMPLATES), *BROKEN]:
        ran = template_ran(result, name, change)
        if ran:
            done, is_as_promised = ran
            result.check(is_as_promised == (change is None) and not done.timed_out,
                         f"examples/{name} runs; to fail with {change}", done.tail())
    folders = {path.parent.name for path in EXAMPLES.glob("*/build")} - {"bare_metal"}
    result.check(folders == set(TEMPLATES), f"every template is run: {folders}")
    for name in TEMPLATES:
        text = (EXAMPLES / name / "README.md").read_text()
        result.check(re.search(f"examples/{name}/build ", text), f"README of examples/{name}")
