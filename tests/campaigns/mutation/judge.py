# SPDX-License-Identifier: BSD-3-Clause
"""Builds mutants and lets the suites look for them.

A target is one library of one configuration with the suites that are linked with it, or a suite
that tests a header by itself. A mutant goes through the targets in turn until one kills it."""

import hashlib
import queue
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import Future

import variants
from report import ROOT, Result

# How a mutant ends.
KILLED, SURVIVED, EQUIVALENT, DUPLICATE, STILLBORN = range(5)

# name: options of the build. Every line of lib/ is compiled in one of them.
CONFIGURATIONS = {
    "shipped": [],
    "hardening-3": ["-Dhardening=3"],
    "wide-2": ["-Dblock_layout=wide", "-Dhardening=2", "-Dlook_ahead=4", "-Dpending=false",
               "-Dbits=aarch64", "-Dc_args=-DBITS_UNCHECKED"],
    "plain": ["-Dhardening=0", "-Dround_to_class=true", "-Dstatistics=false", "-Dlook_ahead=3",
              "-Dbits=generic", "-Dgranule=16"],
}
CORE = [(name, "libfmemp") for name in CONFIGURATIONS]
BOUNDED = [(name, "libfmemp_bounded") for name in CONFIGURATIONS]
FMEMP = [("shipped", "libfmemp_mock"), ("shipped", "libfmemp_tagged"),
         ("shipped", "libfmemp_default_port"), ("shipped", "libfmemp"),
         ("hardening-3", "libfmemp_mock"), ("plain", "libfmemp_mock")]
SLOW_SECONDS = 1  # a suite that takes longer is asked when all others have found nothing
TEST = "-O1"  # how mutants are compiled to be tested
COMPARE = "-O2"  # and survivors, to be compared with the original
WALL_SECONDS = 120  # for a suite that waits for itself; endless loops are found by their CPU time

# The arguments: limit in CPU seconds, library, suite.
UNDER_LIMIT = ["sh", "-c", """
    ulimit -c 0; ulimit -t "$1"; LD_PRELOAD=$2; export LD_PRELOAD; exec "$3" """, "sh"]


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Stillborn(Exception):
    """A mutant that does not compile."""


