# SPDX-License-Identifier: BSD-3-Clause
"""The budget: the largest bound that each build may have (bench/worst_case/budget.txt)."""

from pathlib import Path

import contract
import fmemp
from builds import all_builds

FILE = Path(__file__).resolve().parents[1] / "budget.txt"

HEAD = """\
# SPDX-License-Identifier: BSD-3-Clause
# The budget of every build: the longest path in instructions / bytes of stack that it takes, and
# the bytes of code of malloc, free, memalign and realloc together. FMemp's requests have the
# longest path in instructions without a lock / with that of ports/interrupts / while it is held.
# bench/static-bound compares it with the object code: what exceeds it fails, and
# bench/static-bound --update writes it anew.
# The preset bound is studied without statistics.
# It holds for the compilers below and for no others.
"""
COLUMNS = (*contract.REQUESTS, "code", *fmemp.REQUESTS)


def figures_of(answers):
    """{column: (figure, ...)} of one build. A request without a bound is left out."""
    figures = {column: (answers[label]["instructions"], answers[label]["stack_bytes"])
               for column, label in contract.REQUESTS.items() if "instructions" in answers[label]}
    figures["code"] = (answers[contract.FOUR.label]["code_bytes"],)
    of_fmemp = {request: fmemp.instructions_of(answers, request) for request in fmemp.REQUESTS}
    return figures | {request: found for request, found in of_fmemp.items() if found}


class Budget:
    """lines: {build as text: {column: figures}}; compilers: the versions that made the lines."""

    def __init__(self):
        self.compilers, self.lines = set(), {}

    @classmethod
    def read(cls, file=FILE):
        budget = cls()
        for line in file.read_text().splitlines() if file.exists() else []:
            words = line.split()
            if line.startswith("compiler "):
                budget.compilers.add(line.split(" ", 1)[1])
            elif words and not line.startswith("#") and words[0] != "target":
                budget.lines[" ".join(words[:6])] = {
                    column: tuple(map(int, word.split("/")))
                    for column, word in zip(COLUMNS, words[6:]) if word != "none"}
        return budget

    def write(self, file=FILE):
        widths = [13 if column in fmemp.REQUESTS else 7 for column in COLUMNS]
        widths = [max(width, len(column)) for width, column in zip(widths, COLUMNS)]
        text = HEAD + "".join(f"compiler {name}\n" for name in sorted(self.compilers))
        text += f"\n{'target':11} comp. opt layout  h preset "
        text += "".join(f" {column:>{width}}" for column, width in zip(COLUMNS, widths)) + "\n"
        for build, figures in sorted(self.lines.items()):
            target, *others = build.split()
            cells = ["/".join(map(str, figures[column])) if column in figures else "none"
                     for column in COLUMNS]
            text += f"{target:11} {others[0]:5} {others[1]} {others[2]:7} {others[3]} {others[4]:7}"
            text += "".join(f" {cell:>{width}}" for cell, width in zip(cells, widths)) + "\n"
        file.write_text(text)

    def update(self, studies):
        """Takes the figures of `studies`. Drops lines of builds that no longer exist, or that
        another version of their compiler made."""
        builds_of = {" ".join(str(build).split()): build for build in all_builds()}
        self.lines = {line: figures for line, figures in self.lines.items() if line in builds_of
                      and builds_of[line].compiler_version in self.compilers}
        self.compilers = {studied.build.compiler_version for studied in studies} | {
            name for name in self.compilers
            if name.split(":")[0] not in {studied.build.command[0] for studied in studies}}
        for studied in studies:
            if studied.answers:
                self.lines[" ".join(str(studied.build).split())] = figures_of(studied.answers)


class Comparison:
    """The differences between studies and a budget, as texts. held: the figures within it."""

    def __init__(self, budget, studies):
        self.held, self.exceeded, self.lower, self.foreign = 0, [], [], set()
        for studied in studies:
            if studied.build.compiler_version not in budget.compilers:
                self.foreign.add(studied.build.compiler_version)
            elif studied.answers:
                self.compare(" ".join(str(studied.build).split()), figures_of(studied.answers),
                             budget.lines)

    def compare(self, build, figures, lines):
        if build not in lines:
            self.exceeded.append(f"{build}: no budget")
            return
        for column, budgeted in lines[build].items():
            found = figures.get(column)
            if found is None:
                self.exceeded.append(f"{build}: {column} has no bound")
                continue
            text = (f"{build}: {column} {'/'.join(map(str, found))}, "
                    f"budget {'/'.join(map(str, budgeted))}")
            if any(now > then for now, then in zip(found, budgeted)):
                self.exceeded.append(text)
                continue
            self.held += 1
            if found != budgeted:
                self.lower.append(text)
        for column in figures.keys() - lines[build].keys():
            self.exceeded.append(f"{build}: {column} has no budget")


def report(studies, update):
    """Prints the comparison, or writes the budget anew. Returns the number of failures."""
    budget = Budget.read()
    if update:
        budget.update(studies)
        budget.write()
        print(f"\n{FILE} written")
        return 0
    if not budget.lines:
        print(f"\n{FILE} holds no budget")
        return 1
    comparison = Comparison(budget, studies)
    print(f"\nBudget: {comparison.held} figures held, {len(comparison.exceeded)} exceeded, "
          f"{len(comparison.lower)} may be lowered")
    for text in comparison.exceeded:
        print(f"  FAILED {text}")
    for text in comparison.lower:
        print(f"  may be lowered: {text}")
    for compiler in sorted(comparison.foreign):
        print(f"  not comparable: another version than {compiler} made the budget")
    return len(comparison.exceeded)
