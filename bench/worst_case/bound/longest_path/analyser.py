# SPDX-License-Identifier: BSD-3-Clause
"""Builds and runs the program longest_path (main.cpp has its contract)."""

import fcntl
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = Path(os.environ.get("FMEMP_BUILD", HERE.parents[3] / "build")) / "longest_path"


@dataclass(frozen=True)
class Query:
    label: str
    entries: tuple = ("*",)
    avoided: tuple = ()
    opaque: tuple = ()
    first: tuple = ()
    last: tuple = ()

    def __str__(self):
        names = (self.entries, self.avoided, self.opaque, self.first, self.last)
        return ":".join([self.label, *map(",".join, names)])


class Analyser:
    def __init__(self, build=BUILD):
        """Builds the program, or brings it up to date."""
        self.program = build / "longest_path"
        build.mkdir(parents=True, exist_ok=True)
        with open(build.with_suffix(".lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one builds, the others wait
            if not (build / "build.ninja").exists():
                self.run("meson", "setup", build, HERE)
            self.run("ninja", "-C", build, "-j2")

    @staticmethod
    def run(*command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, objects, queries, with_path=False):
        """Returns one dictionary an answer, in the order of the queries."""
        lines = self.run(self.program, *[f"--query={query}" for query in queries],
                         *(["--path"] if with_path else []), *objects)
        return [json.loads(line) for line in lines.splitlines()]