class Target:
    """What can be built anew, and the suites that then run."""

    def __init__(self, name, target, executables, users, folder):
        self.name, self.target, self.folder = name, target, folder
        self.users = users  # of each function: the sources whose code it can be part of
        self.is_library = isinstance(target, variants.Library)
        self.executables = list(executables)
        self.failing = []  # suites that fail without a mutant
        self.files = [unit.files for unit in target.units]
        self.originals = {}  # flag: [(object, digest) of each unit]
        self.kills, self.seconds = {}, {}  # of each suite
        self.seen, self.lock = {}, threading.Lock()
        folder.mkdir(parents=True)

    def prepare(self):
        """Compiles the original, and lets every suite pass it."""
        folder = self.folder / "original"
        folder.mkdir()
        variant = self.link(self.objects_of_original(TEST), folder)
        for executable in list(self.executables):
            begin = time.monotonic()
            if self.run(executable, variant, 60) != 0:
                self.failing.append(executable.name)
                self.executables.remove(executable)
            self.seconds[executable.name] = time.monotonic() - begin
            self.kills[executable.name] = 1

    def objects_of_original(self, flag):
        if flag not in self.originals:
            folder = self.folder / f"original{flag}"
            folder.mkdir()
            outputs = [self.compile(number, ROOT, folder, flag)
                       for number in range(len(self.target.units))]
            self.originals[flag] = [(output, digest_of(output)) for output in outputs]
        return [output for output, _ in self.originals[flag]]

    def compile(self, number, tree, folder, flag):
        unit = self.target.units[number]
        output = folder / f"{number}.o"
        done = subprocess.run([*unit.command("gcc", tree, flag), "-c", "-o", output],
                              cwd=unit.folder, capture_output=True)
        if done.returncode != 0:
            raise Stillborn
        return output

    def concerns(self, number, mutant):
        """Whether a mutant can change the object code of a unit."""
        source = self.target.units[number].source
        name = str(source.relative_to(ROOT)) if source.is_relative_to(ROOT) else source.name
        return mutant.file in self.files[number] and \
            (not self.is_library or name in self.users.get(mutant.function, [name]))

    def objects(self, mutant, tree, folder, flag):
        """Compiles what the mutant's file is part of. Returns the objects, and a digest of those
        that differ from the original's; None when none does."""
        with self.lock:
            outputs = list(self.objects_of_original(flag))
        different = []
        for number in range(len(outputs)):
            if self.concerns(number, mutant):
                outputs[number] = self.compile(number, tree, folder, flag)
                digest = digest_of(outputs[number])
                if digest != self.originals[flag][number][1]:
                    different.append((number, digest))
        return outputs, tuple(different) or None

    def link(self, objects, folder):
        variant = folder / "variant"
        subprocess.run(self.target.link_command("gcc", objects, variant), cwd=self.folder,
                       check=True, capture_output=True)
        return variant

    def run(self, executable, variant, seconds):
        path, preloaded = (executable.path, variant) if self.is_library else (variant, "")
        try:
            done = subprocess.run([*UNDER_LIMIT, str(seconds), preloaded, path], cwd=ROOT,
                                  env=variants.test_environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            return -1
        return done.returncode

    def killer(self, objects, folder, is_slow):
        """The suite that notices a variant, or None: of the slow suites, or of the others. Those
        that kill most in their time come first."""
        variant = self.link(objects, folder)
        executables = [executable for executable in self.executables
                       if (self.seconds[executable.name] > SLOW_SECONDS) == is_slow]
        for executable in sorted(executables, key=self.worth, reverse=True):
            if self.run(executable, variant, 2 + int(10 * self.seconds[executable.name])) != 0:
                self.kills[executable.name] += 1
                return executable.name
        return None

    def worth(self, executable):
        return self.kills[executable.name] / self.seconds[executable.name]

    def judge(self, mutant, tree, folder, is_slow):
        """Asks the slow suites, or the others. Returns (what killed the mutant or None, whether
        another had the same object code); None when the object code is the original's."""
        objects, different = self.objects(mutant, tree, folder, TEST)
        if different is None:
            return None
        with self.lock:
            known = self.seen.get((different, is_slow))
            if known is None:
                mine = self.seen[different, is_slow] = Future()
        if known is not None:
            return known.result(), True
        try:
            mine.set_result(self.killer(objects, folder, is_slow))
        except BaseException as error:
            mine.set_exception(error)
            raise
        return mine.result(), False


class Judge:
    """All targets, built when they are first needed, and a tree of the source for each worker.
    users: of each function, the sources whose code it can be part of; is_shipped_only: what is not
    in the library that ships counts as equivalent, and only its survivors see other builds."""

    def __init__(self, users, jobs, is_shipped_only):
        self.users, self.is_shipped_only = users, is_shipped_only
        self.folder = variants.work_folder("mutation")
        self.lock = threading.Lock()
        self.suites, self.targets = {}, {}
        self.kills = Counter()  # of each file in each configuration
        self.trees = queue.Queue()
        for number in range(jobs):
            self.trees.put(variants.copy_tree(self.folder / f"tree-{number}"))

    def suites_of(self, name):
        if name not in self.suites:
            result = Result()
            self.suites[name] = variants.built(result, name, CONFIGURATIONS[name])
            if result.failures:
                raise RuntimeError("\n".join(result.failures))
        return self.suites[name]

    def target(self, configuration, name):
        with self.lock:
            key = f"{configuration}.{name}"
            if key not in self.targets:
                suites = self.suites_of(configuration)
                alone = {suite.name: suite for suite in suites.standing_alone}
                target = alone.get(name) or suites.library(name)
                executables = [target] if name in alone else target.executables
                made = Target(key, target, executables, self.users, self.folder / key)
                made.prepare()
                self.targets[key] = made
            return self.targets[key]

    def failing(self):
        return [f"{target.name}: {name}" for target in self.targets.values()
                for name in target.failing]

    def places(self, mutant):
        """The targets that have the mutant's file, most promising first: (configuration, name)."""
        with self.lock:
            alone = [("shipped", suite.name) for suite in self.suites_of("shipped").standing_alone
                     if any(mutant.file in unit.files for unit in suite.units)]
        if mutant.file.startswith("lib/fmemp/"):
            return FMEMP
        if mutant.file.startswith("lib/bounded/"):
            return alone + BOUNDED
        if mutant.file.startswith("arch/"):
            return alone + [place for place in CORE if place[0] != "plain"]
        return alone + sorted(CORE, key=lambda place: -self.kills[mutant.file, place[0]])

    def judge(self, mutant, places):
        """Returns how the mutant ended, and which suite killed it."""
        tree = self.trees.get()
        try:
            file = tree / mutant.file
            original = file.read_text()
            file.write_text(original[:mutant.begin] + mutant.text + original[mutant.end:])
            try:
                return self._judge(mutant, places, tree)
            finally:
                file.write_text(original)
        finally:
            self.trees.put(tree)

    def _judge(self, mutant, places, tree):
        folder = tree / "objects"
        folder.mkdir(exist_ok=True)
        tested, is_new, is_compiled = {}, False, False
        for is_slow in (False, True):
            for place in list(tested) if is_slow else places:
                if self.is_shipped_only and place[0] != "shipped" and not tested:
                    return EQUIVALENT, None
                target = self.target(*place)
                try:
                    verdict = target.judge(mutant, tree, folder, is_slow)
                except Stillborn:
                    continue
                is_compiled = True
                if verdict is None:
                    continue
                tested[place] = target
                killer, is_known = verdict
                if killer is not None:
                    self.kills[mutant.file, place[0]] += 1
                    return (DUPLICATE if is_known else KILLED), f"{target.name}: {killer}"
                is_new |= not is_known
        if not is_compiled:
            return STILLBORN, None
        if not any(target.objects(mutant, tree, folder, COMPARE)[1] for target in tested.values()):
            return EQUIVALENT, None
        return (SURVIVED if is_new else DUPLICATE), None
