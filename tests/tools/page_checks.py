# SPDX-License-Identifier: BSD-3-Clause
"""The report's page, made from sample results and looked at in a browser."""

from report import ROOT, run


def report_page_passes(result):
    """Counts each case of bench/tests/test_report."""
    done = run(ROOT / "bench/tests/test_report")
    cases = [line for line in done.output.splitlines() if line.startswith(("ok ", "not ok "))]
    for case in cases:
        result.check(case.startswith("ok "), case.split(" ", 1)[1], done.tail(60))
    if not cases or done.ok != all(case.startswith("ok ") for case in cases):
        result.fail("bench/tests/test_report", done.tail())
