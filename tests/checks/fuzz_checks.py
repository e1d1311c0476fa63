# SPDX-License-Identifier: BSD-3-Clause
"""The short form of the fuzz campaign."""

import re

from report import ROOT, run


def corpus_and_a_few_seconds_pass(result):
    done = run(ROOT / "tests" / "campaigns" / "fuzz" / "run", "--quick", "--engine", "libfuzzer")
    counted = re.search(r"^(\d+) passed, (\d+) failed$", done.output, re.MULTILINE)
    if not counted or not done.ok:
        result.fail("tests/campaigns/fuzz/run --quick", done.tail())
        return
    result.passed += int(counted[1])
    result.note(done.tail(2).splitlines()[0])
