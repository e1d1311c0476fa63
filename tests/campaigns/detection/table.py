# SPDX-License-Identifier: BSD-3-Clause
"""Runs tests/core/test_detection.c at every hardening level, and prints as one table which call
reports each mistake at the earliest, and as what. How often another call comes first, and does
harm, is what tests/run mistakes counts."""

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "checks"))
from report import Result, run  # noqa: E402
from suites import configure  # noqa: E402

LEVELS = (0, 1, 2, 3)
STAGES = ("call", "next call", "check", "no")
COUNTED = re.compile(r"([a-z][a-z ]*?) (\d+)")
SHORTER = ((r" by \d+ bytes?", ""), (r"^\d+ bytes? before the block", "underrun"))


def counts(text):
    return Counter({name.strip(): int(number) for name, number in COUNTED.findall(text)})


def row_name(mistake):
    """The row for a mistake, one for all lengths of a write. None: the calls before the one that
    should report it are part of the mistake."""
    for pattern, replacement in SHORTER:
        mistake = re.sub(pattern, replacement, mistake)
    return None if mistake.endswith("first") else mistake


def rows_of(result, level):
    """{row: ({stage: forms}, {kind: forms})} of one level."""
    folder = configure(result, f"detection-{level}", [f"-Dhardening={level}"], cc="gcc")
    target = "tests/core/test_detection"
    if not folder or not run("ninja", "-C", folder, target).ok:
        result.fail(f"build of {target} at hardening {level}")
        return {}
    done = run(folder / target)
    result.check(done.ok, f"{target} at hardening {level}", done.tail())
    rows = {}
    for line in done.output.splitlines():
        if line.startswith("detection | "):
            _, _, mistake, _, found, told = [part.strip() for part in line.split("|")]
            stages, kinds = rows.setdefault(row_name(mistake), (Counter(), Counter()))
            stages.update(counts(found))
            kinds.update(counts(told))
    rows.pop(None, None)
    return rows


def cell(stages, kinds):
    """When it is found and what the hook is told; "or" where that depends on the form."""
    when = " or ".join(stage for stage in STAGES if stages[stage])
    return when + (": " if kinds else "") + ", ".join(kind for kind, _ in kinds.most_common())


def table_of(result):
    levels = [rows_of(result, level) for level in LEVELS]
    lines = ["| mistake | level 0 | level 1 | level 2 | level 3 |", "|---|---|---|---|---|"]
    for name in levels[1]:
        met = [rows for rows in levels if result.check(name in rows, f"a level lacks {name}")]
        lines.append(f"| {name} | " + " | ".join(cell(*rows[name]) for rows in met) + " |")
    return "\n".join(lines)


def main():
    argparse.ArgumentParser(prog="tests/run detection", description=__doc__).parse_args()
    result = Result()
    print(table_of(result))
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
