# SPDX-License-Identifier: BSD-3-Clause
"""Bugs that are put into the library on purpose, each to show that a campaign can fail. A bug is
named by a function and a kind of mutation, as the mutation campaign makes them: nothing here quotes
a line of lib/ or knows its files."""

import ast
import shutil
import tempfile
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import mutants
from report import ROOT


NAMES_OF_BUG = ("Bug", "bug")  # the class, and what proofs call it


@lru_cache(maxsize=None)
def every_mutant():
    return mutants.all_mutants(ROOT)[0]


class Bug:
    """The mutants of a function (or macro, or enumerator) that are of a kind, in the order of the
    text. Proofs try one after the other until one is refuted, other campaigns take the first.
    arch: of that folder alone."""

    def __init__(self, function, kind="*", arch=None):
        self.function, self.kind, self.arch = function, kind, arch

    @property
    def name(self):
        return f"{self.function}: {self.kind}"

    @property
    def mutants(self):
        found = self.found()
        if not found:
            raise LookupError(f"no mutant is {self.name}")
        return found

    def found(self):
        folder = f"arch/{self.arch}/" if self.arch else "lib/"
        return [mutant for mutant in every_mutant() if mutant.file.startswith(folder) and
                mutants.is_of_kind(mutant, self.function, self.kind)]


@contextmanager
def mutated_tree(*changed):
    """A copy of what the library is made of, with these mutants."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("arch", "include", "lib"):
            shutil.copytree(ROOT / name, root / name)
        for mutant in sorted(changed, reverse=True):  # from the end of a file on
            path = root / mutant.file
            text = path.read_text()
            path.write_text(text[:mutant.begin] + mutant.text + text[mutant.end:])
        yield root


def bugs_of_campaigns_exist(result):
    """Each bug that a campaign names still has a mutant: short forms inject a part of them only."""
    for path in sorted((ROOT / "tests" / "campaigns").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in NAMES_OF_BUG:
                continue
            if all(isinstance(value, ast.Constant) for value in call.args):
                words = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
                bug = Bug(*(value.value for value in call.args), arch=words.get("arch"))
                result.check(bug.found(), f"{path.relative_to(ROOT)} names {bug.name}")
