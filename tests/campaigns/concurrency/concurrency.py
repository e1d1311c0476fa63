# SPDX-License-Identifier: BSD-3-Clause
"""Runs test_threads.c under the thread sanitizer, and interrupt.c in single steps, in several
builds. Runs them again on an FMemp that does not take its lock, or does not release it: each of
these controls has to fail."""

import argparse
import platform
import re
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import inside
from report import ROOT, Result, run

HERE = Path(__file__).resolve().parent
FLAGS = ["-std=c11", "-g", "-DFMEMP_LOCK=1", f"-I{ROOT}/include",
         f"-I{ROOT}/arch/x86", f"-I{ROOT}/lib/core", f"-I{ROOT}/tests"]
LEVELS = (0, 1, 2, 3)  # of hardening

THREADS = [ROOT / "tests" / "fmemp" / "test_threads.c",
           ROOT / "ports" / "pthread" / "fmemory_lock.c"]
THREADS_FLAGS = ["-fsanitize=thread", "-O1", "-include", ROOT / "tests" / "fmemp" / "port_quiet.h"]
NO_LOCK = [THREADS[0], HERE / "no_lock.c"]
STEPS = 20_000  # of each thread in the full run
RACE = "WARNING: ThreadSanitizer: data race"

INTERRUPT = [*sorted(path for path in HERE.glob("*.c") if path.name != "no_lock.c"),
             ROOT / "ports" / "freertos" / "fmemory_lock.c"]
INTERRUPT_FLAGS = ["-static", "-include", HERE / "port.h", f"-I{ROOT}/tests/fmemp/mock_freertos"]
# Try every stride-th pair of call and interrupt. Prime strides meet all kinds of pairs.
QUICK_STRIDE, OTHER_STRIDE = 211, 7

TAGGED = ["-DFMEMP_TAG_DEBUG=1", "-DFMEMP_CALL_SITES=1"]

# Functions whose lock another function takes for them: each with one that stands for all of those.
HELPERS = {"FMempMalloc": "allocate", "FMempMallocAlign": "allocate_aligned",
           "FMempRealloc": "reallocate"}

DECLARATION = re.compile(r"^[\w ]+?[ *](FMem\w+)\(", re.MULTILINE)


@dataclass
class Program:
    """A test program: its own sources, without the library, and its compiler flags."""
    sources: list
    flags: list

    def build(self, result, folder, compiler, *flags, library=None):
        """Returns the executable, or None if the build fails."""
        file = Path(folder) / "program"
        done = run(compiler, *FLAGS, *self.flags, *flags, *(library or sources_of(ROOT)),
                   *self.sources,
                   *(["-lcmocka"] if THREADS[0] in self.sources else []), "-pthread", "-o", file)
        words = " ".join(str(flag) for flag in flags)
        is_built = result.check(done.ok, f"build with {compiler} {words}", done.tail())
        return file if is_built else None


def sources_of(folder):
    return sorted((Path(folder) / "lib").glob("*/*.c"))


def report(text):
    print(text, flush=True)


def public_functions(*flags):
    """Returns the names of FMemp's public functions, as the compiler sees the header."""
    seen = run("gcc", "-E", "-P", "-DFMEMP_LOCK=0", *flags, f"-I{ROOT}/include",
               ROOT / "include" / "fmemory_pool.h")
    names = {name.split("_")[0] for name in DECLARATION.findall(seen.output)}
    return names - {"FMempLock", "FMempUnlock"}


# ---- the calls of the two programs -------------------------------------------------------

def every_function_is_called(result):
    """Both programs have to call every public function, and also each new one."""
    functions = public_functions(*TAGGED)
    result.check(len(functions) > 20, "public functions are found", " ".join(functions))
    calls = (HERE / "world.c").read_text()
    seen = run("gcc", "-E", "-P", *FLAGS, *TAGGED, THREADS[0]).output
    threads = seen[seen.index("struct slot {"):]  # the text after the headers
    for function in sorted(functions):
        result.check(f'{{"{function}"' in calls, f"{function} is interrupted")
        result.check(re.search(rf"\b{function}(_\w+)?\(", threads) is not None,
                     f"{function} is called by threads")


# ---- threads -----------------------------------------------------------------------------

def sanitized(program):
    """Runs a program under the sanitizer, which ends it at the first report."""
    return run(program, env={"TSAN_OPTIONS": "halt_on_error=1:exitcode=66"})


def threads_pass(result, compiler, level, tag, steps):
    name = f"threads: {compiler}, hardening {level}, tags {tag}"
    with tempfile.TemporaryDirectory() as folder:
        program = Program(THREADS, THREADS_FLAGS).build(
            result, folder, compiler, f"-DTLSF_HARDENING={level}", *(TAGGED if tag else []),
            *([f"-DSTEPS={steps}"] if steps else []))
        if program:
            ran = sanitized(program)
            result.check(ran.ok and RACE not in ran.output, name, ran.tail())
            report(f"{name}: {'no race' if ran.ok else 'FAILED'}")


def race_without_lock_is_seen(result, compiler):
    with tempfile.TemporaryDirectory() as folder:
        program = Program(NO_LOCK, THREADS_FLAGS).build(result, folder, compiler)
        if program:
            ran = sanitized(program)
            seen = result.check(ran.status == 66 and RACE in ran.output,
                                f"control: {compiler}, no lock at all", ran.tail())
            report(f"threads: control: {compiler}, no lock: "
                   f"{'race reported' if seen else 'FAILED'}")


