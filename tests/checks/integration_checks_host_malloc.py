# SPDX-License-Identifier: BSD-3-Clause
"""integrations/host_malloc: libfmemp-malloc.so as Meson installs it, preloaded and linked, for this
machine and for 32 bits."""

import re
import shutil

from integration_readme import commands_run
from report import BUILD, ROOT, run
from suites import CASE, build

PROGRAMS = ROOT / "tests" / "campaigns" / "programs"
NAME = "libfmemp-malloc.so"
TARGET = f"integrations/host_malloc/{NAME}"
HARDENING = "2"
TAP = {"CMOCKA_MESSAGE_OUTPUT": "TAP"}
COMPILE = ["-std=c11", "-O1", "-pthread", f"-I{ROOT}/tests"]


def installed(result):
    """Builds the library alone, and installs it. Returns the folder that holds it, or None."""
    prefix = BUILD / "host-malloc-prefix"
    shutil.rmtree(prefix, ignore_errors=True)
    folder = build(result, "host-malloc", ["-Dhost_malloc=enabled", "-Dtests=disabled",
                                           f"-Dhardening={HARDENING}", f"--prefix={prefix}",
                                           "--libdir=lib"], target=TARGET)
    if folder is None:
        return None
    done = run("meson", "install", "-C", folder, "--no-rebuild", "--tags", "host_malloc")
    files = [path for path in prefix.rglob("*") if path.is_file()]
    is_right = done.ok and files == [prefix / "lib" / NAME]
    return prefix / "lib" if result.check(is_right, f"{NAME} is installed", done.tail()) else None


def count_cases(result, name, done):
    cases = CASE.findall(done.output)
    for outcome, _, case in cases:
        result.check(outcome == "ok", f"{name}: {case}", done.tail(20))
    result.check(done.ok and cases, f"{name} ended well", done.tail(20))


def calls_keep_their_promises(result, library):
    """On the C library, which shows that the cases are right; preloaded; and linked."""
    plain, linked = BUILD / "host-malloc" / "plain", BUILD / "host-malloc" / "linked"
    for program, words in ((plain, []), (linked, [f"-L{library}", "-lfmemp-malloc"])):
        done = run("gcc", *COMPILE, PROGRAMS / "test_calls.c", "-lcmocka", *words, "-o", program)
        result.check(done.ok, f"build of {program.name}", done.tail())
    count_cases(result, "C library", run("timeout", "120", plain, "library", env=TAP))
    count_cases(result, "preloaded", run("timeout", "120", plain, "preload", HARDENING,
                                         env={**TAP, "LD_PRELOAD": str(library / NAME)}))
    count_cases(result, "linked", run("timeout", "120", linked, "preload", HARDENING,
                                      env={**TAP, "LD_LIBRARY_PATH": str(library)}))


def processes_are_journalled(result, library):
    """A line at the start and at the end of each process, if the environment asks for it."""
    journal = BUILD / "host-malloc" / "journal"
    preloaded = {"LD_PRELOAD": str(library / NAME)}
    journal.unlink(missing_ok=True)
    run("true", env=preloaded)
    result.check(not journal.exists(), "no journal unasked")
    run("sh", "-c", "(exit 3); sort /dev/null", env={**preloaded, "FMEMP_JOURNAL": str(journal)})
    lines = journal.read_text() if journal.exists() else ""
    ends = re.findall(r"^end \d+ (\w+) operations=\d+ peak=\d+ pools=\d+ checks=[1-9]\d* "
                      r"verdict=sound$", lines, re.MULTILINE)
    result.check(sorted(ends)[-1:] == ["sort"] and len(ends) >= 2 and "\nfork " in lines,
                 "a journal of each process", lines)


def programs_of_32_bits_are_served(result):
    """A program without a mistake, and one with a double free, under emulation."""
    folder = build(result, "host-malloc-i686", ["-Dhost_malloc=enabled", "-Dtests=disabled"],
                   cross=["i686-linux"], target=TARGET)
    if folder is None:
        return
    program = folder / "mistakes"
    done = run("i686-linux-gnu-gcc", *COMPILE, PROGRAMS / "mistakes.c", "-o", program)
    result.check(done.ok, "build of a program of 32 bits", done.tail())
    emulator = ["timeout", "60", "qemu-i386", "-L", "/usr/i686-linux-gnu", "-E",
                f"LD_PRELOAD={folder / TARGET}", program]
    done = run(*emulator, "none")
    result.check(done.ok and "fmemp" not in done.output.split("\n", 1)[1], "32 bits: no mistake",
                 done.tail())
    done = run(*emulator, "double-free")
    result.check(not done.ok and "\nfmemp: double free: block 0x" in done.output,
                 "32 bits: a double free", done.tail())


def host_programs_are_served(result):
    library = installed(result)
    if library:
        calls_keep_their_promises(result, library)
        processes_are_journalled(result, library)
    programs_of_32_bits_are_served(result)
    commands_run(result, "host_malloc")
