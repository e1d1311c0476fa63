# SPDX-License-Identifier: BSD-3-Clause
"""Executed maxima (bench/worst_case/executed) do not exceed their bounds and are the same for every
heap. Controls show that the tool finds the opposite where it is true."""

import dataclasses
import json
import shutil
import sys
import tempfile
from pathlib import Path

import inside
from report import ROOT, run

sys.path[:0] = [str(ROOT / "bench" / "worst_case" / folder)
                for folder in ("machine", "executed", "bound")]
import builds  # noqa: E402
import executed  # noqa: E402
import machines  # noqa: E402

COMMAND = ["python3", executed.HERE / "executed.py", "--quick", "--no-loads"]
FUNCTIONS = {"malloc", "free", "memalign", "realloc", "realloc_failed", "add_pool", "remove_pool",
             "stats", "largest"}


def maxima_are_bounded_and_equal(result):
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "executed.json"
        levels = [word for level in builds.LEVELS for word in ("--hardening", level)]
        ran = run(*COMMAND, *levels, "--json", output)
        if not result.check(ran.ok and output.exists(), "executed maxima", ran.tail()):
            return
        records = json.loads(output.read_text())["records"]
    for target in machines.MACHINES:
        for driver, functions in (("crafted", FUNCTIONS),
                                  ("random walk", {"malloc", "free", "memalign", "realloc"})):
            found = [record for record in records
                     if (record["target"], record["driver"]) == (target, driver)]
            result.check(functions <= {record["function"] for record in found if record["calls"]},
                         f"functions that {driver} called on {target}")
            result.check(found and all(record["max_instructions"] <= record["bound"]
                                       for record in found), f"bounds of {driver} on {target}")


# Put first into tlsf_free, this takes longer the more blocks are live.
LOOP = """
    tlsf_stats_t counted;
    (void)tlsf_stats({heap}, &counted);
    for (volatile size_t i = counted.live_blocks; i > 0; i--) {{
    }}"""


def loop_over_blocks_is_found(result):
    with tempfile.TemporaryDirectory() as folder:
        library = shutil.copytree(ROOT / "lib", Path(folder) / "lib")
        free = inside.find("tlsf_free", Path(folder))
        head, body = free.text[free.begin:free.end].split("{", 1)
        free.replace_by(f"{head}{{{LOOP.format(heap=free.parameters[0])}{body}")
        for target in machines.MACHINES:
            ran = run(*COMMAND, "--target", target, "--hardening", "0", "--samples", "2000",
                      "--steps", "500", "--largest-pool", 1 << 20, "--lib", library, "--json",
                      Path(folder) / "executed.json")
            result.check(ran.status == 1, f"the tool fails on {target}", ran.tail())
            for found in ("free: has no static bound", "free: the worst case differs"):
                result.check(found in ran.output, f"{target}: {found}", ran.tail())
            result.check("malloc: the worst case differs" not in ran.output,
                         f"{target}: malloc has no loop", ran.tail())


def wrong_clock_is_found(result):
    """Calibration fails when virtual time advances half as fast as the images assume."""
    for target, machine in machines.MACHINES.items():
        if not hasattr(machine, "shift"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            build = builds.Build(target, "gcc", "-O2", "compact", 0)
            program = machines.program_build(build, executed.DRIVERS, build.compile(folder),
                                             Path(folder))
            settings = ["quick=1", "samples=10", "steps=10", "pool=4096"]
            result.check("finished" in machine.run(program, settings, None), f"clock on {target}")
            try:
                output = dataclasses.replace(machine, shift=9).run(program, settings, None)
            except machines.MachineError as error:
                output = str(error)
            result.check("failed: calibration" in output, f"half the clock on {target}", output)
