# SPDX-License-Identifier: BSD-3-Clause
"""The command: makes mutants, has them judged, and compares the survivors with the rules that say
why some cannot be noticed."""

import argparse
import hashlib
import random
import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "checks"))

from judge import DUPLICATE, EQUIVALENT, KILLED, STILLBORN, SURVIVED, Judge  # noqa: E402
from mutants import all_mutants, change_of, is_of_kind, name_of  # noqa: E402
from report import BUILD, ROOT  # noqa: E402

LIST = Path(__file__).with_name("survivors.txt")
PROGRESS_SECONDS = 20
LEAST_SCORE = 95  # percent of the mutants that are no duplicates and have object code of their own


@lru_cache(maxsize=None)
def text_of(file):
    return (ROOT / file).read_text()


class Rule:
    """Why mutants of some functions, of some kinds, cannot be noticed."""

    def __init__(self, functions, kinds, reason):
        self.functions, self.kinds, self.reason = functions, kinds, reason

    @property
    def parts(self):
        """The rule for one function and kind at a time."""
        return [(function, kind) for function in self.functions for kind in self.kinds]

    def covers(self, mutant):
        return any(is_of_kind(mutant, *part) for part in self.parts)


def read_rules():
    """Each line "- function, function: kind; kind" of the list, under its "= reason"."""
    rules, reason = [], None
    for line in LIST.read_text().splitlines():
        if line.startswith("="):
            reason = line[2:]
        elif line.startswith("-"):
            functions, kinds = line[2:].split(": ")
            rules.append(Rule(functions.split(", "), kinds.split("; "), reason))
        elif line.startswith(" "):
            reason += " " + line.strip()
    return rules


def text_about(mutant):
    """What a mutant is in the list, and the line that it changes."""
    before, after = change_of(mutant, text_of(mutant.file))
    return f"- {name_of(mutant)}\n    {mutant.file}\n    {before}\n    {after}"


class Score:
    """How the mutants of a run ended."""

    def __init__(self, rules, total):
        self.rules, self.total = rules, total
        self.ends, self.suites = Counter(), Counter()
        self.survivors, self.unexplained = [], []
        self.duplicates = []  # which of equal mutants is judged, jobs decide
        self.begin = self.shown = time.monotonic()

    def add(self, mutant, end, killer):
        self.ends[end] += 1
        if end == SURVIVED:
            self.survivors.append(mutant)
            if not self.reason(mutant):
                self.unexplained.append(mutant)
                print(f"\n{text_about(mutant)}", flush=True)
        elif end == DUPLICATE:
            self.duplicates.append(mutant)
        elif end == KILLED:
            self.suites[killer] += 1

    def reason(self, mutant):
        return next((rule.reason for rule in self.rules if rule.covers(mutant)), None)

    def unneeded(self):
        """The parts of rules that no survivor has needed."""
        mutants = self.survivors + self.duplicates
        return [part for rule in self.rules for part in rule.parts
                if not any(is_of_kind(mutant, *part) for mutant in mutants)]

    def progress(self):
        now, done = time.monotonic(), sum(self.ends.values())
        if now - self.shown >= PROGRESS_SECONDS and done:
            self.shown = now
            left = (now - self.begin) / done * (self.total - done)
            print(f"{done}/{self.total} mutants, {self.ends[KILLED]} killed, "
                  f"{self.ends[SURVIVED]} survived; about {left / 60:.0f} min left", flush=True)

    def percent(self):
        judged = self.ends[KILLED] + self.ends[SURVIVED]
        return 100 * self.ends[KILLED] / judged if judged else 0


def judge_all(judge, mutants, score, jobs):
    workers = ThreadPoolExecutor(jobs)
    waiting = {workers.submit(judge.judge, mutant, judge.places(mutant)): mutant
               for mutant in mutants}
    try:
        for done in as_completed(waiting):
            score.add(waiting[done], *done.result())
            score.progress()
    finally:
        workers.shutdown(cancel_futures=True)


