# SPDX-License-Identifier: BSD-3-Clause
"""The findings of cppcheck's MISRA addon, as tests/checks/misra_findings.txt has them; and every
guideline with its state, which follows from tests/checks/misra_guidelines.txt and the records of
docs/misra.md."""

import re
from collections import Counter
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = ROOT / "tests" / "checks" / "misra_findings.txt"
GUIDELINES = ROOT / "tests" / "checks" / "misra_guidelines.txt"
RECORDS = ROOT / "docs" / "misra.md"
RECORD = re.compile(r"^\| ((?:Dir |Rules? )?\d+\.\d+(?:, \d+\.\d+)*) \| "
                    r"(mandatory|required|advisory) \|(.*)\|$", re.M)
CATEGORIES = {"m": "mandatory", "r": "required", "a": "advisory"}
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


def guidelines():
    """(name, category, how it is enforced) of each guideline, in the order of the list."""
    for line in GUIDELINES.read_text().splitlines():
        if line and not line.startswith("#"):
            category, how, *names = line.split()
            for name in names:
                yield name, CATEGORIES[category], how


def records_text():
    """What stands before the summary, whose rows look like records."""
    return RECORDS.read_text(encoding="utf-8").partition("\n## Compliance summary")[0]


def records():
    """{name of a guideline: (category, the record's text)}"""
    found = {}
    for names, category, text in RECORD.findall(records_text()):
        letter = "D" if names.startswith("Dir") else ""
        for name in re.findall(r"\d+\.\d+", names):
            found[letter + name] = category, text
    return found


def state_of(name, how, answered):
    if name in answered:
        return "compliant: false positives" if "false positive" in answered[name][1] else \
            "deviation"
    return {"none": "not examined", "read": "compliant"}.get(how, "no violation found")


def by_number(guideline):
    name = guideline[0]
    return not name.startswith("D"), tuple(map(int, name.lstrip("D").split(".")))


def summary():
    answered = records()
    rows = [[name.replace("D", "Dir "), category, how if how != "none" else "-",
             state_of(name, how, answered)]
            for name, category, how in sorted(guidelines(), key=by_number)]
    return table_of(["guideline", "category", "enforced by", "state"], rows, left=4)


def figure(name):
    raise FigureError("the MISRA findings have no single figures")


def table(name):
    if name == "misra.summary":
        return summary()
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
    yield "table", "misra.summary", "every guideline of MISRA C:2012, with its state"
    yield "table", "misra", "findings of cppcheck's MISRA addon, by rule and part"
