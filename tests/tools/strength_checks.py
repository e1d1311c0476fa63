# SPDX-License-Identifier: BSD-3-Clause
"""How strong the suites are: coverage of the library that ships."""

import re

from report import ROOT, run


def count_checks(result, *command):
    """Runs a command that ends with the line "N passed, N failed", and counts these."""
    done = run(*command)
    totals = re.search(r"^(\d+) passed, (\d+) failed$", done.output, re.MULTILINE)
    if done.ok and totals:
        result.passed += int(totals[1])
        result.note(done.output.splitlines()[-2])
    else:
        result.fail(command[0].name, done.tail())


def library_that_ships_is_covered(result):
    count_checks(result, ROOT / "tests" / "coverage" / "run", "--quick")
