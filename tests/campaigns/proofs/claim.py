# SPDX-License-Identifier: BSD-3-Clause
"""What is claimed of the C source: obligations, each a function that is given what it is about and
yields Claims, and the bugs that must refute them."""

from bugs import Bug
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

    def __init__(self, function, subject, bugs, slow):
        self.name, self.claims = function.__name__, function
        self.subject, self.bugs, self.slow = subject, bugs, slow


class bug(Bug):  # lower case, as it reads like a function
    """It takes effect in shapes of this layout, with these bits."""

    def __init__(self, function, kind, layout="compact", bits="generic", arch=None):
        super().__init__(function, kind, arch)
        self.layout, self.bits = layout, bits


OBLIGATIONS = []


def obligation(*bugs, subject="shape", slow=False):
    """Registers a function that yields Claims."""
    def register(function):
        OBLIGATIONS.append(Obligation(function, subject, bugs, slow))
        return function
    return register
