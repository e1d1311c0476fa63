# SPDX-License-Identifier: BSD-3-Clause
"""Runs the proofs of tests/campaigns/proofs and the controls that show that each can fail."""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "checks"))

import exhaustive
import translation
from bugs import every_mutant, mutated_tree
from claim import OBLIGATIONS
from mutants import name_of
from report import ROOT, Result
from solvers import Solvers
from subjects import describe_subjects, make_subject, subject_of_bug
from verifier import Verifier

SECONDS = 600  # that a solver may take for one claim


class Question:
    """A claim as scripts; what it is called."""

    def __init__(self, subject, obligation, claim):
        part = f" ({claim.name})" if claim.name else ""
        self.name = f"{obligation.name}{part}: {subject.name}"
        self.solvers = claim.solvers
        self.premise, self.refutation = claim.premise(), claim.refutation()
        self.false = None if claim.false is None else claim.refutation_of_false()


def questions_about(kind, description, names):
    """Every claim of some obligations about a subject. (Runs in a process of its own.)"""
    subject = make_subject(ROOT, kind, description)
    return [Question(subject, obligation, claim) for obligation in OBLIGATIONS
            if obligation.subject == kind and obligation.name in names
            for claim in obligation.claims(subject)]


class Progress:
    """Tells now and then how far a long run is."""

    def __init__(self, what, total):
        self.what, self.total, self.done = what, total, 0
        self.begin = self.told = time.monotonic()

    def step(self):
        self.done += 1
        now = time.monotonic()
        if now - self.told >= 15:
            self.told = now
            left = (now - self.begin) / self.done * (self.total - self.done)
            print(f"{self.what}: {self.done} of {self.total}, about {left:.0f} s left", flush=True)


