# SPDX-License-Identifier: BSD-3-Clause
"""What a user names as LOAD: a recorded load, a trace of a board, or a description."""

import json
from pathlib import Path
from threading import Lock

from heap_inspector.problem import Problem

from .description import Description
from .load_file import is_load
from .trace import TraceReader


class Source:
    """file: the load, as engines read it. bits: of the target, if the source knows them."""

    def __init__(self, path, file, kind, notes=(), bits=None):
        self.path, self.file, self.kind, self.notes, self.bits = path, file, kind, notes, bits

    def ask(self, engines, options, command, *words, file=None):
        """What the engine for these options says of the load."""
        try:
            return engines.ask(options, command, file or self.file, *words)
        except Problem as problem:
            raise Problem(f"{self.path}: {problem}") from problem

    def variations(self, engines, options, pool, count, seed):
        """The pool that variations of the load need, at least `pool`."""
        return self.ask(engines, options, "vary", pool, count, seed)["pool"]


class Described(Source):
    """Its variations are what other chances make of the description."""

    def __init__(self, path, description, folder, seed):
        self.description, self.folder, self.lock = description, folder, Lock()
        super().__init__(path, self._file(seed), "description")

    def _file(self, seed):
        file = self.folder / f"{seed}.load"
        with self.lock:  # threads ask for the same variations
            if not file.exists():
                self.description.load(seed).write(file)
        return file

    def variations(self, engines, options, pool, count, seed):
        for other in range(seed + 1, seed + 1 + count):
            pool = self.ask(engines, options, "need", pool, file=self._file(other))["pool"]
        return pool


def source_of(path, folder, seed):
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}. Record one: tools/heap record -o LOAD -- "
                      "PROGRAM") from error
    if is_load(data):
        return Source(path, Path(path), "recorded load")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is no recorded load, no trace, and no text") from error
    if text.lstrip().startswith("{"):
        return traced(path, text, folder)
    return Described(path, Description(text, path), folder, seed)


def traced(path, text, folder):
    try:
        trace = json.loads(text)
    except ValueError as error:
        raise Problem(f"{path} is cut off, or no JSON: {error}") from error
    reader = TraceReader(trace, path)
    file = folder / "trace.load"
    reader.load.write(file)
    return Source(path, file, "trace", list(reader.notes()), trace.get("target", {}).get("bits"))
