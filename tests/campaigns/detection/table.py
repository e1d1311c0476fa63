# SPDX-License-Identifier: BSD-3-Clause
"""Runs tests/core/test_detection.c at every hardening level and prints its rows as one table."""

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "checks"))
from report import Result, run  # noqa: E402
from suites import configure  # noqa: E402

LEVELS = (0, 1, 2, 3)
COUNTED = re.compile(r"([a-z][a-z ]*?) (\d+)")


def rows_of(result, level):
    """{mistake: (forms, {stage: forms}, {kind: forms})} of one level."""
    folder = configure(result, f"detection-{level}", [f"-Dhardening={level}"], cc="gcc")
    target = "tests/core/test_detection"
    if not folder or not run("ninja", "-C", folder, target).ok:
        result.fail(f"build of {target} at hardening {level}")
        return {}
    done = run(folder / target)
    if not done.ok:
        result.fail(f"{target} at hardening {level}", done.tail())
    rows = {}
    for line in done.output.splitlines():
        if line.startswith("detection | "):
            _, _, mistake, forms, found, told = [part.strip() for part in line.split("|")]
            rows[mistake] = (int(forms), counts(found), counts(told))
    return rows


def counts(text):
    return {name.strip(): int(number) for name, number in COUNTED.findall(text)}


def percent(part, whole):
    share = 100 * part / whole
    return f"{share:.0f} %" if 1 <= share <= 99 else f"{share:.1f} %"


def cell(forms, found, told):
    """When it is found and what the hook is told, with shares where forms differ."""
    kinds = ", ".join(kind for kind, _ in sorted(told.items(), key=lambda item: -item[1]))
    words = []
    for stage in ("call", "next call", "check", "no"):
        if stage in found:
            share = "" if found[stage] == forms else f" {percent(found[stage], forms)}"
            words.append(stage + share)
    return ", ".join(words) + (f": {kinds}" if kinds else "")


def table_of(result):
    levels = [rows_of(result, level) for level in LEVELS]
    lines = ["| mistake | forms | level 0 | level 1 | level 2 | level 3 |",
             "|---|---|---|---|---|---|"]
    for mistake, (forms, _, _) in levels[1].items():
        cells = [cell(*rows[mistake]) if mistake in rows else "?" for rows in levels]
        lines.append(f"| {mistake} | {forms} | " + " | ".join(cells) + " |")
        result.passed += 1
    return "\n".join(lines)


def main():
    argparse.ArgumentParser(prog="tests/run detection", description=__doc__).parse_args()
    result = Result()
    print(table_of(result))
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
