# SPDX-License-Identifier: BSD-3-Clause
"""What verifies each promise.

A test case says it in a comment in front of it, "Verifies T1, T2.", or the comment at the head of
its file says it for each case. tests/requirements/evidence.txt says it for steps of tests/run, for
campaigns, proofs and budgets, and has what was verified by analysis or by inspection. What verifies
no promise says what it is for."""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .promises import PromiseError, ROOT, entries

KINDS = ("step", "campaign", "proof", "budget", "analysis", "inspection")
SUITES = ("core", "bounded", "fmemp", "model", "trace")
BUDGET = "bench/worst_case/budget.txt"
CASE = re.compile(r"((?:^/\*(?:(?!\*/)[\s\S])*\*/\n)*)^static void (\w+)\(void \*\*\w+\) \{",
                  re.MULTILINE)
NAMES = r"((?:[A-Z]\d+(?:, |\.| unless)?\s*)+)"
OF_A_CASE = re.compile(rf"\bVerifies {NAMES}")
OF_EACH_CASE = re.compile(rf"\bEach case verifies {NAMES}")
OF_NO_CASE = re.compile(r"\bNo case verifies a promise: ([^.]+)\.")
HEAD = re.compile(r"/\*\n(?:(?!\*/)[\s\S])*\*/")


@dataclass
class Evidence:
    kind: str  # "case", or one of KINDS
    name: str
    where: str
    names: list = field(default_factory=list)
    purpose: str = ""  # of what verifies no promise; or what an analysis is


# ---- test cases --------------------------------------------------------------------------

def words_of(comment):
    return " ".join(re.sub(r"^\s*/?\*+/?", "", comment, flags=re.MULTILINE).split())


def cases(root=ROOT):
    for folder in SUITES:
        for path in sorted((root / "tests" / folder).glob("test_*.c")):
            yield from cases_of(path, root)


def cases_of(path, root=ROOT):
    """The cases that name what they verify, or verify nothing; and all others as one."""
    text, file = path.read_text(encoding="utf-8"), str(path.relative_to(root))
    head = HEAD.search(text)
    head = words_of(head[0]) if head else ""
    each, none = OF_EACH_CASE.search(head), OF_NO_CASE.search(head)
    if each or none:
        yield Evidence("case", "each case", file, names_in(each), none[1] if none else "")
    for comment, name in CASE.findall(text):
        own = OF_A_CASE.search(words_of(comment))
        if own or not (each or none):
            yield Evidence("case", name, file, names_in(own))


def names_in(found):
    return re.findall(r"[A-Z]\d+", found[1]) if found else []


# ---- everything else ---------------------------------------------------------------------

def listed(root=ROOT):
    """What evidence.txt has: a kind and a name; below it identifiers, or what it is for. Of an
    analysis and an inspection: also who did it, and what was looked at."""
    path = root / "tests" / "requirements" / "evidence.txt"
    found = []
    for number, line in entries(path):
        if not line.startswith(" "):
            kind, _, name = line.partition(" ")
            if kind not in KINDS or not name:
                raise PromiseError(f"{path.name}:{number}: no kind or no name: {line}")
            found.append(Evidence(kind, name, f"{path.relative_to(root)}:{number}"))
        elif not found:
            raise PromiseError(f"{path.name}:{number}: behind no name: {line}")
        elif re.fullmatch(r"(?: +[A-Z]\d+)+", line):
            found[-1].names += line.split()
        elif found[-1].purpose or line.strip()[0].islower():
            found[-1].purpose = f"{found[-1].purpose} {line.strip()}".strip()
        else:
            raise PromiseError(f"{path.name}:{number}: no identifiers, nor a purpose: {line}")
    return found


def everything(root=ROOT):
    return [*cases(root), *listed(root)]


# ---- what there is to verify with --------------------------------------------------------

def runs_suites(function):
    """Whether a step builds and runs test cases, which name what they verify."""
    return getattr(function, "func", function).__name__ in ("build_and_test", "emulated",
                                                            "emulated_riscv64")


def existing(root=ROOT):
    """{(kind, name)} of all steps, campaigns, proofs and budgets of the tree."""
    sys.path.insert(0, str(root / "tests" / "checks"))
    import campaigns  # of the tree, which need no packages
    import steps
    from sampling import chosen_steps
    found = {("campaign", name) for name in campaigns.CAMPAIGNS}
    for name, function in chosen_steps([*steps.quick_steps(1), *steps.full_steps(1)], 1, True):
        if not runs_suites(function) and getattr(function, "func", None) != campaigns.passes:
            found.add(("step", name))
    proofs = root / "tests" / "campaigns" / "proofs"
    found |= {("proof", path.name) for path in [*proofs.glob("*_obligations.py"),
                                                proofs / "contracts.acsl"]}
    header = next(line for line in (root / BUDGET).read_text().splitlines()
                  if line.startswith("target "))
    return found | {("budget", name) for name in header.split()[6:]}


def faults(promises, retired, root=ROOT):
    """What is not verified, and what verifies nothing."""
    known, seen = {promise.name for promise in promises}, set()
    every = everything(root)
    for one in every:
        what = f"{one.where}: {one.kind} {one.name}"
        for name in sorted(set(one.names) - known):
            yield f"{what} verifies {name}, " + ("which is retired" if name in retired else
                                                 "which does not exist")
        if not one.names and not one.purpose:
            yield f"{what} verifies no promise, and does not say what it is for"
        if one.kind in ("analysis", "inspection") and not (one.names and one.purpose):
            yield f"{what} does not say what was looked at, or for which promise"
        seen |= set(one.names)
    for promise in promises:
        if promise.name not in seen:
            yield f"{promise.file}:{promise.line}: nothing verifies {promise.name}: {promise.text}"
    here = {(one.kind, one.name) for one in every}
    there = existing(root)
    yield from (f"evidence.txt: {kind} {name} is missing" for kind, name in sorted(there - here))
    yield from (f"evidence.txt: there is no {kind} {name}" for kind, name in sorted(here - there)
                if kind in KINDS[:4])
