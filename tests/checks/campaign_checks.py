# SPDX-License-Identifier: BSD-3-Clause
"""The campaigns, commands of their own under tests/, in their short forms."""

import re

from report import ROOT, run

LAST_LINE = re.compile(r"(\d+) passed, (\d+) failed")


def campaign_passes(result, command, options=("--quick",)):
    """Runs tests/campaigns/<command> and takes over what its last line counts."""
    ran = run(ROOT / "tests" / "campaigns" / command, *options)
    counted = LAST_LINE.fullmatch(ran.output.splitlines()[-1])
    if result.check(ran.ok and counted and counted.group(2) == "0", f"tests/campaigns/{command}", ran.tail()):
        result.passed += int(counted.group(1))
