# SPDX-License-Identifier: BSD-3-Clause
"""Lists every step of tests/run and runs them, two at a time. A step is a function that is given
a Result to count in; tests/run --list prints their names."""

import argparse
import random
import re
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import bound_checks
import campaign_checks
import code_checks
import executed_checks
import fuzz_checks
import holes_checks
import image_checks
import program_checks
import proof_checks
import use_checks
from report import BUILD, ROOT, Result, run
from suites import build_and_test, build_library

SANITIZERS = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1"]
EMULATED = ["aarch64-linux", "armhf-linux", "s390x-linux", "i686-linux"]
BARE_METAL = ["cortex-m0", "cortex-m4", "cortex-m7", "riscv32-none", "riscv64-none",
              "aarch64-none"]
FEW = 500  # steps of each random stream where a build is slow, or one of many


def shapes():
    """Each layout with each granule, with each sl_bits and with each hardening, each granule with
    each sl_bits, and each value of these with and without the pending block. The other options go
    through their values out of step with these."""
    for number in range(15):
        yield {"block_layout": ("compact", "wide")[number % 2],
               "granule": (4, 8, 16, 32, 64)[number % 5],
               "sl_bits": (3, 4, 5)[number % 3],
               "hardening": number // 2 % 4,
               "look_ahead": 1 + (number + number // 4) % 4,
               "pending": ("false", "true")[(number + number // 2) % 2],
               "statistics": ("true", "false", "true")[number // 5],
               "bits": ("auto", "generic", ROOT / "tests/core/own_bits/bits_arch.h")[number % 7 % 3],
               "tag_debug": ("false", "true")[number // 7 % 2],
               "lock": ("none", "pthread", "none")[number // 4 % 3]}


def is_wide_4(shape):  # 32-bit machines only: pointers do not fit 4-byte granules elsewhere
    return shape["block_layout"] == "wide" and shape["granule"] == 4


def shape_step(shape, optimization=0, **more):
    name = "shape-{block_layout}-{granule}-{sl_bits}".format(**shape)
    options = [f"-D{option}={value}" for option, value in shape.items()]
    options += [f"-Doptimization={optimization}", "-Ddebug=false"]
    return name, partial(build_and_test, name=name, options=options, steps=FEW, suite="shape",
                         **more)


def emulated(result, target, seed):
    build_and_test(result, target, ["-Ddebug=false"], cross=[target], seed=seed, steps=FEW,
                   slower=10)


def emulated_riscv64(result, seed):
    folder = BUILD / "deps" / "riscv64"
    made = run(ROOT / "tools" / "cmocka_from_source", "riscv64-linux-gnu-gcc", folder)
    if not made.ok:
        result.fail("cmocka for riscv64", made.tail())
        return
    build_and_test(result, "riscv64-linux", ["-Ddebug=false"],
                   cross=["riscv64-linux", folder / "cross.ini"], seed=seed, steps=FEW, slower=10)


def bare_metal(result, target):
    folder = build_library(result, target, cross=[target])
    if folder:
        code_checks.needs_only_memory_functions(result, folder / "libfmemp.a")


def quick_steps(seed):
    # What only 32-bit machines compile.
    yield "i686-linux", partial(build_and_test, name="quick-i686", cross=["i686-linux"],
                                suite="shape", seed=seed, steps=FEW, slower=10)
    yield "gcc", partial(build_and_test, name="quick", cc="gcc", seed=seed)
    yield "headers", partial(use_checks.headers_stand_alone, compilers=["gcc -std=c11"])
    yield "link mismatch", use_checks.mismatch_does_not_link
    yield "example", image_checks.example_runs_on_host
    yield "hardening 2", partial(build_and_test, name="hardening-2", cc="gcc", suite="shape",
                                 options=["-Dhardening=2"], seed=seed)
    yield "hardening 3", partial(build_and_test, name="hardening-3", cc="gcc", suite="shape",
                                 options=["-Dhardening=3", "-Dblock_layout=wide", "-Dgranule=64",
                                          "-Dpending=false", "-Dlook_ahead=4"], seed=seed,
                                 steps=FEW)
    # Small granules, fast bit operations, nothing checked or counted: what depends on them.
    yield "hardening 0", partial(build_and_test, name="hardening-0", cc="gcc", suite="shape",
                                 options=["-Dhardening=0", "-Dgranule=4", "-Dsl_bits=3",
                                          "-Dstatistics=false", "-Dlook_ahead=2",
                                          "-Dbits=aarch64"], seed=seed, steps=FEW)
    yield "memory checkers", partial(campaign_checks.campaign_passes,
                                     command="memory_checkers/run",
                                     options=("--quick", "--only", "gcc, compact"))
    yield "exhaustive", partial(campaign_checks.campaign_passes, command="exhaustive/run")


def full_steps(seed):
    test = partial(partial, build_and_test, seed=seed)
    # The slowest first, so that the two jobs end together.
    yield "sanitizers gcc", test(name="sanitizers-gcc", cc="gcc", options=SANITIZERS, slower=4)
    yield "sanitizers clang", test(name="sanitizers-clang", cc="clang", options=SANITIZERS,
                                   slower=4)
    for target in EMULATED:
        yield target, partial(emulated, target=target, seed=seed)
    yield "riscv64-linux", partial(emulated_riscv64, seed=seed)
    yield "gcc", test(name="gcc", cc="gcc", benchmarks="enabled")
    yield "clang", test(name="clang", cc="clang", options=["-Ddebug=false"])
    yield "fuzz", fuzz_checks.corpus_and_a_few_seconds_pass
    for shape in shapes():
        if is_wide_4(shape):
            yield shape_step({**shape, "lock": "none"}, cross=["i686-linux"], optimization=1,
                             seed=seed, slower=10)
        else:
            yield shape_step(shape, cc="gcc", seed=seed)
    for target in BARE_METAL:
        yield target, partial(bare_metal, target=target)
    yield "programs", program_checks.programs_do_the_same
    yield "example", image_checks.example_runs_on_host
    yield "bare-metal examples", image_checks.examples_run_on_bare_metal
    yield "detection table", use_checks.readme_has_the_detection_table
    yield "option defaults", use_checks.meson_defaults_are_the_headers
    yield "without printing", code_checks.silent_library_needs_only_memory_functions
    yield "illegal options", code_checks.illegal_options_are_refused
    yield "direct compile", code_checks.compiles_without_build_system
    yield "coverage", partial(campaign_checks.campaign_passes, command="coverage/run")
    yield "mutants", partial(campaign_checks.campaign_passes, command="mutation/run", options=(
        "--sample", "14", "--seed", str(seed), "--shipped", "--jobs", "1"))
    yield "proofs", proof_checks.default_build_is_proved
    yield "static bound", bound_checks.requests_are_bounded
    yield "static bound controls", bound_checks.controls_are_found
    yield "static bound budget", bound_checks.budget_is_compared
    yield "static bound -g", bound_checks.debug_information_changes_no_code
    yield "static bound paths", bound_checks.paths_are_as_long_as_bounds
    yield "bit flips", partial(campaign_checks.campaign_passes, command="bitflips/run")
    yield "memory checkers", partial(campaign_checks.campaign_passes,
                                     command="memory_checkers/run",
                                     options=("--quick", "--only", "sanitizer, gcc|valgrind, clang"))
    yield "concurrency", partial(campaign_checks.campaign_passes, command="concurrency/run")
    yield "exhaustive", partial(campaign_checks.campaign_passes, command="exhaustive/run")
    yield "executed maximum", executed_checks.maxima_are_bounded_and_equal
    yield "executed max. controls", executed_checks.loop_over_blocks_is_found
    yield "executed max. clock", executed_checks.wrong_clock_is_found
    yield "holes", holes_checks.figures_are_those_of_this_state
    yield "holes controls", holes_checks.other_figures_are_found
    yield "link mismatch", use_checks.mismatch_does_not_link
    yield "prefix", use_checks.prefixes_live_side_by_side
    yield "headers", use_checks.headers_stand_alone
    yield "FMemp links", use_checks.fmemp_link_script_passes
    yield "own bits by -I", use_checks.own_bits_are_found_first
    yield "lock ports", use_checks.lock_ports_compile
    yield "subproject", use_checks.subproject_gives_dependency
    yield "install", use_checks.installed_library_is_found


def run_step(step):
    name, function = step
    result, begin = Result(), time.monotonic()
    try:
        function(result)
    except Exception:
        result.fail("the step itself stopped", traceback.format_exc())
    if not result.passed and not result.failures:
        result.fail("the step checked nothing")
    lines = [f"{name:24} {result.passed:5} passed, {len(result.failures)} failed"
             f"   {time.monotonic() - begin:6.1f} s"]
    if result.inapplicable_cases:
        lines[0] += f"   ({len(result.inapplicable_cases)} cases do not apply)"
    lines += ["    " + note for note in result.notes]
    lines += ["  FAILED " + failure.replace("\n", "\n    ") for failure in result.failures]
    print("\n".join(lines), flush=True)
    return result


def main():
    arguments = argparse.ArgumentParser(prog="tests/run")
    arguments.add_argument("--quick", action="store_true", help="a few builds and short campaigns")
    arguments.add_argument("--seed", type=int, help="of the random streams")
    arguments.add_argument("--jobs", type=int, default=2, help="steps at a time")
    arguments.add_argument("--only", default="", help="only steps whose name matches this")
    arguments.add_argument("--list", action="store_true", help="print the names of the steps")
    wanted = arguments.parse_args()
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    steps = [step for step in (quick_steps if wanted.quick else full_steps)(seed)
             if re.search(wanted.only, step[0])]
    if wanted.list:
        print("\n".join(name for name, _ in steps))
        return 0
    print(f"seed {seed} (tests/run --seed {seed} repeats the random streams)", flush=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(wanted.jobs) as workers:
        results = list(workers.map(run_step, steps))
    passed = sum(result.passed for result in results)
    failed = sum(len(result.failures) for result in results)
    if not wanted.quick and not wanted.only:
        untested = set().union(*(result.inapplicable_cases for result in results)) - \
            set().union(*(result.passed_cases for result in results))
        failed += len(untested)
        for case in sorted(untested):
            print(f"FAILED applies to none of the builds: {case}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
