# SPDX-License-Identifier: BSD-3-Clause
"""Builds the suites of this folder in many shapes, with libraries that use the port of a tool, and
runs them under that tool. A library without the port is the control: then the tool must report
nothing. In the random streams of the model the tools must find nothing either."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from report import ROOT, Result, run
from suites import CASE

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1]
LIBRARY = sorted((ROOT / "lib").glob("*/*.c"))
# valgrind 3.19 calls the DWARF that clang writes by default corrupted.
FLAGS = ["-std=c11", "-gdwarf-4", "-O1", f"-I{ROOT}/include", f"-I{ROOT}/arch/x86",
         f"-I{ROOT}/lib/core", f"-I{ROOT}/lib/fmemp",
         f"-I{TESTS}", f'-DFUZZ_CORPUS="{TESTS}/campaigns/fuzz/corpus/core"',
         "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
         "-Wundef", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wwrite-strings", "-Werror"]
RANDOM = TESTS / "support" / "random.c"
MODEL = [*(path for path in sorted((TESTS / "model").glob("*.c"))
           if path.name not in ("test_model.c", "test_stream.c")),
         TESTS / "support" / "region.c", RANDOM]


@dataclass(frozen=True)
class Tool:
    name: str
    option: str  # value of Meson's option, and the name of the port
    is_valgrind: int
    instrumented: tuple  # flags of code that the tool checks
    meson: tuple  # the same, as options of Meson
    command: tuple  # prefix of the command that runs a program

    def library_flags(self):
        return ["-DTLSF_MEMORY_CHECKER=1", f"-I{ROOT}/ports/{self.option}"]

    def flags(self):
        return [f"-DTOOL_IS_VALGRIND={self.is_valgrind}"]


ASAN = Tool("address sanitizer", "address_sanitizer", 0, ("-fsanitize=address",),
            ("-Db_sanitize=address",), ())
# 66 is REPORTED in test_reports.c. Each process there ends with the status that valgrind sets.
VALGRIND = Tool("valgrind", "valgrind", 1, (), (),
                ("valgrind", "-q", "--error-exitcode=66", "--leak-check=no"))


@dataclass(frozen=True)
class Shape:
    layout: str
    hardening: int
    pending: int
    granule: int = 8
    compiler: str = "gcc"

    def flags(self):
        return [f"-DTLSF_LAYOUT=TLSF_{self.layout}", f"-DTLSF_HARDENING={self.hardening}",
                f"-DTLSF_PENDING={self.pending}", f"-DTLSF_GRANULE={self.granule}"]

    def meson(self):
        return [f"-Dblock_layout={self.layout.lower()}", f"-Dhardening={self.hardening}",
                f"-Dpending={'true' if self.pending else 'false'}", f"-Dgranule={self.granule}"]

    def __str__(self):
        pending = "pending" if self.pending else "no pending"
        return (f"{self.compiler}, {self.layout.lower()}, granule {self.granule}, hardening "
                f"{self.hardening}, {pending} block")


QUICK = [Shape("COMPACT", 0, 1, 4), Shape("WIDE", 1, 0, 16), Shape("COMPACT", 2, 0, 8, "clang"),
         Shape("WIDE", 3, 1)]
FULL = [Shape(layout, hardening, pending, granule, compiler)
        for compiler in ("gcc", "clang")
        for layout in ("COMPACT", "WIDE")
        for hardening in (0, 1, 2, 3)
        for pending in (0, 1)
        for granule in (4, 8, 16, 32, 64) if (layout, granule) != ("WIDE", 4)]


# ---- building and running ----------------------------------------------------------------


class Builder:
    """Compiles for one tool, in one shape, into a folder."""

    def __init__(self, result, tool, shape, folder):
        self.result, self.tool, self.shape, self.folder = result, tool, shape, folder

    def compile(self, name, sources, *flags):
        """Returns the objects, or None if the compiler fails."""
        place = Path(self.folder) / name
        place.mkdir()
        done = run(self.shape.compiler, *FLAGS, *self.shape.flags(), *flags, "-c", *sources,
                   cwd=place)
        if not done.ok:
            self.result.fail(f"{name} for {self.tool.name}, {self.shape}", done.tail())
            return None
        return [place / f"{source.stem}.o" for source in sources]

    def library(self, tells=True):
        return self.compile(f"library-{tells}", LIBRARY,
                            *(self.tool.library_flags() if tells else ()))

    def meson_library(self):
        """Returns the library as Meson builds it with the option, or None."""
        place = Path(self.folder) / "meson"
        options = [f"-Dmemory_checker={self.tool.option}", "-Ddefault_library=static",
                   "-Db_lundef=false", "-Dbenchmarks=disabled", "-Dc_args=-gdwarf-4",
                   *self.tool.meson, *self.shape.meson()]
        done = run("meson", "setup", place, *options, cwd=ROOT, env={"CC": self.shape.compiler})
        if done.ok:
            done = run("ninja", "-C", place, "libfmemp.a")
        if not done.ok:
            self.result.fail(f"Meson's library for {self.tool.name}, {self.shape}", done.tail())
            return None
        return [place / "libfmemp.a"]

    def program(self, name, *parts):
        """Links parts: lists of objects, or of archives for the parts before. Returns the program,
        or None if a part is None or the link fails."""
        if None in parts:
            return None
        file = Path(self.folder) / name
        done = run(self.shape.compiler, *self.tool.instrumented, *sum(parts, []), "-lcmocka", "-o",
                   file)
        return file if self.result.check(done.ok, f"link of {name}", done.tail()) else None

    def passes(self, what, program, **environment):
        """Runs a suite under the tool, and counts its cases."""
        if program is None:
            return
        done = subprocess.run([*self.tool.command, program], cwd=ROOT, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", **environment})
        cases = CASE.findall(done.stdout)
        name = f"{what}, {self.tool.name}, {self.shape}"
        wrong = [case for outcome, skipped, case in cases if outcome != "ok" and not skipped]
        tail = "\n".join([*wrong, *(done.stdout + done.stderr).splitlines()[-40:]])
        if self.result.check(done.returncode == 0 and cases and not wrong, name, tail):
            self.result.passed += len(cases) - 1


def judge(tool, shape, seed, steps, also=()):
    """Builds and runs everything for one shape. also: "reports", "meson", "silence", "model"."""
    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(result, tool, shape, folder)
        library = builder.library()
        uninstrumented = builder.compile("map", [HERE / "test_map.c", RANDOM], *tool.flags())
        builder.passes("map", builder.program("test_map", uninstrumented, library),
                       TLSF_TEST_SEED=str(seed), TLSF_TEST_STEPS=str(steps))
        if "reports" in also:
            reports(builder, library, tells=True)
        if "meson" in also:
            reports(builder, builder.meson_library(), tells=True, by="Meson")
        if "silence" in also:
            reports(builder, builder.library(tells=False), tells=False)
        if "model" in also:
            model = builder.compile("model", MODEL, *tool.instrumented)
            builder.passes("random streams", builder.program("test_random", model, library),
                           TLSF_TEST_SEED=str(seed), TLSF_TEST_STEPS=str(steps))
    return result


def reports(builder, library, tells, by="us"):
    name = f"reports-{by}-{tells}"
    scenes = builder.compile(name, [HERE / "test_reports.c"], *builder.tool.flags(),
                             *builder.tool.instrumented, f"-DLIBRARY_TELLS={int(tells)}")
    builder.passes(f"mistakes, built by {by}" if tells else "control: mistakes, without the port",
                   builder.program(name + "-program", scenes, library))


# ---- the command -------------------------------------------------------------------------


def quick(seed):
    """Yields (tool, shape, seed, steps, also)."""
    for number, shape in enumerate(QUICK):
        yield ASAN, shape, seed, 300, ("reports", "model" if number == 3 else "",
                                       "silence" if number == 0 else "",
                                       "meson" if number == 1 else "")
        yield VALGRIND, shape, seed, 60, ("reports" if number in (0, 2) else "",
                                          "meson" if number == 2 else "")


def full(seed):
    for number, shape in enumerate(FULL):
        extra = ("reports", "meson", "silence", "model") if shape.granule == 8 else ("reports",)
        yield ASAN, shape, seed + number, 20_000, extra
        yield VALGRIND, shape, seed + number, 500, extra


def main():
    arguments = argparse.ArgumentParser(prog="tests/run memory_checkers", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="four shapes, short streams")
    arguments.add_argument("--only", default="",
                           help="only tools and shapes whose names match this")
    arguments.add_argument("--seed", type=int, default=1, help="of the random streams")
    arguments.add_argument("--jobs", type=int, default=1, help="shapes at a time")
    wanted = arguments.parse_args()
    begin, passed, failures = time.monotonic(), 0, []
    work = [one for one in (quick if wanted.quick else full)(wanted.seed)
            if re.search(wanted.only, f"{one[0].name}, {one[1]}")]
    with ThreadPoolExecutor(wanted.jobs) as workers:
        for number, result in enumerate(workers.map(lambda one: judge(*one), work), 1):
            tool, shape = work[number - 1][:2]
            print(f"{number} of {len(work)}: {tool.name}, {shape}: {result.passed} passed, "
                  f"{len(result.failures)} failed", flush=True)
            for failure in result.failures:
                print("FAILED", failure, flush=True)
            passed, failures = passed + result.passed, failures + result.failures
    print(f"{time.monotonic() - begin:.0f} s")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
