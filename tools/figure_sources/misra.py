# SPDX-License-Identifier: BSD-3-Clause
"""The findings of cppcheck's MISRA addon, as tests/checks/misra_findings.txt has them."""

from collections import Counter
from pathlib import Path

from .figure import FigureError, table_of

FINDINGS = Path(__file__).resolve().parents[2] / "tests" / "checks" / "misra_findings.txt"
PARTS = ("lib/core", "lib/fmemp", "lib/bounded", "lib/selftest", "include")


def counts():
    """{(rule, part): findings}"""
    found = Counter()
    for line in FINDINGS.read_text().splitlines():
        if line and not line.startswith("#"):
            rule, file, count = line.split()
            part = next(part for part in PARTS if file.startswith(part + "/"))
            found[rule, part] += int(count)
    return found


def figure(name):
    raise FigureError("the MISRA findings have no single figures")


def table(name):
    if name != "misra":
        raise FigureError("no such table")
    found = counts()
    rules = sorted({rule for rule, _ in found}, key=lambda rule: tuple(map(int, rule.split("."))))
    rows = [[rule, *(found[rule, part] or "-" for part in PARTS),
             sum(found[rule, part] for part in PARTS)] for rule in rules]
    sums = [sum(found[rule, part] for rule in rules) for part in PARTS]
    rows.append(["all", *sums, f"{sum(sums):,}"])
    return table_of(["rule", *(f"`{part}`" for part in PARTS), "all"], rows)


def listed():
    yield "table", "misra", "findings of cppcheck's MISRA addon, by rule and part"
