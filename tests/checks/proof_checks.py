# SPDX-License-Identifier: BSD-3-Clause
"""The proofs of tests/campaigns/proofs, in their short form."""

import re

from report import ROOT, run

TOTALS = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


def default_build_is_proved(result):
    """Counts what tests/campaigns/proofs/run --quick counts."""
    done = run(ROOT / "tests/campaigns/proofs/run", "--quick", "--jobs", "1")
    totals = TOTALS.findall(done.output)
    if not totals or not done.ok:
        result.fail("tests/campaigns/proofs/run --quick", done.tail())
        return
    passed, failed = totals[-1]
    result.passed += int(passed)
    result.check(failed == "0", "tests/campaigns/proofs/run --quick counts no failure", done.tail())
