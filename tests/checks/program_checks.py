# SPDX-License-Identifier: BSD-3-Clause
"""Real programs on a malloc made of the core, a small slice of each."""

import re

from report import ROOT, run


def programs_do_the_same(result):
    """Counts the checks of tests/campaigns/programs/run --quick."""
    done = run(ROOT / "tests/campaigns/programs/run", "--quick")
    totals = re.search(r"^(\d+) passed, (\d+) failed$", done.output, re.MULTILINE)
    if not totals or done.ok != (totals[2] == "0"):
        result.fail("tests/campaigns/programs/run --quick", done.tail(60))
        return
    result.passed += int(totals[1])
    for failure in re.findall(r"^FAILED (.*(?:\n    .*)*)", done.output, re.MULTILINE):
        result.fail(failure)
