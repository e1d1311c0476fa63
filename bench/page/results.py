# SPDX-License-Identifier: BSD-3-Clause
"""Reads the results of the producers of bench/run. A producer writes results/NAME.json: an object
with "machine", "compiler", "commit" and "records", a list of objects. A missing file means that
nothing was measured; a file that breaks these promises is an error."""

import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))
from figure_sources import mistakes  # noqa: E402

# The members that a record of each producer must have, and what the producer measures.
REQUIRED = {
    "bound": ("target compiler optimisation layout hardening function instructions loads stores "
              "stack_bytes code_bytes").split(),
    "executed": ("target function driver live_blocks pool_bytes calls max_instructions bound "
                 "hardening layout").split(),
    "holes": "allocator holes malloc free".split(),
    "firmware": ("allocator load peak_bytes smallest_heap_bytes static_bytes malloc_calls "
                 "malloc_mean malloc_most free_calls free_mean free_most").split(),
    "latency": "allocator function cache calls disturbed unit percentiles histogram".split(),
    "throughput": "kind allocator operations ns_per_operation ratio_to_glibc runs".split(),
    "memory": ("load group operations peak_bytes smallest_pool_bytes ratio "
               "blocks_alone_ratio").split(),
}
SUBJECTS = {
    "bound": "the static bound of each function",
    "executed": "executed maxima of single calls",
    "holes": "malloc behind holes, beside C libraries",
    "firmware": "loads of firmware on a Cortex-M4, beside C libraries",
    "latency": "cycles of single calls",
    "throughput": "time of recorded loads and steady mixes",
    "memory": "the smallest pool of each load",
}


class InvalidResults(Exception):
    """A result file that breaks a promise; the text says which and how."""


def read_file(path, required):
    """The object in a result file. Fails unless its records have the required members."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        records = content["records"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidResults(f"{path.name}: {type(error).__name__}: {error}") from error
    if not isinstance(records, list) or not records:
        raise InvalidResults(f"{path.name}: no record")
    for number, record in enumerate(records):
        lacking = [name for name in required if name not in record]
        if lacking:
            raise InvalidResults(f"{path.name}: record {number} lacks {', '.join(lacking)}")
    return content


def read_plain(directory, name):
    """The object of a file without records; an empty one if there is no file."""
    path = Path(directory) / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


class Results:
    """The records of each producer by its name, an empty list if the producer is missing.
    about     what the files say about machine, compiler and commit
    run       what bench/run says about itself
    cost      bench/worst_case/cost.json
    campaign  the recorded campaign of mistakes, of docs/figures.json
    mistakes  {kind: [(least reported, most harm) in per cent, for each level of hardening]}"""

    def __init__(self, directory):
        self.about = {}
        self.is_sample = False
        for producer, required in REQUIRED.items():
            path = Path(directory) / f"{producer}.json"
            content = read_file(path, required) if path.exists() else {"records": []}
            setattr(self, producer, content.pop("records"))
            self.is_sample = self.is_sample or bool(content.pop("sample", False))
            self.about[producer] = content
        self.run = read_plain(directory, "run")
        self.cost = read_plain(directory, "cost")
        self.campaign = read_plain(directory, "figures").get("mistakes", {})
        self.mistakes = mistakes.levels(self.campaign["tables"]["outcomes"]) \
            if self.campaign else {}

    def missing(self):
        """Names of the producers that left no result."""
        return [producer for producer in REQUIRED if not getattr(self, producer)]

    def failed(self):
        """The parts of the run that failed."""
        return [part for part in self.run.get("parts", []) if part["status"] != 0]

    def said(self, name):
        """The different compilers or commits that the files name."""
        texts = [text for about in self.about.values() for text in about.get(name, "").split("; ")]
        return list(dict.fromkeys(re.sub(r"^(\S+): (?=\1 )", "", text) for text in texts if text))

    def machines(self):
        """The different processors and kernels that the files name."""
        named = [about["machine"] for about in self.about.values() if about.get("machine")]
        return list(dict.fromkeys(
            f"{machine.get('processor') or machine.get('cpu')}, Linux "
            f"{machine.get('kernel', '').removeprefix('Linux ')}" for machine in named))

    def merged(self):
        """Everything in one object, for machines."""
        return {"schema": 1, "sample": self.is_sample, "run": self.run, "missing": self.missing(),
                "about": self.about,
                "records": {producer: getattr(self, producer) for producer in REQUIRED}}
