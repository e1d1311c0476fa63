# SPDX-License-Identifier: BSD-3-Clause
"""Verifies the contracts of contracts.acsl against the functions of lib/ with Frama-C's WP: weaves
them into a copy of the sources, and counts the goals that are proved."""

import re
from collections import Counter

from claim import Control, copied_tree, find_definition
from report import ROOT, run

CONTRACTS = ROOT / "tests/campaigns/proofs/contracts.acsl"
BLOCK, CLASSES, CONTROL, LIST, BLOCKS, SPLIT = (
    f"lib/core/{name}.h" for name in ("block", "size_class", "control", "free_list", "free_blocks",
                                 "split"))
# Frama-C 25 does not know alignment specifiers; that of the control structure decides nothing here.
UNIT = '#define _Alignas(bytes)\n#include "split_merge.h"\n'
PROVED = re.compile(r"^\[wp\] Proved goals: +(\d+) / (\d+)$", re.MULTILINE)
BY_PROVER = re.compile(r"^  (Qed|CVC4|Z3)[ .\d]*: +(\d+) ", re.MULTILINE)
UNPROVED = re.compile(r"^\[wp\] \[(?:Failed|Timeout|Unknown)\w*\] Goal (\w+)", re.MULTILINE)

# What stands before the first function of its file, where all types are known.
BEFORE_ALL = ("prelude", "constants")

# A bug for each contract, which must leave one of its goals unproved.
CONTROLS = {control.where: control for control in (
    Control(BLOCK, "size_bytes", r"SIZE_UNIT", "SIZE_UNIT / 2"),
    Control(BLOCK, "size_of_bytes", r"/ SIZE_UNIT", "/ GRANULE"),
    Control(BLOCK, "size_inner_bytes", r"- BLOCK_OVERHEAD", "+ BLOCK_OVERHEAD"),
    Control(BLOCK, "size_for_request", r"GRANULE - 1", "GRANULE - 2"),
    Control(BLOCK, "header_size", r"BLOCK_FLAGS", "BLOCK_FREE"),
    Control(BLOCK, "block_size", r"header_size\(b->header\)", "b->header"),
    Control(BLOCK, "block_holds", r">= n", "> n"),
    Control(BLOCK, "block_is_free", r"BLOCK_FREE", "BLOCK_PREVIOUS_FREE"),
    Control(BLOCK, "block_is_previous_free", r"& BLOCK_PREVIOUS_FREE", "& BLOCK_FREE"),
    Control(BLOCK, "block_is_end", r"b->header \|", "b->header &"),
    Control(BLOCK, "link_is_null", r"==", "!="),
    Control(CLASSES, "class_ceil", r"n - 1", "n"),
    Control(CLASSES, "class_row", r"/ CLASSES_PER_ROW", "/ 31"),
    Control(CLASSES, "class_column", r"% CLASSES_PER_ROW", "% 31"),
    Control(CONTROL, "statistics_resized", r"used > t->peak", "used < t->peak"),
    Control(CONTROL, "statistics_allocated", r"0, n", "n, n"),
    Control(CONTROL, "statistics_freed", r"t->frees\+\+;", ""),
    Control(CONTROL, "statistics_failed", r"failures\+\+", "failures--"),
    Control(LIST, "list_first", r"->next", "->previous"),
    Control(LIST, "list_is_empty", r"->next", "->previous"),
    Control(LIST, "list_clear", r"->next", "->previous"),
    Control(LIST, "list_mark", r"\|= UINT32_C\(1\) << row", "|= UINT32_C(2) << row"),
    Control(LIST, "list_insert", r"slot->next = link", "slot->next = first"),
    Control(LIST, "list_remove", r"->previous = previous", "->previous = next"),
    Control(LIST, "list_look", r"list_first\(t, class\)", "list_first(t, class + 1)"),
    Control(LIST, "list_take", r"->next = next", "->next = previous"),
    Control(LIST, "size_larger", r"a > b", "a < b"),
    Control(LIST, "list_largest", r"block_size\(b\)", "b->header"),
    Control(BLOCKS, "pending_exists", r"!=", "=="),
    Control(BLOCKS, "pending_set", r"class_floor\(header\)", "class_floor(header) + 1"),
    Control(BLOCKS, "pending_clear", r"pending_header = 0", "pending_header = 1"),
    Control(BLOCKS, "pending_serves", r"<= class", "< class"),
    Control(BLOCKS, "free_blocks_put", r"pending_exists", "!pending_exists"),
    Control(SPLIT, "block_split", r"~\(header_word\)BLOCK_PREVIOUS_FREE",
            "~(header_word)BLOCK_FREE"),
    Control(SPLIT, "align_is_valid", r"align - 1", "align + 1"))}


