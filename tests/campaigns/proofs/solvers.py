# SPDX-License-Identifier: BSD-3-Clause
"""Asks several solvers, each a program of its own, whether a script can be satisfied."""

import subprocess
import tempfile

COMMANDS = {"z3": ["z3"], "cvc5": ["cvc5"], "boolector": ["boolector"], "cvc4": ["cvc4"]}
# Of independent origin (cvc5 has grown out of cvc4), for bit vectors; and for integers, which
# boolector does not know.
FOR_BIT_VECTORS = ("z3", "cvc5", "boolector")
FOR_INTEGERS = ("z3", "cvc5", "cvc4")


class Solvers:
    """Remembers what was answered: shapes share many of their obligations, word by word."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.answers = {}

    def ask(self, solver, script):
        """sat, unsat, or what else the solver said."""
        key = (solver, script)
        if key not in self.answers:
            self.answers[key] = self._run(solver, script)
        return self.answers[key]

    def _run(self, solver, script):
        with tempfile.NamedTemporaryFile("w", suffix=".smt2") as file:
            file.write(script)
            file.flush()
            try:
                done = subprocess.run([*COMMANDS[solver], file.name], capture_output=True,
                                      text=True, timeout=self.seconds)
            except subprocess.TimeoutExpired:
                return f"no answer within {self.seconds} s"
        said = done.stdout.split()
        return said[-1] if said[-1:] in (["sat"], ["unsat"]) else \
            f"status {done.returncode}: {(done.stdout + done.stderr).strip()[:300]}"
