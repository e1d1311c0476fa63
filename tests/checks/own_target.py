# SPDX-License-Identifier: BSD-3-Clause
"""tests/run --target "CC=... FLAGS=... RUN=...": the checks of the library that a user's own
compiler and processor can do, with the user's own flags and nothing added to them.

    symbols     what the library needs of others
    bound       the longest path of each request (bench/static-bound --cc)
    self-test   an image that calls tlsf_selftest
    suites      those of tests/core and tests/fmemp, an image each, with cmocka built from source

RUN runs an image, whose path comes behind it: an emulator, or a script that loads a board. What it
prints decides, so it need not pass on an exit status. Without RUN images run on this machine."""

import hashlib
import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import code_checks
from report import BUILD, ROOT, Result, run
from suites import count_cases

KEYS = ("CC", "FLAGS", "RUN")
KEY = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
SECONDS = 1200  # for an image; most end in a second
TESTS = ROOT / "tests"
INCLUDES = [f"-I{folder}" for folder in (ROOT / "include", ROOT / "lib" / "core",
                                         ROOT / "lib" / "fmemp", TESTS, TESTS / "fmemp")]
SUPPORT = [TESTS / "support" / f"{name}.c"
           for name in ("guarded_heap", "populated", "random", "region", "space")]
FMEMP_SUPPORT = [TESTS / "fmemp" / "fmemp_support.c"]
MOCK = ["-include", str(TESTS / "fmemp" / "port_mock.h")]

# Suites that need more than an image with the library, and what.
LEFT_OUT = {
    "core/attach": "libraries with other options", "core/espressif": "another header",
    "core/memory_bound": "the adversaries of bench/",
    "core/size_class": "a build for each shape", "core/time": "a counter of instructions",
    "fmemp/default_port": "the default port", "fmemp/limits": "the default port",
    "fmemp/threads": "threads", "fmemp/pthread_port": "threads",
    "fmemp/time": "a counter of instructions",
    "fmemp/freertos": "a model of the kernel", "fmemp/example": "the default port"}
NEED_POSIX = {"core/write": "descriptors", "core/detection": "signals, to go on after a crash"}

PROBE = """
#include <stdio.h>
int main(void) { printf("fmemp probe %d\\n", 6 * 7); return 0; }
"""
SELFTEST = """
#include "tlsf_selftest.h"
#include <stdio.h>
static unsigned char scratch[TLSF_SELFTEST_BYTES];
int main(void) {
    const tlsf_selftest_result result = tlsf_selftest(scratch, sizeof scratch);
    printf("self-test %d %s\\n", (int)result, tlsf_selftest_requirement(result));
    return (int)result;
}
"""
# cmocka reads the form of its output from the environment, which an image has not.
TAP = """
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
__attribute__((constructor)) static void print_tap(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
}
"""


class TargetError(Exception):
    """The target cannot be used as it is described."""


@dataclass(frozen=True)
class Target:
    compiler: str
    flags: tuple
    runner: tuple

    @property
    def command(self):
        return [self.compiler, *self.flags]

    def compile(self, folder, *words):
        return run(*self.command, *INCLUDES, *words, cwd=folder)

    def execute(self, image):
        return run("timeout", SECONDS, *self.runner, image)

    def defines(self, macro):
        done = run("sh", "-c", f"echo | {shlex.join(self.command)} -dM -E -")
        return f"#define {macro} " in done.output


def parse(text):
    """The target in words like CC=gcc. A value goes on to the next key."""
    values, key = {}, None
    for word in shlex.split(text):
        found = KEY.fullmatch(word)
        if found and found[1] in values:
            raise TargetError(f"{found[1]} is there twice")
        if found and found[1] in KEYS:
            key = found[1]
            values[key] = [found[2]] if found[2] else []
        elif key is None or found and key != "RUN":
            raise TargetError(f"{word}: no {', '.join(KEYS)}")
        else:
            values[key].append(word)
    if len(values.get("CC", ())) != 1:
        raise TargetError("CC= names the compiler, in one word; its options belong to FLAGS=")
    target = Target(values["CC"][0], tuple(shlex.split(" ".join(values.get("FLAGS", ())))),
                    tuple(values.get("RUN", ())))
    for key, words in (("CC", [target.compiler]), ("RUN", target.runner)):
        if words and not shutil.which(words[0]):
            raise TargetError(f"{key}: there is no {words[0]}")
    return target


# ---- the parts -----------------------------------------------------------------------------

