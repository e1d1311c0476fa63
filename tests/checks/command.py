# SPDX-License-Identifier: BSD-3-Clause
"""tests/run: runs the steps of a test run, two at a time, or hands over to a campaign."""

import argparse
import os
import random
import re
import subprocess
import sys
import textwrap
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from campaigns import CAMPAIGNS
from report import BUILD, ROOT, Result
from sampling import OneOf, chosen_steps

QUICK_PACKAGES = "build quick"
TARGET_PACKAGES = "build target"
PACKAGES = "build test bound executed holes coverage inspect mutation proofs programs middleware " \
    "lint fuzz memory_checkers concurrency view"  # at once: each look at the archive takes seconds
LIST = """\
Tests: tests/run [--quick|--whole] [--only REGEX] [--seed N] [--jobs N]

  The steps of tests/run --quick (1 min on two cores):
{quick}

  The steps of tests/run (13 min on two cores):
{full}

  Of each of these lines the seed chooses one part between bars; tests/run --whole takes all:
{sampled}

  The seed also chooses the levels of optimisation of "link-time optimisation". Each step says what
  it samples.

  A shape's name has its layout, granule and sl_bits. What else is not the default:
{shapes}

Suites of one build: meson test -C BUILD [--suite NAME]

    core, fmemp_api, model, bench   by subject
    shape, any                      tests that depend on the options of the build, and others

Your own compiler and processor: tests/run --target 'CC=... FLAGS=... RUN=...' [--only REGEX]

Campaigns: tests/run NAME [OPTIONS]; --help explains the options
"""


def folded(text):
    return textwrap.fill(text, 96, initial_indent="    ", subsequent_indent="    ",
                         break_on_hyphens=False)


def print_list():
    from steps import full_steps, options_beside_name, quick_steps, shape_name, shapes
    full, shown = list(full_steps(1)), {}
    shown["quick"] = folded(", ".join(name for name, _ in quick_steps(1)))
    shown["full"] = folded(", ".join(step[0] for step in full if not isinstance(step, OneOf)))
    shown["sampled"] = "\n".join(folded(str(some)) for some in full if isinstance(some, OneOf))
    shown["shapes"] = "\n".join(f"    {shape_name(shape):22}{' '.join(options_beside_name(shape))}"
                                for shape in shapes())
    print(LIST.format(**shown))
    for name, campaign in CAMPAIGNS.items():
        print(f"  {name:16} {campaign.tries}; {campaign.takes}")
        if campaign.options:
            print(f"  {'':16} {campaign.options}")


def cpu_seconds():
    """What this process and the commands that it waited for have used."""
    return sum(os.times()[:4])


def run_step(step):
    name, function = step
    result, begin, used = Result(name), time.monotonic(), cpu_seconds()
    try:
        function(result)
    except Exception:
        result.fail("the step itself stopped", traceback.format_exc())
    if not result.passed and not result.failures:
        result.fail("the step checked nothing")
    lines = [f"{name:24} {result.passed:5} passed, {len(result.failures)} failed"
             f"   {time.monotonic() - begin:6.1f} s, CPU {cpu_seconds() - used:6.1f} s"]
    if result.inapplicable_cases:
        lines[0] += f"   ({len(result.inapplicable_cases)} cases do not apply)"
    lines += ["    " + note for note in result.notes]
    lines += ["  FAILED " + failure.replace("\n", "\n    ") for failure in result.failures]
    print("\n".join(lines), flush=True)
    return result


def run_steps(wanted):
    from steps import full_steps, quick_steps
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    whole = bool(wanted.whole or wanted.only)
    entries = quick_steps(seed) if wanted.quick else full_steps(seed, whole)
    steps = [step for step in chosen_steps(entries, seed, whole)
             if re.search(wanted.only, step[0])]
    print(f"seed {seed} (tests/run --seed {seed} repeats the random streams and samples)",
          flush=True)
    begin = time.monotonic()
    BUILD.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(wanted.jobs) as workers:  # a step has its process's CPU seconds
        results = list(workers.map(run_step, steps))
    passed = sum(result.passed for result in results)
    failed = sum(len(result.failures) for result in results)
    if not wanted.quick and not wanted.only:
        untested = set().union(*(result.inapplicable_cases for result in results)) - \
            set().union(*(result.passed_cases for result in results))
        failed += len(untested)
        for case in sorted(untested):
            print(f"FAILED applies to none of the builds of this seed: {case}")
    print(f"{len(steps)} steps, {time.monotonic() - begin:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def install(packages):
    return subprocess.run([ROOT / "tools" / "install", *packages.split()],
                          stdout=sys.stderr).returncode


def main():
    arguments = argparse.ArgumentParser(prog="tests/run", usage="""tests/run [OPTIONS]
       tests/run CAMPAIGN [OPTIONS]""", epilog="tests/run --list names all campaigns.")
    extent = arguments.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="a few builds and short campaigns")
    extent.add_argument("--whole", action="store_true", help="all that the seed chooses from")
    arguments.add_argument("--only", default="", metavar="REGEX", help="steps whose name matches, "
                           "chosen by the seed or not")
    arguments.add_argument("--seed", type=int, help="of the random streams")
    arguments.add_argument("--jobs", type=int, default=2, help="steps at a time")
    arguments.add_argument("--target", metavar="'CC=... FLAGS=... RUN=...'", help="only the checks "
                           "that your own compiler and processor can do; RUN runs an image")
    arguments.add_argument("--list", action="store_true", help="name all steps and campaigns")
    name, options = sys.argv[1] if sys.argv[1:] else "", sys.argv[2:]
    if name in CAMPAIGNS:
        campaign = CAMPAIGNS[name]
        return install(campaign.packages_for(options)) or campaign.run(options)
    wanted = arguments.parse_args()
    if wanted.target is not None:
        import own_target
        return install(TARGET_PACKAGES) or own_target.main(wanted.target, wanted.only)
    if wanted.list:
        print_list()
        return 0
    return install(QUICK_PACKAGES if wanted.quick else PACKAGES) or run_steps(wanted)


if __name__ == "__main__":
    sys.exit(main())