# ---- FMemp with one function's lock broken -----------------------------------------------

def body_of(function, folder=ROOT):
    found = inside.find(function, Path(folder))
    return found.text[found.begin:found.end]


def functions_with_lock(result, functions):
    """The functions that take the lock themselves, and one of those that share `reallocate`. The
    others call one of these."""
    locking = [name for name in functions if "FMempLock(" in body_of(name)]
    for name in set(functions) - set(locking):
        result.check(any(f"{other}(" in body_of(name) for other in [*locking, *HELPERS.values()]),
                     f"{name} calls a function that locks")
    return sorted([*locking, *HELPERS])


def body_without(what, body):
    """Returns a function without its lock, or without its unlock."""
    locks = len(re.findall(r"FMempLock\(\w+\)", body))
    if what == "lock":
        body = re.sub(r"FMempLock\(\w+\)", "0", body)
    body, unlocks = re.subn(r"FMempUnlock\(\w+, (\w+)\)", r"(void)\1", body)
    return body if locks == unlocks != 0 else None


def mutated(result, folder, function, what):
    """Returns the sources of a copy of the library in which a function lacks its lock or unlock, or
    None."""
    shutil.copytree(ROOT / "lib", Path(folder) / "lib")
    found = inside.find(HELPERS.get(function, function), Path(folder))
    body = body_without(what, found.text[found.begin:found.end])
    if not result.check(body is not None, f"{function} has an unlock for each lock"):
        return None
    found.replace_by(body)
    return sources_of(folder)


def broken_lock_of_threads_is_seen(result, function):
    with tempfile.TemporaryDirectory() as folder:
        library = mutated(result, folder, function, "lock")
        program = library and Program(THREADS, THREADS_FLAGS).build(
            result, folder, "clang", *TAGGED, library=library)
        if program:
            ran = sanitized(program)
            result.check(RACE in ran.output and function in ran.output,
                         f"control: threads with {function} without its lock", ran.tail())


def broken_lock_of_interrupts_is_seen(result, function, what):
    with tempfile.TemporaryDirectory() as folder:
        library = mutated(result, folder, function, what)
        program = library and Program(INTERRUPT, INTERRUPT_FLAGS).build(
            result, folder, "gcc", "-O1", *TAGGED, library=library)
        if program:
            ran = run(program, QUICK_STRIDE, function)
            result.check(not ran.ok and f"FAILED {function}" in ran.output,
                         f"control: interrupts with {function} without its {what}", ran.tail())


def broken_locks_are_seen(result, functions):
    for number, function in enumerate(functions, 1):
        broken_lock_of_threads_is_seen(result, function)
        broken_lock_of_interrupts_is_seen(result, function, "lock")
        broken_lock_of_interrupts_is_seen(result, function, "unlock")
        report(f"control: {function} without its lock, without its unlock "
               f"({number} of {len(functions)})")


# ---- interrupts --------------------------------------------------------------------------

def interrupts_pass(result, compiler, level, tag, optimization, stride):
    name = f"interrupts: {compiler} {optimization}, hardening {level}, tags {tag}"
    with tempfile.TemporaryDirectory() as folder:
        program = Program(INTERRUPT, INTERRUPT_FLAGS).build(
            result, folder, compiler, optimization, f"-DTLSF_HARDENING={level}",
            *(TAGGED if tag else []))
        if not program:
            return
        ran = run(program, stride)
    counted = re.search(r"^(\d+) passed, 0 failed$", ran.output, re.MULTILINE)
    if result.check(ran.ok and counted, name, ran.tail()):
        result.passed += int(counted.group(1))
        report("\n    ".join([f"{name}:", *ran.output.splitlines()[1:-1]]))


# ---- the command -------------------------------------------------------------------------

def quick(result):
    threads_pass(result, "gcc", 1, 0, None)
    threads_pass(result, "clang", 1, 1, None)
    race_without_lock_is_seen(result, "clang")
    interrupts_pass(result, "gcc", 1, 1, "-O2", QUICK_STRIDE)
    broken_lock_of_interrupts_is_seen(result, "FMempMalloc", "unlock")
    broken_lock_of_interrupts_is_seen(result, "FMempRealloc", "lock")


def full(result):
    for compiler in ("gcc", "clang"):
        for level in LEVELS:
            for tag in (0, 1):
                threads_pass(result, compiler, level, tag, STEPS)
        race_without_lock_is_seen(result, compiler)
    functions = public_functions(*TAGGED)
    broken_locks_are_seen(result, functions_with_lock(result, functions))
    for compiler in ("gcc", "clang"):
        for level in LEVELS:
            every_pair = (compiler, level) in (("gcc", 1), ("clang", 2))
            interrupts_pass(result, compiler, level, 1, "-O2", 1 if every_pair else OTHER_STRIDE)
        interrupts_pass(result, compiler, 1, 0, "-O0", OTHER_STRIDE)


def main():
    arguments = argparse.ArgumentParser(prog="tests/run concurrency", description=__doc__)
    arguments.add_argument("--quick", action="store_true",
                           help="few builds, and every 211th pair of call and interrupt")
    wanted = arguments.parse_args()
    if platform.machine() != "x86_64":
        sys.exit("tests/run concurrency: single steps and the thread sanitizer need x86-64")
    result, begin = Result(), time.monotonic()
    every_function_is_called(result)
    (quick if wanted.quick else full)(result)
    print(f"{time.monotonic() - begin:.0f} s")
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
