# SPDX-License-Identifier: BSD-3-Clause
"""Plays the mistakes of programs in heaps as programs have them, at every hardening level, and
prints what comes of them: how many are reported by the call that makes the mistake, how many by a
later call, how many do no harm in 1,500 more calls, and how many do harm before anything is
reported: live blocks overlap, a block is not in the pool, content is lost, a call crashes or does
not end. See play.c."""

import argparse
import platform
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from outcomes import (AGAIN, CONTROL, DEFAULT, HARMS, OUTCOMES, Row, is_judged, print_harms,
                      print_outcomes, print_worst, rows_of)
from report import ROOT, Result, run

HERE = Path(__file__).resolve().parent
LEVELS = (0, 1, 2, 3)
TRIALS, QUICK_TRIALS = 4200, 210  # of each kind of mistake
LIMIT = 1.3       # per cent of harm in a row at the default level
UNCHECKED = 10.0  # that there is at least at level 0

ARCH = {"x86_64": "x86"}.get(platform.machine(), platform.machine())
FLAGS = ["-std=c11", "-O1", f"-I{HERE}", f"-I{ROOT}/tests"]
SUPPORT = [ROOT / "tests/support/random.c", ROOT / "tests/support/protect.c"]
BROKEN = "broken"  # linked for controls alone


# ---- runs --------------------------------------------------------------------------------

def compiled(result, folder, tree, level):
    """The objects of the program and of a tree's library. None: failed."""
    objects = folder / str(level)
    objects.mkdir()
    done = run("gcc", *FLAGS, f"-I{tree}/include", f"-I{tree}/arch/{ARCH}", f"-I{tree}/lib/core",
               f"-DTLSF_HARDENING={level}", "-c", *sorted(HERE.glob("*.c")), *SUPPORT,
               *sorted((tree / "lib/core").glob("*.c")), cwd=objects)
    ok = result.check(done.ok, f"build of level {level}", done.tail())
    return sorted(objects.glob("*.o")) if ok else None


def linked(result, objects, *more):
    program = objects[0].parent / f"play{len(more)}"
    done = run("gcc", *objects, *more, "-o", program)
    result.check(done.ok, "link", done.tail())
    return program


def played(result, folder, tree, level, seed, trials):
    """{name of a kind: Row}, and the objects of the program."""
    objects = compiled(result, folder, tree, level)
    if not objects:
        return {}, []
    done = run(linked(result, [file for file in objects if file.stem != BROKEN]), seed, trials)
    result.check(done.ok, f"run of level {level}", done.tail())
    return rows_of(done.output), objects


# ---- controls ----------------------------------------------------------------------------

def every_breakage_is_seen(result, objects):
    """A malloc that goes wrong by itself: the row without a mistake has the harm, or the report.
    The seed is one with which the block of the call before is still live."""
    program = linked(result, objects, "-Wl,--wrap=tlsf_malloc")
    for breakage in (*HARMS, "report"):
        done = run(program, 1, 1, env={"BREAKAGE": breakage})
        row = rows_of(done.output).get(CONTROL, Row())
        seen = row.outcomes[OUTCOMES.index("later")] if breakage == "report" else \
            row.harms[HARMS.index(breakage)]
        result.check(seen == 1, f"control: a malloc that goes wrong by {breakage} is seen",
                     done.tail())


def sound_calls_do_no_harm(result, levels):
    for level, rows in levels.items():
        row = rows.get(CONTROL, Row())
        result.check(row.trials and row.outcomes[OUTCOMES.index("harmless")] == row.trials,
                     f"level {level}: {CONTROL} has other outcomes: {row.outcomes}, {row.harms}")


def harm_is_seen(result, rows):
    """The question of harm_is_within, where nothing is checked."""
    for name, row in rows.items():
        if is_judged(name) and name.startswith(("overrun", "double", "free of")):
            result.check(row.exceeds(UNCHECKED), f"level 0: {name} does too little harm: "
                         f"{row.harmed} of {row.trials}")
    told = sum(sum(row.outcomes[:2]) for row in rows.values())
    result.check(told == 0, f"level 0 reports {told} mistakes")


# ---- the verdict ------------------------------------------------------------------------

def harm_is_within(result, rows, limit):
    for name, row in rows.items():
        if is_judged(name):
            result.check(row.trials and not row.exceeds(limit),
                         f"level {DEFAULT}: {name} does harm in {row.harmed} of {row.trials} "
                         f"trials; the limit is {limit} %")


def double_frees_are_told(result, levels):
    for level, rows in levels.items():
        row = rows.get("double free, at once", Row())
        result.check(level == 0 or row.trials and row.outcomes[0] == row.trials,
                     f"level {level}: double frees at once: {row.outcomes}")


def judge(result, levels, limit):
    sound_calls_do_no_harm(result, levels)
    harm_is_seen(result, levels[0])
    double_frees_are_told(result, levels)
    harm_is_within(result, levels[DEFAULT], limit)


# ---- the command -------------------------------------------------------------------------

def parse():
    arguments = argparse.ArgumentParser(prog="tests/run mistakes", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="fewer trials")
    arguments.add_argument("--trials", type=int, help="of each kind of mistake")
    arguments.add_argument("--seed", type=int, help="of the heaps, the mistakes and the calls")
    arguments.add_argument("--limit", type=float, default=LIMIT,
                           help="per cent of a kind's trials that may do harm at the default "
                           f"level, but for memory that was {AGAIN}")
    arguments.add_argument("--tree", type=Path, default=ROOT,
                           help="the tree whose lib/, include/ and arch/ are tried")
    arguments.add_argument("--jobs", type=int, default=2, help="levels at a time")
    wanted = arguments.parse_args()
    if not 0 < wanted.limit < 100:
        arguments.error("--limit is a share between 0 and 100 per cent")
    return wanted


def main():
    wanted = parse()
    if platform.machine() not in ("x86_64", "aarch64"):
        sys.exit("tests/run mistakes: the heap's address is made for 64-bit machines")
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    trials = wanted.trials or (QUICK_TRIALS if wanted.quick else TRIALS)
    print(f"seed {seed}", flush=True)
    result = Result()
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(wanted.jobs) as workers:
        runs = list(workers.map(lambda level: played(result, Path(name), wanted.tree.resolve(),
                                                     level, seed, trials), LEVELS))
        levels = {level: rows for level, (rows, _) in zip(LEVELS, runs)}
        if all(levels.values()):
            every_breakage_is_seen(result, runs[DEFAULT][1])
            judge(result, levels, wanted.limit)
            print_outcomes(levels)
            print_harms(levels[DEFAULT])
            print_worst(levels[DEFAULT])
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
