# SPDX-License-Identifier: BSD-3-Clause
"""Suites that are built once and run with many variants of the library: instrumented, mutated.

Meson builds a configuration with a shared library, and a variant of that stands in for it through
LD_PRELOAD. What is compiled and linked how is read from the commands of Ninja, so that no list of
suites is kept here. A variant is compiled from a tree: a folder with copies of what the library is
made of, or the project itself. Suites that include a header of the library without linking the
library (bit operations, size classes) are compiled and linked again."""

import fcntl
import os
import shlex
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

from report import BUILD, ROOT, run
from suites import build

SUITES = ("test_", "fmemp_")  # how their executables' names begin
LIBRARY_FOLDERS = ("lib", "arch", "include", "ports")
OPTIONS = ["-Dtests=enabled", "-Ddefault_library=shared", "-Db_lundef=false", "-Doptimization=0",
           "-Ddebug=false"]


def test_environment(**more):
    """For a suite: its seeds, and streams that are short, as what they find they find early."""
    return {**os.environ, "TLSF_TEST_SEED": "1", "TLSF_TEST_STEPS": "600", "FMEMP_SEED": "1",
            "CMOCKA_TEST_ABORT": "1", **more}


def copy_tree(folder):
    """Makes `folder` a tree with what the library is made of. Returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in LIBRARY_FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    return folder


def in_tree(path, tree):
    """What stands in `tree` for a path of the project, if it has it; else the path itself."""
    inside = path.relative_to(ROOT) if path.is_relative_to(ROOT) else None
    is_copied = inside is not None and inside.parts[:1] and inside.parts[0] in LIBRARY_FOLDERS
    return tree / inside if is_copied else path


def essential(words):
    """The words of a compiler's command which decide what the code does."""
    kept, rest = [], iter(words)
    for word in rest:
        if word in ("-MQ", "-MF", "-o"):
            next(rest)
        elif not word.startswith(("-W", "-O", "-g", "-fdiagnostics")) and word not in ("-MD", "-c"):
            kept.append(word)
    return kept


class Unit:
    """One source file as one library or executable compiles it."""

    def __init__(self, words, folder):
        self.folder = folder
        self.source = (folder / words[-1]).resolve()
        self.options = essential(words[1:-1])

    def command(self, compiler, tree, *more):
        """The compiler's command in a tree, without an output."""
        options = []
        for word in self.options:
            if word.startswith("-I"):
                word = f"-I{in_tree((self.folder / word[2:]).resolve(), tree)}"
            options.append(word)
        return [compiler, *options, "-w", *more, str(in_tree(self.source, tree))]

    @cached_property
    def files(self):
        """Every file of the project that is compiled here, by its path in the project."""
        done = subprocess.run(self.command("gcc", ROOT, "-MM"), cwd=self.folder, check=True,
                              capture_output=True, text=True)
        names = done.stdout.replace("\\\n", " ").split(":", 1)[1].split()
        paths = [(self.folder / name).resolve() for name in names]
        return {str(path.relative_to(ROOT)) for path in paths if path.is_relative_to(ROOT)}


class Library:
    def __init__(self, name, units):
        self.name, self.units, self.executables = name, units, []

    def link_command(self, compiler, objects, output):
        return [compiler, "-shared", "-pthread", *map(str, objects), "-o", str(output)]


class Executable:
    """A suite: linked with a Library, or None when it stands alone."""

    def __init__(self, path, words, units, library):
        self.path, self.name, self.units, self.library = path, path.name, units, library
        self.words = words

    def link_command(self, compiler, objects, output):
        """For one that stands alone."""
        rest = [word for word in self.words[3:] if not word.endswith(".o")]
        return [compiler, *map(str, objects), *rest, "-o", str(output)]


class Suites:
    """One configuration of the build, compiled."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.libraries, self.executables = {}, []
        listed = run("ninja", "-C", folder, "-t", "commands")
        self.compiled = {}
        for line in listed.output.splitlines()[1:]:
            self._read(shlex.split(line))

    def _read(self, words):
        if "-c" in words and "-o" in words:
            self.compiled[words[words.index("-o") + 1]] = words
        elif "-shared" in words:
            self.libraries[words[2]] = Library(Path(words[2]).stem, self._units(words))
        elif words[1:2] == ["-o"] and Path(words[2]).name.startswith(SUITES):
            used = [self.libraries[word] for word in words if word in self.libraries]
            executable = Executable(self.folder / words[2], words, self._units(words),
                                    used[0] if used else None)
            self.executables.append(executable)
            if used:
                used[0].executables.append(executable)

    def _units(self, words):
        return [Unit(self.compiled[word], self.folder) for word in words if word.endswith(".o")]

    def library(self, name):
        return next(library for library in self.libraries.values() if library.name == name)

    @cached_property
    def standing_alone(self):
        """Suites whose subject is a header of the library."""
        return [executable for executable in self.executables if executable.library is None and
                any(name.startswith(("lib/", "arch/"))
                    for unit in executable.units for name in unit.files)]


def built(result, name, options):
    """Builds a configuration, while nobody else does. Returns its Suites; None: failed, and the
    Result says so."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with open(BUILD / f"variants-{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = build(result, f"variants-{name}", [*OPTIONS, *options], cc="gcc")
    return Suites(name, folder) if folder else None


def work_folder(name):
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
