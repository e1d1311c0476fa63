# SPDX-License-Identifier: BSD-3-Clause
"""The campaigns: commands of their own that try more than a test run has time for."""

import re
import runpy
import sys
from dataclasses import dataclass

from report import ROOT, run
from sampling import half

TESTS = ROOT / "tests"
TOTALS = re.compile(r"(\d+) passed, (\d+) failed")
NOTHING = "sample of nothing|no (load|library) is named|^0 passed, "


@dataclass(frozen=True)
class Campaign:
    module: str          # Python file below tests/, with a main of its own
    tries: str
    takes: str           # on two cores of x86-64
    options: str         # all that its --help names
    packages: str        # for tools/install
    quick_packages: str = ""  # for --quick and --help, where these need fewer

    def packages_for(self, options):
        is_short = "--quick" in options or "--help" in options
        return is_short and self.quick_packages or self.packages

    def run(self, options):
        """Runs the module as a program, which finds its own folder's modules and those of checks/.
        Does not return."""
        module = TESTS / self.module
        sys.argv = [str(module), *options]
        sys.path.insert(0, str(module.parent))
        runpy.run_path(str(module), run_name="__main__")


CAMPAIGNS = {
    "bitflips": Campaign(
        "campaigns/bitflips/bitflips.py",
        "flips each bit of all metadata of a heap, and makes every call on it",
        "18 min", "--quick --stride N --seed N --jobs N", "build mutation"),
    "concurrency": Campaign(
        "campaigns/concurrency/concurrency.py",
        "shares FMemp among threads, and interrupts each of its functions at every instruction",
        "29 min", "--quick", "build concurrency"),
    "coverage": Campaign(
        "campaigns/coverage/coverage.py",
        "measures every branch of lib/ both ways, and the effect of every condition (MC/DC)",
        "3 min", "--quick --only REGEX", "build libcmocka-dev coverage"),
    "detection": Campaign(
        "campaigns/detection/table.py",
        "makes each kind of mistake at each hardening level, and prints what is found",
        "1 min", "", "build libcmocka-dev"),
    "exhaustive": Campaign(
        "campaigns/exhaustive/exhaustive.py",
        "runs every sequence of operations on tiny heaps, and checks each step",
        "7 min", "--quick --only REGEX --jobs N", "exhaustive", "gcc libc6-dev"),
    "fuzz": Campaign(
        "campaigns/fuzz/campaign.py",
        "fuzzes the core, FMemp, and a core whose metadata is overwritten",
        "20 min", "--quick --target NAME --engine NAME --seconds N --operations N --jobs N --merge "
        "--seed N", "build fuzz"),
    "inspect": Campaign(
        "campaigns/inspector/inspection.py",
        "reads a heap by all routes of tools/heap, and damages heaps that it must explain",
        "3 min", "--quick --seed N", "build test inspect"),
    "interrupts": Campaign(
        "campaigns/interrupts/interrupts.py",
        "interrupts each heap and lock for interrupts at random instructions, 10^6 times",
        "40 min", "--quick --only REGEX --seed N", "build test"),
    "lint": Campaign(
        "checks/lint.py",
        "looks at every C and C++ file with clang-format, clang-tidy and cppcheck",
        "4 min", "--quick --misra --update", "build bound lint middleware"),
    "memory_checkers": Campaign(
        "campaigns/memory_checkers/memory_checkers.py",
        "asks address sanitizer and valgrind about each byte of a heap",
        "54 min", "--quick --only REGEX --seed N --jobs N", "build memory_checkers"),
    "middleware": Campaign(
        "campaigns/middleware/middleware.py",
        "runs libraries of firmware in one pool each, with every request made to fail",
        "5 min", "--quick --only REGEX --seed N", "middleware"),
    "mistakes": Campaign(
        "campaigns/mistakes/mistakes.py",
        "plays mistakes of programs in heaps as programs have them, and counts what does harm",
        "2 min", "--quick --trials N --seed N --limit PERCENT --tree FOLDER --jobs N",
        "gcc libc6-dev"),
    "mutation": Campaign(
        "campaigns/mutation/mutation.py",
        "puts small mistakes into lib/ and arch/, one at a time, and counts what the suites notice",
        "45 min", "--sample N --seed N --shipped --file REGEX --function REGEX --jobs N --list",
        "build libcmocka-dev mutation"),
    "programs": Campaign(
        "campaigns/programs/programs.py",
        "runs real programs on a malloc made of the core, and compares what they do",
        "6 min", "--quick --hardening N --seed N --only LOAD...",
        "build libcmocka-dev mutation programs"),
    "proofs": Campaign(
        "campaigns/proofs/proofs.py",
        "proves properties of the core for all values, and refutes mistakes put in on purpose",
        "60 min", "--quick --only REGEX --jobs N", "build mutation proofs verifier",
        "build mutation proofs"),
    "view": Campaign(
        "campaigns/view/view.py",
        "looks at pages of heap view as a person does, in a browser, and measures redraws",
        "4 min", "--quick --redraws --seed N", "build view"),
}


# ---- steps of tests/run ------------------------------------------------------------------


def passes(result, name, options):
    """Runs a campaign as one step, and adds its counts and failures."""
    ran = run(TESTS / "run", name, *options)
    lines = ran.output.splitlines()
    counted = TOTALS.fullmatch(lines[-1])
    if not counted or ran.ok != (counted[2] == "0") or counted[0] == "0 passed, 0 failed":
        result.fail(f"tests/run {name}", ran.tail(60))
        return
    result.passed += int(counted[1])
    for failure in re.findall(r"^FAILED (.*(?:\n    .*)*)", ran.output, re.MULTILINE):
        result.fail(failure)
    if not ran.ok and not result.failures:
        result.fail(f"tests/run {name}", ran.tail(60))


def choice_of_nothing_fails(result, seed=None):
    """A campaign that is told to run nothing has not passed, and says so."""
    choices = [(name, "--quick", "--only", "none") for name, campaign in CAMPAIGNS.items()
               if "--only" in campaign.options]
    for name, *options in half(result, [*choices, ("mutation", "--sample", "0")], seed):
        ran = run(TESTS / "run", name, *options)
        result.check(not ran.ok and re.search(NOTHING, ran.output, re.MULTILINE),
                     f"tests/run {name} {' '.join(options)} fails", ran.tail())


def list_is_true(result):
    """Each campaign has the options that --list prints, and no others."""
    for name, campaign in CAMPAIGNS.items():
        shown = run(TESTS / "run", name, "--help")
        options = set(re.findall(r"\[(--[\w-]+)", shown.output))
        result.check(shown.ok and f"usage: tests/run {name}" in shown.output,
                     f"tests/run {name} --help", shown.tail())
        result.check(options == set(re.findall(r"--[\w-]+", campaign.options)),
                     f"options of {name} are {', '.join(sorted(options))}")


def bugs_of_campaigns_exist(result):
    import bugs  # needs python3-clang, which the quick form and --list do without

    bugs.bugs_of_campaigns_exist(result)


def steps_are_named_without_packages(result):
    """The quick form and --list name the steps before anything but Python is installed."""
    named = run("/usr/bin/python3", "-I", "-S", "-c",
                f"import sys; sys.path.insert(0, {str(TESTS / 'checks')!r}); import steps")
    result.check(named.ok, "tests/run --list without packages", named.output)
