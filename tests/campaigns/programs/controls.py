# SPDX-License-Identifier: BSD-3-Clause
"""Controls: mistakes of programs, mistakes in the core, and loads that fail must be noticed."""

import re

import builds
from bugs import Bug, mutated_tree
from journal import read_journal
from loads import LOADS
from mutants import name_of
from twice import differences, run_once, run_with_preload

# Mistake: the fault that is reported at the call (None: the check at the end finds it), and the
# lowest hardening level that reports it.
PROGRAM_MISTAKES = {
    "double-free": ("double free", 1),
    "double-free-after-neighbour": ("double free", 1),
    "double-realloc": ("double free", 1),
    "interior-pointer": ("not a block", 1),
    "misaligned-pointer": ("misaligned pointer", 1),
    "foreign-pointer": ("not a block", 1),
    "overrun": ("neighbour disagrees|overrun", 1),
    "write-after-free": ("corruption", 2),
    "write-after-free-at-end": (None, 0),
}

# Mistakes in the core.
CORE_MISTAKES = [
    ("a flag is not cleared", Bug("block_mark_previous_used", "assignment dropped")),
    ("a flag is not set", Bug("block_mark_previous_free", "assignment dropped")),
    ("a bit of the first level is left set",
     Bug("list_unmark", "assignment dropped in statement 2")),
    ("a wrong class", Bug("class_of_small", "one more in result 1")),
    ("a rest is too large", Bug("block_trim", "right of - dropped in declaration 2")),
    ("statistics forget a block", Bug("statistics_freed", "assignment dropped")),
]


def all_are_noticed(result, folder, preload, hardening, quick):
    mistakes_of_programs_are_reported(result, folder, preload, hardening)
    mistakes_of_the_core_are_noticed(result, folder, hardening, quick)
    harness_sees_what_is_wrong(result, folder, preload)


def mistakes_of_programs_are_reported(result, folder, preload, hardening):
    """Each mistake runs in a process of its own. A program without a mistake is not reported."""
    program, journal = folder / "mistakes", folder / "mistakes.journal"
    clean = run_with_preload([program, "none"], folder / "work" / "mistakes", preload, journal)
    complaints = [process.complaint() for process in read_journal(journal)]
    result.check(clean.status == 0 and not clean.errors and complaints == [None],
                 "a program without a mistake is not reported", clean.errors)
    for name, (fault, level) in PROGRAM_MISTAKES.items():
        if hardening < level:
            result.note(f"{name} is reported from hardening {level} on")
            continue
        mistaken = run_with_preload([program, name], folder / "work" / "mistakes", preload, journal)
        processes = read_journal(journal)
        result.check(len(processes) == 1 and is_reported(mistaken, processes[0], fault),
                     f"{name} is reported", f"status {mistaken.status}\n{mistaken.errors}")


def is_reported(outcome, process, fault):
    if fault is None:
        return process.fault or (process.verdict and process.verdict != "sound")
    said = re.match(f"fmemp: ({fault}): block 0x", outcome.errors)
    return said and outcome.status != 0 and process.fault and said[1] in process.fault


def mistakes_of_the_core_are_noticed(result, folder, hardening, quick):
    """A fault, a check, or the output of the program shows each mistake."""
    command = [LOADS / "sqlite", 200]
    work, journal = folder / "work" / "control", folder / "control.journal"
    plain = run_once(command, work, {})
    for what, bug in CORE_MISTAKES[::2 if quick else 1]:
        with mutated_tree(bug.mutants[0]) as root:
            preload = builds.build_preload(result, folder / "control", hardening, root / "lib",
                                           "-O0")
        if preload:
            other = run_with_preload(command, work, preload, journal)
            complaints = [process for process in read_journal(journal) if process.complaint()]
            result.check(complaints or differences(plain, other),
                         f"noticed: {what}, {name_of(bug.mutants[0])}")


def harness_sees_what_is_wrong(result, folder, preload):
    """The harness finds different output, a program without the preload, and one that ends
    unchecked."""
    work, journal = folder / "work" / "control", folder / "control.journal"

    def outcome_of(script):
        other = run_with_preload(["sh", "-c", script], work, preload, journal)
        return other, read_journal(journal)

    plain = run_once(["sh", "-c", "echo no; echo file >file"], work, {})
    for script in ("echo yes; echo file >file", "echo no; echo else >file", "echo no",
                   "echo no; echo file >file; exit 1", "echo no; echo file >file; echo >&2"):
        result.check(differences(plain, outcome_of(script)[0]), f"seen as different: {script}")
    same, processes = outcome_of("echo no; echo file >file")
    result.check(not differences(plain, same) and processes, "seen as equal: the same command")
    result.check(not outcome_of("unset LD_PRELOAD; exec true")[1][1:], "seen as not reached: true")
    forked = outcome_of("(exit 0); true")[1]
    result.check([(process.is_fork, process.complaint()) for process in forked] ==
                 [(False, None), (True, None)], "seen as a child of a fork: a subshell")
    killed = outcome_of("sh -c 'kill -9 $$'; true")[1]
    result.check(any("without a check" in (process.complaint() or "") for process in killed),
                 "seen as unchecked: a killed process")