class Contracts:
    """The sections of the contracts' file."""

    def __init__(self):
        sections = re.split(r"^@ ", CONTRACTS.read_text(), flags=re.MULTILINE)[1:]
        self.sections = [self._parse(*section.split("\n", 1)) for section in sections]
        self.verified = [name for _, name, is_assumed, _ in self.sections
                         if name not in BEFORE_ALL and not is_assumed]
        self.assumed = [name for _, name, is_assumed, _ in self.sections if is_assumed]

    @staticmethod
    def _parse(heading, text):
        file, name, *assumed = heading.split()
        return file, name, assumed == ["assumed"], text.strip()

    def weave(self, root):
        """Puts each contract before its function; a function that is not there stops the run."""
        for file, name, _, text in self.sections:
            path = root / file
            source = path.read_text()
            begin = source.index("static inline") if name in BEFORE_ALL else \
                find_definition(source, name)[0]
            woven = text if name == "constants" else f"/*@ {text}\n*/"
            path.write_text(f"{source[:begin]}{woven}\n{source[begin:]}")


class Verifier:
    """Frama-C with provers that why3 finds."""

    def __init__(self, folder, jobs):
        self.folder, self.jobs = folder, jobs
        self.environment = {"WHY3CONFIG": str(folder / "why3.conf")}
        self.contracts = Contracts()

    def find_provers(self):
        return run("why3", "config", "detect", env=self.environment)

    def verify(self, root, functions, seconds):
        """Runs the verifier on some functions of a tree that the contracts are woven into."""
        unit = root / "contracts.c"
        unit.write_text(UNIT)
        includes = " ".join(f"-I{root / path}" for path in ("include", "arch/generic", "lib/core"))
        return run("frama-c", "-c11", "-machdep", "gcc_x86_64", f"-cpp-extra-args={includes}", unit,
                   "-wp", "-wp-rte", "-wp-model", "Typed+cast", "-wp-prover", "z3,cvc4",
                   "-wp-timeout", seconds, "-wp-par", self.jobs, "-wp-fct", ",".join(functions),
                   env=self.environment)

    def verify_all(self):
        """Returns the run, the number of goals and of proved ones, and counts by prover."""
        with copied_tree() as root:
            self.contracts.weave(root)
            done = self.verify(root, self.contracts.verified, 60)
        proved, goals = goals_of(done)
        return done, proved, goals, Counter({prover: int(count) for prover, count in
                                             BY_PROVER.findall(done.output)})

    def functions_refuted(self):
        """Injects every bug at once: a function is verified against the contracts of what it calls,
        so each is alone with its own. Returns the run, and the functions with a goal left."""
        with copied_tree(*CONTROLS.values()) as root:
            self.contracts.weave(root)
            done = self.verify(root, self.contracts.verified, 5)
        proved, goals = goals_of(done)
        unproved = UNPROVED.findall(done.output)
        refuted = {self._function_of(goal) for goal in unproved}
        return done, refuted if len(unproved) == goals - proved else set()

    def _function_of(self, goal):
        """The function that a goal's name begins with: the longest, as one can begin another."""
        name = goal.removeprefix("typed_cast_")
        return max((function for function in self.contracts.verified
                    if name.startswith(function + "_")), key=len, default=None)


def goals_of(done):
    """The numbers of proved goals and of all; 0 of 0 when the verifier failed."""
    found = PROVED.findall(done.output)
    return (int(found[-1][0]), int(found[-1][1])) if found and done.ok else (0, 0)
