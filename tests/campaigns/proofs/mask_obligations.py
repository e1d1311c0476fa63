# SPDX-License-Identifier: BSD-3-Clause
"""The axioms of contracts.acsl, which WP takes for granted: each, as it stands there, is a claim
about 32-bit words."""

import re

from claim import Claim, obligation
from report import ROOT
from terms import at_most, constant, equal, resize, variable

CONTRACTS = ROOT / "tests/campaigns/proofs/contracts.acsl"
AXIOM = re.compile(r"axiom (\w+):\s*\\forall integer ([\w, ]+);(.*?)==>(.*?);", re.DOTALL)
RANGE = re.compile(r"(\w+) <= (\w+) <= (\w+)$")
BITS = 40  # sums of two words, and no more


def unknowns_of(text):
    return {name.strip(): resize(variable(name.strip(), 32), BITS) for name in text.split(",")}


def value_of(expression, unknowns):
    """An expression of ACSL that is one of Python's, too."""
    known = dict(unknowns)
    result = eval(expression, {"__builtins__": {}}, known)  # the text is this repository's own
    return result if not isinstance(result, int) else constant(result, BITS)


def truth_of(text, unknowns):
    """a <= b <= c, or a == b."""
    text = " ".join(text.split())
    in_range = RANGE.match(text)
    if in_range:
        low, middle, high = (value_of(part, unknowns) for part in in_range.groups())
        return at_most(low, middle) & at_most(middle, high)
    left, right = (value_of(part, unknowns) for part in text.split("=="))
    return equal(left, right)


@obligation(subject="axioms")
def axioms_of_the_contracts_hold(_):
    text = CONTRACTS.read_text()
    axioms = AXIOM.findall(text)
    if len(axioms) != len(re.findall(r"\baxiom\b", text)):
        raise LookupError("an axiom of contracts.acsl is written in a way that is not known here")
    for name, names, premises, conclusion in axioms:
        unknowns = unknowns_of(names)
        assumed = [truth_of(premise, unknowns) for premise in premises.split("&&")]
        yield Claim(truth_of(conclusion, unknowns), *assumed, name=name,
                    false=truth_of(nearly(conclusion), unknowns))


def nearly(conclusion):
    """The same with its first number one more; without a number, with another operator."""
    changed = re.sub(r"0x\w+|\b\d+", lambda number: str(int(number[0], 0) + 1), conclusion, count=1)
    return changed if changed != conclusion else conclusion.replace("|", "&")
