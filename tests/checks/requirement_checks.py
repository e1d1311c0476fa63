# SPDX-License-Identifier: BSD-3-Clause
"""Promises and what verifies them (tools/requirements): nothing is missing, and what would be
missing is found."""

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from report import ROOT, run

sys.path.insert(0, str(ROOT / "tools"))

from tracing import evidence, matrix, promises  # noqa: E402


def every_promise_is_traced(result):
    found = run(ROOT / "tools" / "requirements", "check")
    for line in found.output.splitlines():
        if line.startswith("FAILED "):
            result.fail(line.removeprefix("FAILED "))
    result.check(found.ok or result.failures, "tools/requirements check", found.tail())
    result.passed += len(promises.all_promises()) + len(evidence.everything())
    page = matrix.Matrix(promises.all_promises(), evidence.everything()).page()
    result.check(all(f'id="{promise.name}"' in page for promise in promises.all_promises()),
                 "the page has each promise")


@contextmanager
def copy_of_tree():
    """The parts of the tree that tools/requirements reads."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("include", "docs", "tests/requirements", "tests/campaigns/proofs",
                     *(f"tests/{suite}" for suite in evidence.SUITES)):
            shutil.copytree(ROOT / name, Path(folder) / name)
        (Path(folder) / "bench" / "worst_case").mkdir(parents=True)
        shutil.copy(ROOT / evidence.BUDGET, Path(folder) / evidence.BUDGET)
        yield Path(folder)


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} in {path}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


LIST = "tests/requirements/evidence.txt"
# A change of a header, a suite or a list, and what must be said about it.
MISTAKES = {
    "a new sentence": ("include/tlsf.h", "NULL is ignored. [", "It never fails. NULL is ignored. [",
                       "has no identifier, and is not in no_promise.txt: It never fails."),
    "an identifier twice": ("include/tlsf.h", "[T5]", "[T4]", "T4 stands behind 2 sentences"),
    "one of another header": ("include/tlsf.h", "[T5]", "[F9999]", "that begins with T"),
    "a retired one": ("tests/requirements/retired.txt", "\n", "\nT5 for the test\n",
                      "T5 is retired, and stands behind a sentence"),
    "a sentence changed that was no promise": ("include/tlsf.h", "Sizes are bytes.",
                                               "Sizes are words.", "no sentence of tlsf.h: Sizes"),
    "a marker without a number": ("docs/releases.md", "\n\n", " <!-- D -->\n\n",
                                  "a marker without a number"),
    "a promise that nothing verifies": (LIST, "    T1 T2 T5", "    T1 T5", "nothing verifies T2:"),
    "a case without a promise": ("tests/core/test_free.c", "/* Verifies T148. */\n", "",
                                 "case free_null_is_ignored verifies no promise"),
    "a promise that does not exist": ("tests/core/test_free.c", "T148.", "T14800.",
                                      "verifies T14800, which does not exist"),
    "a step without an entry": (LIST, "step presets\n", "step presents\n",
                                "step presets is missing"),
    "an entry without a step": (LIST, "step presets\n", "step presents\n",
                                "there is no step presents"),
    "a step for nothing": (LIST, "    for the crate\n", "", "step Rust verifies no promise"),
    "an analysis of nothing": (LIST, "analysis classes\n    C20\n", "analysis classes\n",
                               "does not say what was looked at, or for which promise"),
}


def missing_traces_are_found(result):
    for what, (file, old, new, said) in MISTAKES.items():
        with copy_of_tree() as tree:
            replace(tree / file, old, new)
            faults = [*promises.faults(tree), *evidence.faults(
                promises.all_promises(tree), promises.retired(tree), tree)]
            result.check(any(said in fault for fault in faults), f"{what} is found",
                         "\n".join(faults))


def identifiers_are_not_given_again(result):
    """A new sentence gets a number above all that are or were in use, and nothing else changes."""
    with copy_of_tree() as tree:
        replace(tree / "tests/requirements/retired.txt", "\n", "\nT9000 for the test\n")
        replace(tree / "include/tlsf.h", "NULL is ignored. [", "It never fails. NULL is ignored. [")
        result.check(promises.assign(tree) == 1, "one identifier is assigned")
        given = {promise.name: promise.text for promise in promises.all_promises(tree)}
        result.check(given.get("T9001") == "It never fails.", "the next number is given")
        result.check(not list(promises.faults(tree)), "nothing is wrong then")
        result.check(promises.assign(tree) == 0, "no identifier is assigned again")
