# SPDX-License-Identifier: BSD-3-Clause
"""Runs suites with many variants of the library, instrumented or mutated. The suites are built
once.

Meson builds a configuration with a shared library; LD_PRELOAD puts a variant in its place. The
commands of Ninja say how everything is compiled and linked, so this module keeps no list of suites.
A variant is compiled from a tree: the project itself, or a folder with copies of the library's
folders. Suites that include a header of the library but do not link the library (bit operations,
size classes) are compiled and linked again."""

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
TIMES = "_time"  # and how those end that count instructions: none of code without optimization
LIBRARY_FOLDERS = ("lib", "arch", "include", "ports")
OPTIONS = ["-Dtests=enabled", "-Ddefault_library=shared", "-Db_lundef=false", "-Doptimization=0",
           "-Ddebug=false"]


def test_environment(**more):
    """The environment of a suite: fixed seeds and short streams, which find most mistakes
    already."""
    return {**os.environ, "TLSF_TEST_SEED": "1", "TLSF_TEST_STEPS": "600", "FMEMP_SEED": "1",
            "CMOCKA_TEST_ABORT": "1", **more}


def copy_tree(folder):
    """Makes `folder` a tree with copies of the library's folders. Returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in LIBRARY_FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    return folder


def in_tree(path, tree):
    """The file of `tree` for a path of the project; the path itself, if its folder is not
    copied."""
    inside = path.relative_to(ROOT) if path.is_relative_to(ROOT) else None
    is_copied = inside is not None and inside.parts[:1] and inside.parts[0] in LIBRARY_FOLDERS
    return tree / inside if is_copied else path


def is_suite(name):
    return name.startswith(SUITES) and not name.endswith(TIMES)


def essential(words):
    """The words of a compiler's command that decide what the code does."""
    kept, rest = [], iter(words)
    for word in rest:
        if word in ("-MQ", "-MF", "-o"):
            next(rest)
        elif not word.startswith(("-W", "-O", "-g", "-fdiagnostics")) and word not in ("-MD", "-c"):
            kept.append(word)
    return kept


class Unit:
    """One source file, with the options of one library or executable."""

    def __init__(self, words, folder):
        self.folder = folder
        self.source = (folder / words[-1]).resolve()
        self.options = essential(words[1:-1])

    def command(self, compiler, tree, *more):
        """The compiler's command in a tree, without its output."""
        options = []
        for word in self.options:
            if word.startswith("-I"):
                word = f"-I{in_tree((self.folder / word[2:]).resolve(), tree)}"
            options.append(word)
        return [compiler, *options, "-w", *more, str(in_tree(self.source, tree))]

    @cached_property
    def files(self):
        """The project's files that the compiler reads here, by their paths in the project."""
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
    """A suite. library: what it links; None: it stands alone."""

    def __init__(self, path, words, units, library):
        self.path, self.name, self.units, self.library = path, path.name, units, library
        self.words = words

    def link_command(self, compiler, objects, output):
        """Links a suite that stands alone."""
        folder = self.units[0].folder
        rest = [str(folder / word) if word.endswith(".a") else word
                for word in self.words[3:] if not word.endswith(".o")]
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
        elif words[1:2] == ["-o"] and is_suite(Path(words[2]).name):
            used = [self.libraries[word] for word in words if word in self.libraries]
            executable = Executable(self.folder / words[2], words, self._units(words),
                                    used[0] if used else None)
            self.executables.append(executable)
            for library in used:
                library.executables.append(executable)

    def _units(self, words):
        return [Unit(self.compiled[word], self.folder) for word in words if word.endswith(".o")]

    def library(self, name):
        return next(library for library in self.libraries.values() if library.name == name)

    @cached_property
    def standing_alone(self):
        """Suites that test a header of the library."""
        return [executable for executable in self.executables if executable.library is None and
                any(name.startswith(("lib/", "arch/"))
                    for unit in executable.units for name in unit.files)]


def built(result, name, options):
    """Builds a configuration; a lock keeps two processes from building it at a time. Returns its
    Suites. None: failed, and `result` has it."""
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
