# SPDX-License-Identifier: BSD-3-Clause
"""MISRA C:2012 in lib/ and include/, as cppcheck's addon sees it. Each rule with a finding has a
record in docs/misra.md, and no file has more findings of a rule than misra_findings.txt says."""

import re
import sys
from collections import Counter, defaultdict
from tempfile import TemporaryDirectory

from report import ROOT, run

sys.path.insert(0, str(ROOT / "tools"))

from figure_sources import misra as summary  # noqa: E402

FINDINGS = ROOT / "tests" / "checks" / "misra_findings.txt"
GUIDELINES = 175  # of MISRA C:2012: 143 rules and 16 directives; Amendments 1 and 2 add 16
HEAD = """\
# SPDX-License-Identifier: BSD-3-Clause
# The findings of cppcheck's MISRA addon in lib/ and include/: rule, file, places. docs/misra.md has
# a record for each rule. `tests/run lint --misra --update` writes this file anew.
"""
RECORD = re.compile(r"^\| (\d+\.\d+) \| (?:mandatory|required|advisory) \|", re.M)
FOUND = re.compile(r"^((?:lib|include)/\S+?):(\d+):(\d+):misra-c2012-(\d+\.\d+)$", re.M)
# What the compiler would define: cppcheck looks at one configuration where one is given.
CPPCHECK = ["cppcheck", "--quiet", "--addon=misra", "--enable=style", "--std=c11", "-j2",
            "--template={file}:{line}:{column}:{id}", "-Iinclude", "-Iarch/x86", "-D__x86_64__",
            "-D__GNUC__=12", "-D__STDC_VERSION__=201112L"]
CONFIGURATIONS = {
    "default": [],
    "most": ["-DTLSF_HARDENING=3", "-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_ASSERTIONS=1",
             "-DFMEMP_LOCK=1", "-DFMEMP_TAG_DEBUG=1", "-DFMEMP_CALL_SITES=1",
             "-DTLSF_TYPED_HANDLES=1"]}


def by_number(rule):
    return tuple(map(int, rule.split(".")))


def found_places(result, paths=("lib",)):
    """{(rule, file): {(line, column)}} of all configurations together."""
    places = defaultdict(set)
    for name, options in CONFIGURATIONS.items():
        with TemporaryDirectory() as folder:  # results kept from before have old line numbers
            done = run(*CPPCHECK, f"--cppcheck-build-dir={folder}", *options, *paths)
        found = FOUND.findall(done.output)
        result.check(done.ok and found and "Traceback" not in done.output,
                     f"cppcheck's MISRA addon, {name}", done.tail())
        for file, line, column, rule in found:
            places[rule, file].add((int(line), int(column)))
    return dict(places)


def recorded_counts(text):
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {(rule, file): int(count) for rule, file, count in lines}


def counts_text(places):
    return HEAD + "".join(f"{rule} {file} {len(found)}\n" for (rule, file), found in
                          sorted(places.items(), key=lambda item: (by_number(item[0][0]),
                                                                   item[0][1])))


def more_than_recorded(places, counts):
    """{rule: texts} of files that have more findings of a rule than recorded."""
    more = defaultdict(list)
    for (rule, file), found in sorted(places.items()):
        known = counts.get((rule, file), 0)
        if len(found) > known:
            where = ", ".join(f"{line}:{column}" for line, column in sorted(found))
            more[rule].append(f"{file}: {len(found)} instead of {known}, at {where}")
    return dict(more)


def compare(result, places, counts, records):
    """Counts a check for each rule that is found or recorded."""
    more = more_than_recorded(places, counts)
    rules = {rule for rule, _ in places}
    for rule in sorted(rules | records, key=by_number):
        result.check(rule in records, f"MISRA rule {rule} has no record in docs/misra.md")
        result.check(rule in rules, f"MISRA rule {rule}: a record without a finding")
        result.check(rule not in more, f"MISRA rule {rule}: new findings. Mend them, or accept "
                     "them by `tests/run lint --misra --update`", "\n".join(more.get(rule, ())))
    fewer = Counter({key: counts[key] - len(places.get(key, ())) for key in counts})
    if any(value > 0 for value in fewer.values()):
        print(f"MISRA: {sum(value for value in fewer.values() if value > 0)} findings fewer than "
              "recorded (tests/run lint --misra --update)")


def records_in(text):
    return set(RECORD.findall(text))


def guidelines_are_listed(result):
    """Each guideline once, with the category that its record has."""
    listed = [(name, category) for name, category, _ in summary.guidelines()]
    result.check(len(dict(listed)) == len(listed) == GUIDELINES,
                 f"misra_guidelines.txt has {len(listed)} guidelines, not {GUIDELINES}")
    for name, (category, _) in summary.records().items():
        result.check(dict(listed).get(name) == category,
                     f"MISRA {name}: {category} in its record, {dict(listed).get(name)} listed")


def check(result, update=False):
    guidelines_are_listed(result)
    places = found_places(result)
    if update:
        FINDINGS.write_text(counts_text(places))
    compare(result, places, recorded_counts(FINDINGS.read_text()),
            records_in(summary.records_text()))