def probe(target, folder):
    """A program that prints a line shows that images are linked and run."""
    (folder / "probe.c").write_text(PROBE)
    built = target.compile(folder, "probe.c", "-o", "probe")
    if not built.ok:
        raise TargetError("CC and FLAGS do not link a program:\n" + built.tail(15))
    ran = target.execute(folder / "probe")
    if "fmemp probe 42" not in ran.output:
        how = "RUN does not show what an image prints" if target.runner else \
            "this machine does not run the image: name an emulator or a loader by RUN="
        raise TargetError(f"{how}:\n{ran.tail(5)}")


def library(result, target, folder, name, sources, *options):
    """An archive of the sources. None: not compiled."""
    objects = folder / name
    objects.mkdir()
    done = target.compile(objects, *options, "-c", *sources)
    if not result.check(done.ok, f"lib{name} compiles", done.tail()):
        return None
    run("ar", "rcs", f"lib{name}.a", *sorted(objects.glob("*.o")), cwd=folder)
    return folder / f"lib{name}.a"


def check_bound(result, target):
    words = [str(ROOT / "bench" / "static-bound"), "--cc", shlex.join(target.command), "--json",
             str(BUILD / "own-target-bound.json")]
    done = run(*words)
    if "is not known to this program" in done.output or "no disassembler" in done.output:
        result.note("bound: not derived, as bench/static-bound does not know this processor")
        return
    result.check(done.ok, "static bound", done.tail())
    print("\n".join(line for line in done.output.splitlines() if line.startswith("own")))


def check_selftest(result, target, folder, archive):
    (folder / "selftest.c").write_text(SELFTEST)
    built = target.compile(folder, "selftest.c", archive, "-o", "selftest")
    if result.check(built.ok, "the self-test links", built.tail()):
        ran = target.execute(folder / "selftest")
        result.check("self-test 0" in ran.output, "the self-test passes", ran.tail(10))


def suites():
    """{name: file}"""
    return {f"{folder}/{path.stem.removeprefix('test_')}": path for folder in ("core", "fmemp")
            for path in sorted((TESTS / folder).glob("test_*.c"))}


def cmocka(target):
    """Where cmocka for the target is: a folder with libcmocka.a and tree/include."""
    name = hashlib.sha256(shlex.join(target.command).encode()).hexdigest()[:12]
    folder = BUILD / "deps" / f"target-{name}"
    done = run(ROOT / "tools" / "cmocka_from_source", target.compiler, folder, *target.flags)
    if not done.ok:
        raise TargetError("cmocka does not compile:\n" + done.tail(15))
    return folder


def check_suites(result, target, folder, archive, only):
    chosen = {name: path for name, path in suites().items() if re.search(only, name)}
    left_out = {**LEFT_OUT, **({} if target.defines("__unix__") else NEED_POSIX)}
    here = {name: path for name, path in chosen.items() if name not in left_out}
    if not here:
        raise TargetError(f"no suite for this target has a name with {only}")
    test = cmocka(target)
    words = ["-isystem", test / "tree" / "include"]
    (folder / "tap.c").write_text(TAP)
    fmemp = [path for path in code_checks.SOURCES if path.parent.name == "fmemp"]
    mocked = library(result, target, folder, "mocked", fmemp, *MOCK)
    support = library(result, target, folder, "support", SUPPORT, *words)
    fmemp_support = library(result, target, folder, "fmemp_support", FMEMP_SUPPORT, *MOCK, *words)
    if None in (mocked, support, fmemp_support):
        return
    for name, path in here.items():
        more = [*MOCK, fmemp_support, mocked] if name.startswith("fmemp/") else []
        built = target.compile(folder, *words, path, "tap.c", *more, support, archive,
                               test / "libcmocka.a", "-o", "suite")
        if result.check(built.ok, f"{name} links", built.tail()):
            ran = target.execute(folder / "suite")
            output = ran.output.replace("\r", "")
            count_cases(result, {"name": name, "stdout": output,
                                 "result": "TIMEOUT" if ran.timed_out else "OK"})
            print(f"  {name:24} {'timed out' if ran.timed_out else 'ran'}", flush=True)
    for name in sorted(set(chosen) & set(left_out)):
        result.note(f"{name} is left out: it needs {left_out[name]}")


def check_target(result, text, only=""):
    target = parse(text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        probe(target, folder)
        archive = library(result, target, folder, "fmemp", code_checks.SOURCES)
        if archive is None:
            return
        code_checks.needs_only_memory_functions(result, archive)
        check_selftest(result, target, folder, archive)
        check_bound(result, target)
        check_suites(result, target, folder, archive, only)


def main(text, only=""):
    result = Result("target")
    try:
        check_target(result, text, only)
    except (TargetError, ValueError) as error:
        result.fail(f"--target: {error}")
    for note in result.notes:
        print(note)
    return result.end()
