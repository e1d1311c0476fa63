# SPDX-License-Identifier: BSD-3-Clause
"""Runs real programs on the C library's malloc and on the preload, and compares the runs.
tests/run programs is the command."""

import argparse
import shutil
import signal
import sys
import time

import builds
import controls
from journal import read_journal
from loads import Inputs, loads
from report import BUILD, Result, run
from suites import CASE
from twice import differences, run_once, run_with_preload

FOLDER = BUILD / "programs"
HEADING = ("load", "program", "processes", "operations", "peak KiB", "checks", "checker",
           "output equal")
FORMAT = "{:12} {:18} {:>9} {:>12} {:>10} {:>7}  {:8} {}"


# ---- the contract of the calls -------------------------------------------------------------------

def count_cases(result, name, done):
    cases = CASE.findall(done.output)
    for outcome, skipped, case in cases:
        if skipped:
            result.note(f"{name}: {case}: skipped at this hardening")
        else:
            result.check(outcome == "ok", f"{name}: {case}", done.tail(20))
    result.check(done.ok and cases, f"{name} ended well", done.tail(20))


def contract_is_kept(result, preload, hardening):
    """The cases have to pass on the C library, which proves that they are right, and on the
    preload."""
    program = builds.build_program(result, FOLDER, "test_calls", "-lcmocka")
    if program:
        tap = {"CMOCKA_MESSAGE_OUTPUT": "TAP"}
        count_cases(result, "C library", run(program, "library", env=tap))
        count_cases(result, "preload", run(program, "preload", hardening,
                                           env={**tap, "LD_PRELOAD": str(preload)}))


# ---- programs ------------------------------------------------------------------------------------

def rows_of(load, processes, is_equal):
    """Yields a row for each program that the load names, and one for all others."""
    processes = [process for process in processes if not process.is_replaced]
    for program in [*load.programs, None]:
        group = [process for process in processes if process.program == program or
                 program is None and process.program not in load.programs]
        if group:
            is_sound = all(process.is_unchecked() or not process.complaint() for process in group)
            yield (load.name, program or "others", len(group),
                   sum(process.operations for process in group),
                   max(process.peak for process in group) // 1024,
                   sum(process.checks for process in group), "sound" if is_sound else "BROKEN",
                   "yes" if is_equal else "NO")


def check_processes(result, load, processes):
    """Each process has to end with a sound heap, and each program has to serve its operations."""
    complaints = [process.complaint() for process in processes
                  if process.complaint() and not process.is_unchecked()]
    result.check(processes and not complaints, f"{load.name}: each process ends with a sound heap",
                 "\n".join(complaints[:20]) or "no process wrote to the journal")
    unchecked = [process.program for process in processes if process.is_unchecked()]
    result.check(len(unchecked) == load.unchecked,
                 f"{load.name}: {load.unchecked} processes end without a check",
                 f"{len(unchecked)} do: {unchecked[:20]}")
    for program, least in load.programs.items():
        served = sum(process.operations for process in processes if process.program == program)
        result.check(served >= least, f"{load.name}: {program} is served {least} operations",
                     f"only {served}")


def run_load(result, load, preload):
    folder, journal = FOLDER / "work" / load.name, FOLDER / f"{load.name}.journal"
    plain = run_once(load.command, folder, {})
    result.check(plain.status == 0, f"{load.name} ends well on the C library",
                 plain.errors[-2000:] + plain.output[-2000:])
    other = run_with_preload(load.command, folder, preload, journal)
    found = differences(plain, other, load.variable)
    is_equal = result.check(not found, f"{load.name}: equal output, status and files",
                            "\n".join(found))
    processes = read_journal(journal)
    check_processes(result, load, processes)
    shutil.rmtree(folder, ignore_errors=True)
    return list(rows_of(load, processes, is_equal))


def chosen_loads(result, wanted, inputs):
    """The loads to run. A name that no load has is a failure."""
    chosen = list(loads(inputs, FOLDER, wanted.quick, wanted.seed))
    if not wanted.only:
        return chosen
    for name in sorted(set(wanted.only) - {load.name for load in chosen}):
        result.fail(f"no load is named {name}", " ".join(load.name for load in chosen))
    return [load for load in chosen if load.name in wanted.only]


def run_loads(result, wanted, preload, inputs):
    rows = []
    chosen = chosen_loads(result, wanted, inputs)
    for number, load in enumerate(chosen, 1):
        begin = time.monotonic()
        rows += run_load(result, load, preload)
        print(f"[{number}/{len(chosen)}] {load.name}, {time.monotonic() - begin:.1f} s", flush=True)
    return rows


# ---- the whole -----------------------------------------------------------------------------------

def print_table(rows):
    print()
    for row in [HEADING, *rows]:
        cells = [f"{cell:,}" if isinstance(cell, int) else cell for cell in row]
        print(FORMAT.format(*cells))
    print(f"\n{sum(row[3] for row in rows):,} operations")


def main():
    arguments = argparse.ArgumentParser(prog="tests/run programs")
    arguments.add_argument("--quick", action="store_true", help="a small slice of each program")
    arguments.add_argument("--hardening", type=int, default=2, help="level of the preload")
    arguments.add_argument("--seed", type=int, default=1, help="of the stress program")
    arguments.add_argument("--only", nargs="+", help="names of loads; skips all other checks")
    wanted = arguments.parse_args()
    # A background job of a shell ignores SIGINT, and so would the programs. Python's tests need it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    result = Result()
    for name in ("inputs", "work"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    (FOLDER / "inputs" / "sources").mkdir(parents=True)
    preload = builds.build_preload(result, FOLDER / "preload", wanted.hardening)
    built = builds.build_helpers(result, FOLDER)
    if preload and built:
        if not wanted.only:
            builds.exports_only_its_calls(result, preload)
            contract_is_kept(result, preload, wanted.hardening)
        inputs = Inputs(result, FOLDER / "inputs", wanted.quick)
        rows = run_loads(result, wanted, preload, inputs)
        if not wanted.only:
            controls.all_are_noticed(result, FOLDER, preload, wanted.hardening, wanted.quick)
        print_table(rows)
    for note in result.notes:
        print("note: " + note)
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
