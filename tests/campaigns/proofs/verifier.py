# SPDX-License-Identifier: BSD-3-Clause
"""Verifies the contracts of contracts.acsl against the functions of lib/ with Frama-C's WP: weaves
them into a copy of the sources, and counts the goals that are proved."""

import re
from collections import Counter

import inside
from bugs import Bug, mutated_tree
from report import ROOT, run

CONTRACTS = ROOT / "tests/campaigns/proofs/contracts.acsl"
PROVED = re.compile(r"^\[wp\] Proved goals: +(\d+) / (\d+)$", re.MULTILINE)
BY_PROVER = re.compile(r"^  (Qed|CVC4|Z3)[ .\d]*: +(\d+) ", re.MULTILINE)
UNPROVED = re.compile(r"^\[wp\] \[(?:Failed|Timeout|Unknown)\w*\] Goal (\w+)", re.MULTILINE)
# Frama-C 25 takes an enumerator for no constant if it is a comparison, and a call stands beside it.
COMPARED_ENUMERATOR = re.compile(r"^( +[A-Z_]+ = \w+ [>=]= \w+)(?= *[,/])", re.MULTILINE)
HEADING = re.compile(r"(\w+)(?:\((.*?)\)| behind (\w+))( assumed)?$")


class Section:
    """A contract of a function, with its own names for the parameters, in their order; or a
    prelude, which stands before the first function that follows a definition."""

    def __init__(self, heading, text):
        self.name, parameters, self.behind, assumed = HEADING.match(heading).groups()
        self.parameters = (parameters or "").split(", ")
        self.is_assumed = bool(assumed)
        first, _, rest = text.strip().partition("\n")
        self.bug = Bug(self.name, first.removeprefix("bug ")) if first.startswith("bug ") else None
        self.text = rest if self.bug else text.strip()
        if not (self.bug or self.is_assumed or self.behind):
            raise LookupError(f"no bug is named that breaks the contract of {self.name}")

    def weave(self, root):
        """Puts it where it belongs; a function that is not there stops the run."""
        place = inside.find(self.behind or self.name, root)
        begin = place.text.index("static inline", place.end) if self.behind else place.begin
        text = self.text if self.behind else self.for_parameters(place.parameters)
        woven = text if self.name == "constants" else f"/*@ {text}\n*/"
        place.path.write_text(f"{place.text[:begin]}{woven}\n{place.text[begin:]}")
        return place.path

    def for_parameters(self, names):
        """The contract with the names that the function gives its parameters."""
        new = dict(zip(self.parameters, names, strict=True))
        words = re.compile(r"(?<![\w\\.])(?<!->)[a-z]\w*\b")
        clash = set(words.findall(self.text)) & (set(names) - set(self.parameters))
        if clash:
            raise LookupError(f"the contract of {self.name} uses {clash} for something else")
        return words.sub(lambda word: new.get(word[0], word[0]), self.text)


class Contracts:
    """The sections of the contracts' file."""

    def __init__(self):
        sections = re.split(r"^@ ", CONTRACTS.read_text(), flags=re.MULTILINE)[1:]
        self.sections = [Section(*section.split("\n", 1)) for section in sections]
        contracts = [section for section in self.sections if not section.behind]
        self.bugs = {section.name: section.bug for section in contracts if not section.is_assumed}
        self.verified = list(self.bugs)
        self.assumed = [section.name for section in contracts if section.is_assumed]

    def weave(self, root):
        """Returns the files in which functions have contracts, in the order of the contracts."""
        return list(dict.fromkeys(section.weave(root) for section in self.sections))


class Verifier:
    """Frama-C with provers that why3 finds."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.environment = {"WHY3CONFIG": str(folder / "why3.conf")}
        self.contracts = Contracts()

    def find_provers(self):
        return run("why3", "config", "detect", env=self.environment)

    def verify(self, root, functions, seconds):
        """Weaves the contracts into a tree and verifies some functions of it."""
        for path in (root / "lib/core").glob("*.h"):
            path.write_text(COMPARED_ENUMERATOR.sub(r"\1 ? 1 : 0", path.read_text()))
        unit = root / "contracts.c"
        # Frama-C 25 knows no alignment specifiers; the control structure's decides nothing here.
        # Alignments it knows by gcc's name alone.
        unit.write_text("#define _Alignas(bytes)\n#define _Alignof __alignof__\n" +
                        inside.RENAMES + "".join(
            f'#include "{path}"\n' for path in self.contracts.weave(root)))
        includes = " ".join(f"-I{root / path}" for path in ("include", "arch/generic", "lib/core"))
        names = ",".join(inside.name_in_library(function) for function in functions)
        return run("frama-c", "-c11", "-machdep", "gcc_x86_64", f"-cpp-extra-args={includes}", unit,
                   "-wp", "-wp-rte", "-wp-model", "Typed+cast", "-wp-prover", "z3,cvc4",
                   "-wp-timeout", seconds, "-wp-par", self.jobs, "-wp-fct", names,
                   env=self.environment)

    def verify_all(self):
        """Returns the run, the number of goals and of proved ones, and counts by prover."""
        with mutated_tree() as root:
            done = self.verify(root, self.contracts.verified, 60)
        proved, goals = goals_of(done)
        return done, proved, goals, Counter({prover: int(count) for prover, count in
                                             BY_PROVER.findall(done.output)})

    def refute_each(self):
        """Puts its bug into every function at once: a function is verified against the contracts of
        what it calls, so each is alone with its own. Where all goals are proved nevertheless, the
        next mutant of the kind has its turn. Returns what refuted each function's contract."""
        waiting = {function: list(bug.mutants) for function, bug in self.contracts.bugs.items()}
        refuted = {}
        while waiting:
            tried = {function: mutants.pop(0) for function, mutants in waiting.items()}
            with mutated_tree(*tried.values()) as root:
                done = self.verify(root, list(tried), 5)
            proved, goals = goals_of(done)
            unproved = UNPROVED.findall(done.output)
            if not goals or len(unproved) != goals - proved:
                raise RuntimeError(f"goals are printed in an unknown way:\n{done.tail()}")
            for function in {self._function_of(goal) for goal in unproved} & set(tried):
                refuted[function] = tried[function].what
            waiting = {function: mutants for function, mutants in waiting.items()
                       if mutants and function not in refuted}
        return refuted

    def _function_of(self, goal):
        """The function that a goal's name begins with: the longest, as one can begin another."""
        name = goal.removeprefix("typed_cast_")
        return max((function for function in self.contracts.verified
                    if name.startswith(inside.name_in_library(function) + "_")), key=len,
                   default=None)


def goals_of(done):
    """The numbers of proved goals and of all; 0 of 0 when the verifier failed."""
    found = PROVED.findall(done.output)
    return (int(found[-1][0]), int(found[-1][1])) if found and done.ok else (0, 0)
