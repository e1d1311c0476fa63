# SPDX-License-Identifier: BSD-3-Clause
"""Records the heap calls of a program of this machine: bench/loads/record."""

import os
import subprocess
import tempfile
from pathlib import Path

from heap_inspector.problem import Problem

from .engines import CACHE, LOADS, NATIVE, make_cache, require
from .load_file import HEADER

SOURCES = [LOADS / "record/recorder.c", LOADS / "record/address_table.c"]


def recorder():
    """The library to preload, compiled if it is older than its sources."""
    library = CACHE / "libfmemp_record.so"
    newest = max(path.stat().st_mtime for path in [*SOURCES, *LOADS.glob("**/*.h")])
    if not library.exists() or library.stat().st_mtime < newest:
        require(NATIVE)
        make_cache()
        new = CACHE / f"libfmemp_record.{os.getpid()}.so"
        ran = subprocess.run([NATIVE.compiler, "-std=c11", "-O2", "-w", "-shared", "-fPIC",
                              "-fno-builtin", *SOURCES, "-pthread", "-o", new],
                             capture_output=True, text=True)
        if ran.returncode:
            raise Problem(f"the recorder does not compile:\n{ran.stderr.strip()}")
        new.replace(library)
    return library


def run(command, folder):
    """Returns the program's status."""
    environment = {**os.environ, "FMEMP_RECORD": str(Path(folder) / "load"),
                   "LD_PRELOAD": f"{recorder()} {os.environ.get('LD_PRELOAD', '')}".strip()}
    try:
        return subprocess.run(command, env=environment).returncode
    except OSError as error:
        raise Problem(f"{command[0]}: {error.strerror}") from error


def recorded(folder, program):
    """The loads of the processes that made calls: {file: the calls}."""
    found = {}
    for file in Path(folder).iterdir():
        calls = file.read_bytes().rstrip(b"\0")
        if len(calls) > len(HEADER) and (not program or program_of(file) == program):
            found[file] = calls
    return found


def program_of(file):
    """Of load.PROGRAM.PROCESS, or of load.PROGRAM.PROCESS.N after an exec."""
    return file.name.removeprefix("load.").rstrip("0123456789.")


def record(path, command, program=None):
    """Writes the load of the process with the most calls, of those that run `program` if it is
    named. Returns what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        status = run(command, folder)
        files = recorded(folder, program)
        if not files:
            raise Problem(f"no heap calls were recorded of {program or command[0]}. It makes none, "
                          "or is linked statically, or the system does not preload it (set-user-id)"
                          ", or a process of another name does the work: leave out --program")
        largest = max(files, key=lambda file: len(files[file]))
        try:
            # The last call may end with a zero that was taken for the file's end.
            Path(path).write_bytes(files[largest] + b"\0\0")
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}") from error
    return {"load": str(path), "program": program_of(largest), "status": status,
            "processes": len(files)}
