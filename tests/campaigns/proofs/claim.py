# SPDX-License-Identifier: BSD-3-Clause
"""What is claimed of the C source: obligations, each a function that is given what it is about and
yields Claims, and the injected bugs that must refute them."""

import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from report import ROOT
from solvers import FOR_BIT_VECTORS, FOR_INTEGERS
from terms import every, negation, print_script

class Claim:
    """That the conclusion holds whatever the unknowns are, where all assumptions hold. `false`, if
    there is one, is a conclusion that differs a little, and must not be proved."""

    solvers = FOR_BIT_VECTORS

    def __init__(self, conclusion, *assumptions, name="", false=None):
        self.name, self.conclusion, self.assumptions = name, conclusion, assumptions
        self.false = false

    def refutation(self):
        """A script that has a model iff the claim is false."""
        return print_script([every([*self.assumptions, negation(self.conclusion)])])

    def refutation_of_false(self):
        return print_script([every([*self.assumptions, negation(self.false)])])

    def premise(self):
        """A script that has a model iff the assumptions can hold at all."""
        return print_script([every(self.assumptions)])


class IntegerClaim:
    """The same over unbounded integers; all texts are SMT-LIB 2."""

    solvers = FOR_INTEGERS
    assumptions = ()

    def __init__(self, unknowns, assumptions, conclusion, false, name=""):
        self.name = name
        self.lines = ["(set-logic QF_NIA)"] + [f"(declare-fun {x} () Int)" for x in unknowns] + \
            [f"(assert {text})" for text in assumptions]
        self.conclusion, self.false = conclusion, false

    def _script(self, *more):
        return "\n".join([*self.lines, *more, "(check-sat)", "(exit)", ""])

    def refutation(self):
        return self._script(f"(assert (not {self.conclusion}))")

    def refutation_of_false(self):
        return self._script(f"(assert (not {self.false}))")

    def premise(self):
        return self._script()


class Obligation:
    """A function that yields the claims about a subject (subjects.py), and the bugs that must
    refute one of them. A slow one is left out of the quick run."""

    def __init__(self, function, subject, controls, slow):
        self.name, self.claims = function.__name__, function
        self.subject, self.controls, self.slow = subject, controls, slow


class Control:
    """A bug to inject: in this file, within a function or what else begins with `where`, the first
    place that the pattern matches. It takes effect in shapes of this layout, with these bits."""

    def __init__(self, file, where, pattern, replacement, layout="compact", bits="generic"):
        self.file, self.where, self.layout, self.bits = file, where, layout, bits
        self.pattern, self.replacement = pattern, replacement

    @property
    def name(self):
        return f"{self.where}: {self.pattern} -> {self.replacement or 'nothing'}"

    def inject(self, root):
        """Changes the file under `root`, where the pattern has to be: it follows the source."""
        path = root / self.file
        text = path.read_text()
        begin, end = find_definition(text, self.where)
        changed, count = re.subn(self.pattern, lambda match: self.replacement, text[begin:end],
                                 count=1)
        if count == 0 or changed == text[begin:end]:
            raise LookupError(f"{self.where} in {self.file} has no {self.pattern}")
        path.write_text(text[:begin] + changed + text[end:])


@contextmanager
def copied_tree(*controls):
    """A copy of the sources, with the bugs of these controls."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("arch", "include", "lib"):
            shutil.copytree(ROOT / name, root / name)
        for control in controls:
            control.inject(root)
        yield root


def find_definition(text, name):
    """Where a function's definition begins and ends in a C file; or that of what begins with
    `name` on a line of its own: a macro, an enumeration."""
    function = re.compile(rf"^\w[^\n;=]*\b{re.escape(name)}\([^;{{]*\{{(?:[^\n]*\}}$|.*?^\}})",
                          re.MULTILINE | re.DOTALL)
    other = re.compile(rf"^#?{re.escape(name)}\b(?:[^\n]*\\\n)*[^\n]*$", re.MULTILINE)
    found = list(function.finditer(text)) or list(other.finditer(text))
    if not found:
        raise LookupError(f"there is no {name}")
    return found[0].span()


OBLIGATIONS = []


def obligation(*controls, subject="shape", slow=False):
    """Registers a function that yields Claims."""
    def register(function):
        OBLIGATIONS.append(Obligation(function, subject, controls, slow))
        return function
    return register
