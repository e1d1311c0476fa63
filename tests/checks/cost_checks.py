# SPDX-License-Identifier: BSD-3-Clause
"""The committed figures of bench/cost; and that it finds others."""

import json
import re
import sys
from copy import deepcopy

from report import ROOT, run

sys.path.insert(0, str(ROOT / "bench" / "worst_case" / "cost"))
import cost  # noqa: E402


def figures_are_those_of_this_state(result):
    ran = run(ROOT / "bench" / "cost")
    result.check(ran.ok, "bench/cost", ran.tail())
    if "not comparable" in ran.output:
        result.note(ran.output.splitlines()[-1])
    rows = re.findall(r"^\|.*\|$", ran.output, re.MULTILINE)
    result.check(len(rows) == 4 and len({row.count("|") for row in rows}) == 1,
                 "a table with a row for each optimisation", "\n".join(rows))


def other_figures_are_found(result):
    """A figure changed by one, in each of three parts of the file, and a missing one."""
    figures = json.loads(cost.FILE.read_text())
    changed = deepcopy(figures)
    changed["flash"]["-Os"]["FMemp without printing"] += 1
    changed["kept"]["FMempInit"]["32768"] -= 1
    changed["bounds"]["-O2"]["FMempFree"]["while_locked"] += 1
    del changed["block"]["overhead"]
    found = [text.split(":")[0] for text in cost.differences(changed, figures)]
    result.check(found == ["flash -Os FMemp without printing", "kept FMempInit 32768",
                           "block overhead", "bounds -O2 FMempFree while_locked"],
                 "changed figures are found", ", ".join(found))
    result.check(cost.differences(figures, figures) == [], "the same figures")