class Proofs:
    """The solvers, what they are asked, and what is counted."""

    def __init__(self, jobs, is_quick, only):
        self.jobs, self.is_quick = jobs, is_quick
        self.obligations = [obligation for obligation in OBLIGATIONS
                            if not (is_quick and obligation.slow) and
                            re.search(only, obligation.name)]
        self.result = Result()
        self.solvers = Solvers(SECONDS)
        self.proved, self.refuted = Counter(), Counter()
        self.figures = []

    # ---- claims --------------------------------------------------------------------------

    def collect(self):
        """All questions; shapes that ask the same, word by word, ask once."""
        names = {obligation.name for obligation in self.obligations}
        kinds = {obligation.subject for obligation in self.obligations}
        subjects = [subject for subject in describe_subjects(self.is_quick) if subject[0] in kinds]
        distinct, asked = {}, 0
        progress = Progress("reading the source", len(subjects))
        with ProcessPoolExecutor(self.jobs) as workers:
            waiting = [workers.submit(questions_about, *subject, names)
                       for subject in subjects]
            for done in as_completed(waiting):
                progress.step()
                for question in done.result():
                    asked += 1
                    distinct.setdefault((question.premise, question.refutation), question)
        self.figures.append(f"{asked} claims about {len(subjects)} builds, "
                            f"{len(distinct)} of them different")
        return sorted(distinct.values(), key=lambda question: question.name)

    def prove(self, questions):
        progress = Progress("proving", len(questions))
        with ThreadPoolExecutor(self.jobs) as workers:
            for question, problems in zip(questions, workers.map(self.problems_of, questions)):
                self.check(not problems, question.name, "\n".join(problems))
                progress.step()

    def problems_of(self, question):
        """What speaks against a claim: nothing when every solver proves it, its assumptions can
        hold, and what differs from it a little is not proved."""
        problems = []
        premise = self.solvers.ask("z3", question.premise)
        if premise != "sat":
            problems.append(f"its assumptions never hold, or z3 cannot tell: {premise}")
        for solver in question.solvers:
            answer = self.solvers.ask(solver, question.refutation)
            self.proved[solver] += answer == "unsat"
            if answer != "unsat":
                problems.append(f"{solver}: {answer}")
            if question.false:
                answer = self.solvers.ask(solver, question.false)
                self.refuted["answers to false variants of claims"] += answer == "sat"
                if answer != "sat":
                    problems.append(f"{solver} does not refute a false variant: {answer}")
        return problems

    # ---- controls ------------------------------------------------------------------------

    def control(self):
        """Injects each bug, and expects its obligation to be refuted."""
        controls = [(obligation, number) for obligation in self.obligations
                    for number in range(len(obligation.bugs))[:1 if self.is_quick else None]]
        if self.is_quick:
            controls = controls[::QUICK_CONTROL_STEP]
        progress = Progress("controls", len(controls))
        every_mutant()  # known to the workers, which are copies of this process
        with ProcessPoolExecutor(self.jobs) as workers:
            waiting = [workers.submit(refuted_mutant, OBLIGATIONS.index(obligation), number)
                       for obligation, number in controls]
            for (obligation, number), done in zip(controls, waiting):
                what, tried = done.result()
                self.refuted["injected bugs"] += what is not None
                print(f"{obligation.name} is refuted by {what}, {tried} tried", flush=True)
                self.check(what, f"control of {obligation.name}, {obligation.bugs[number].name}",
                           f"no claim is refuted by any of {tried} mutants")
                progress.step()

    # ---- exhaustive runs -----------------------------------------------------------------

    def try_exhaustively(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for what, done in exhaustive.try_all(exhaustive.Programs(ROOT, folder), self.is_quick):
                self.check(done.ok, what, done.tail())
                print(f"{what}: {done.tail(1)}", flush=True)
            self.compare_translations(folder)
            for what, done in exhaustive.try_controls(folder, self.is_quick):
                is_found = not done.ok and "failed" in done.tail(1)
                self.refuted["injected bugs"] += is_found
                self.check(is_found, what, done.tail())

    def compare_translations(self, folder):
        """What the claims are about is what a compiler makes of the source."""
        for machine in (64,) if self.is_quick else (64, 32):
            samples, differing = translation.compare(
                exhaustive.Programs(ROOT, folder), machine, 5 if self.is_quick else 1)
            self.check(samples and not differing, f"translation of C, {machine} bits", differing)
            self.figures.append(f"{samples} results of {len(translation.FUNCTIONS)} functions are "
                                f"the compiler's, {machine} bits")
        with mutated_tree(translation.CONTROL.mutants[0]) as tree:
            _, differing = translation.compare(exhaustive.Programs(tree, folder), 64, 5)
        is_found = translation.CONTROL.function in differing
        self.refuted["injected bugs"] += is_found
        self.check(is_found, "control: translation of C", differing)

    # ---- contracts -----------------------------------------------------------------------

    def verify(self):
        """The contracts of contracts.acsl, each goal a check; and a bug in each function."""
        with tempfile.TemporaryDirectory() as name:
            verifier = Verifier(Path(name), self.jobs)
            found = verifier.find_provers()
            self.check(found.ok, "why3 finds the provers", found.tail())
            print(f"verifying {len(verifier.contracts.verified)} contracts", flush=True)
            done, proved, goals, by_prover = verifier.verify_all()
            self.result.passed += proved
            self.check(0 < proved == goals, f"{goals} goals of contracts are proved",
                       done.tail(200))
            self.figures.append(
                f"WP: {proved} of {goals} goals of {len(verifier.contracts.verified)} contracts "
                f"proved ({', '.join(f'{prover} {n}' for prover, n in by_prover.items())}); "
                f"{len(verifier.contracts.assumed)} contracts of address functions assumed")
            print("verifying them with a bug in each function", flush=True)
            refuted = verifier.refute_each()
            for function in verifier.contracts.verified:
                what = refuted.get(function)
                self.refuted["bugs in functions with a contract"] += what is not None
                print(f"contract of {function} is refuted by {what}")
                self.check(what, f"control: contract of {function}", "no mutant refutes it")

    def check(self, ok, name, detail):
        """Counts one check, and tells at once of one that failed."""
        if not self.result.check(ok, name, detail):
            print("FAILED", self.result.failures[-1], flush=True)


QUICK_CONTROL_STEP = 6


def refuted_mutant(index, number):
    """Which mutant of a bug is found, as a text, and how many were tried: the first with a claim
    that some solver refutes, and none proves. (Runs in a process of its own.)"""
    obligation, solvers = OBLIGATIONS[index], Solvers(SECONDS)
    bug = obligation.bugs[number]
    for tried, mutant in enumerate(bug.mutants, 1):
        with mutated_tree(mutant) as root:
            try:
                subject = make_subject(root, obligation.subject,
                                       subject_of_bug(obligation.subject, bug))
                claims = list(obligation.claims(subject))
            except (LookupError, RuntimeError):
                continue  # it does not compile, or has no meaning that is known here
        for claim in claims:
            answers = {solvers.ask(solver, claim.refutation()) for solver in claim.solvers}
            if "sat" in answers and "unsat" not in answers:
                return name_of(mutant), tried
    return None, len(bug.mutants)


def main():
    arguments = argparse.ArgumentParser(prog="tests/run proofs")
    arguments.add_argument("--quick", action="store_true",
                           help="the default build, fast claims, some controls")
    arguments.add_argument("--only", default="", help="only obligations whose name matches this")
    arguments.add_argument("--jobs", type=int, default=2, help="processes at a time")
    wanted = arguments.parse_args()
    proofs = Proofs(wanted.jobs, wanted.quick, wanted.only)
    proofs.prove(proofs.collect())
    proofs.control()
    if not wanted.only:
        proofs.try_exhaustively()
    if not wanted.only and not wanted.quick:
        proofs.verify()
    for figure in proofs.figures:
        print(figure)
    for solver, count in sorted(proofs.proved.items()):
        print(f"{solver}: {count} claims proved")
    for what, count in sorted(proofs.refuted.items()):
        print(f"{count} {what} refuted")
    print(f"{proofs.result.passed} passed, {len(proofs.result.failures)} failed")
    return 1 if proofs.result.failures or not proofs.result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