def sampled(mutants, count, seed):
    """Drawn by what they are, so that a change elsewhere leaves a sample as it was."""
    def rank(mutant):
        text = f"{seed} {mutant.file.split('/')[0:2]} {mutant.function} {mutant.what}"
        return hashlib.sha256(text.encode()).digest()
    return sorted(sorted(mutants, key=rank)[:count])


def report(score, failing, is_complete):
    """Prints the figures. Returns whether all is well. failing: suites that fail as it is."""
    for name in failing:
        print(f"fails without a mutant, and was not used: {name}")
    ends, unexplained = score.ends, score.unexplained
    unneeded = score.unneeded() if is_complete else []
    for function, kind in unneeded:
        print(f"no survivor needs the rule for {function}: {kind}")
    text = "\n".join(f"{text_about(mutant)}\n= {score.reason(mutant)}\n"
                     for mutant in sorted(score.survivors))
    (BUILD / "mutation-survivors.txt").write_text(text)
    print("\nkilled by " + ", ".join(f"{suite} {count}"
                                     for suite, count in score.suites.most_common(12)))
    print(f"{sum(ends.values())} mutants: {ends[STILLBORN]} do not compile, "
          f"{ends[EQUIVALENT]} have the original's object code in every configuration, "
          f"{ends[DUPLICATE]} another mutant's; {(time.monotonic() - score.begin) / 60:.1f} min")
    print(f"score: {ends[KILLED]} of {ends[KILLED] + ends[SURVIVED]} killed "
          f"({score.percent():.2f} %); {ends[SURVIVED]} survived, of which "
          f"{ends[SURVIVED] - len(unexplained)} have a rule that says why, {len(unexplained)} none")
    failed = len(failing) + len(unexplained) + len(unneeded) + \
        (score.percent() < LEAST_SCORE and is_complete)
    print(f"{ends[KILLED]} passed, {failed} failed")
    return not failed and ends[KILLED] > 0


def main():
    arguments = argparse.ArgumentParser(prog="tests/run mutation")
    arguments.add_argument("--sample", type=int, help="so many mutants, drawn at random; not 0")
    arguments.add_argument("--seed", type=int, help="of the sample")
    arguments.add_argument("--shipped", action="store_true",
                           help="only mutants that are in the library which ships")
    arguments.add_argument("--file", default="", help="only files whose path matches this")
    arguments.add_argument("--function", default="", help="only functions that match this")
    arguments.add_argument("--jobs", type=int, default=2, help="mutants at a time")
    arguments.add_argument("--list", action="store_true", help="print the mutants, judge none")
    wanted = arguments.parse_args()
    if wanted.sample is not None and wanted.sample <= 0:
        arguments.error("a sample of nothing tests nothing")
    mutants, users = all_mutants(ROOT)
    mutants = [mutant for mutant in mutants
               if re.search(wanted.file, mutant.file) and
               re.search(wanted.function, mutant.function)]
    is_complete = not (wanted.sample or wanted.shipped or wanted.file or wanted.function)
    if wanted.sample:
        seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
        print(f"seed {seed} (--seed {seed} draws the same mutants)")
        mutants = sampled(mutants, wanted.sample, seed)
    if wanted.list:
        print("\n".join(text_about(mutant) for mutant in mutants))
        print(f"\n{len(mutants)} mutants")
        return 0
    if not mutants:
        print("FAILED no mutant is chosen\n0 passed, 1 failed")
        return 1
    BUILD.mkdir(parents=True, exist_ok=True)
    score = Score(read_rules(), len(mutants))
    judge = Judge(users, wanted.jobs, wanted.shipped)
    judge_all(judge, mutants, score, wanted.jobs)
    return 0 if report(score, judge.failing(), is_complete) else 1


if __name__ == "__main__":
    sys.exit(main())
