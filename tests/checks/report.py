# SPDX-License-Identifier: BSD-3-Clause
"""Counts checks, and runs commands."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FMEMP_BUILD", ROOT / "build"))


class Result:
    """The result of one step: the number of passed checks, and a text for each failed one. A test
    case that does not apply to a build is neither. Its name is kept, because a case that applies to
    no build has not been tested."""

    def __init__(self, step=""):
        self.step = step
        self.passed = 0
        self.failures = []
        self.passed_cases = set()
        self.inapplicable_cases = set()
        self.notes = []

    def fail(self, name, detail=""):
        self.failures.append(name + (":\n" + detail.strip() if detail else ""))

    def check(self, ok, name, detail=""):
        """Counts one check; returns whether it passed."""
        if ok:
            self.passed += 1
        else:
            self.fail(name, detail)
        return ok

    def note(self, text):
        self.notes.append(text)

    def end(self):
        """Prints the failures and, as the last line, the counts. Returns the exit status."""
        for failure in self.failures:
            print("FAILED " + failure.replace("\n", "\n    "))
        print(f"{self.passed} passed, {len(self.failures)} failed")
        return 1 if self.failures or not self.passed else 0


class Run:
    """A finished command: its exit status and its output."""

    def __init__(self, status, output):
        self.status, self.ok = status, status == 0
        self.timed_out = status == 124  # as timeout says
        self.output = output

    def tail(self, lines=40):
        return "\n".join(self.output.splitlines()[-lines:])


def run(*command, cwd=ROOT, env=None):
    """Runs a command. Returns a Run, which has failed if the command does not exist or does not
    end."""
    words = [str(word) for word in command]
    environment = {**os.environ, "LC_ALL": "C", **(env or {})}
    try:
        done = subprocess.run(words, cwd=cwd, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=1200)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Run(127, str(error))
    return Run(done.returncode, "$ " + " ".join(words) + "\n" + done.stdout)
