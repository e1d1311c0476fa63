# SPDX-License-Identifier: BSD-3-Clause
"""integrations/cpp: new and delete, allocator, memory resource and unique_ptr in three standards,
with and without exceptions and RTTI, on this machine and on a Cortex-M4."""

import re
import signal
from functools import cache

from integration_checks_c_library import IMAGES as C_IMAGES
from integration_checks_c_library import HOOKS, ran
from integration_readme import commands_run
from report import BUILD, ROOT, run

FOLDER = ROOT / "integrations" / "cpp"
PROGRAM = ROOT / "tests" / "checks" / "images" / "cpp" / "promises.cpp"
TEXT = PROGRAM.read_text()
CASES = re.findall(r"^    CASE\((\w+)\)", TEXT, re.MULTILINE)
ONLY_WITH_EXCEPTIONS = {"new_handler_that_throws_ends_the_request",
                        "make_unique_frees_if_constructor_throws"}
ONLY_WITH_CALL_SITES = {"call_site_is_the_line_that_says_new"}
C_SOURCES = sorted(ROOT.glob("lib/core/*.c")) + sorted(ROOT.glob("lib/fmemp/*.c"))
COMPILE = ["-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
           "-Wundef", "-Wold-style-cast", "-Werror", f"-I{ROOT}/include", f"-I{FOLDER}"]
BARE = ["-fno-exceptions", "-fno-rtti"]
M4 = ["-mthumb", "-mcpu=cortex-m4", "-ffunction-sections", "-fdata-sections"]
# Compiler and options. Each standard meets gcc, clang or both, and both kinds of build.
SANITIZED = ["-fsanitize=address,undefined", "-DTLSF_GRANULE=16"]
HOST = [["g++", "-std=c++17", "-DFMEMP_CALL_SITES=1"], ["g++", "-std=c++23", *BARE, *SANITIZED],
        ["clang++", "-std=c++17", "-fsized-deallocation", *BARE],
        ["clang++", "-std=c++20", "-fsized-deallocation"]]
CORTEX_M = [["-std=c++17", *BARE, "--specs=nano.specs"],
            ["-std=c++20", *BARE, "-DFMEMP_NEW_FROM_MALLOC"],
            ["-std=c++23", "-DFMEMP_CALL_SITES=1"]]


@cache
def c_objects(compiler, *words):
    """Compiles the library once for each choice of options. Returns its objects and the Run."""
    folder = BUILD / "cpp" / re.sub(r"\W+", "-", " ".join([compiler, *words]))
    folder.mkdir(parents=True, exist_ok=True)
    bits = "arm" if "arm" in compiler else "generic"
    done = run(compiler, "-O1", *words, f"-I{ROOT}/include", f"-I{ROOT}/arch/{bits}", "-c",
               *C_SOURCES, cwd=folder)
    return [folder / f"{source.stem}.o" for source in C_SOURCES], done


def built(result, name, compiler, words, more, options):
    """Returns the program, or None."""
    program = BUILD / "cpp" / re.sub(r"\W+", "-", name)
    objects, done = c_objects(compiler, *options)
    if done.ok:
        done = run(*words, *COMPILE, *options, *objects, FOLDER / "fmemp_new.cpp", PROGRAM, *more,
                   "-o", program)
    return program if result.check(done.ok, f"build of {name}", done.tail()) else None


def promises_are_kept(result, name, done, words):
    outcomes = {case: word for word, case in re.findall(r"^(ok|failed) (\w+)$", done.output,
                                                        re.MULTILINE)}
    missing = ONLY_WITH_EXCEPTIONS if "-fno-exceptions" in words else set()
    missing = missing if "-DFMEMP_CALL_SITES=1" in words else missing | ONLY_WITH_CALL_SITES
    expected = [case for case in CASES if case not in missing]
    for case in expected:
        result.check(outcomes.get(case) == "ok", f"{name}: {case}", done.tail())
    result.check(done.ok and len(outcomes) == len(expected), f"{name} ends well", done.tail())


def failures_end_the_program(result, name, program):
    """By std::abort, or by an exception that nobody catches, which ends in it."""
    for how in ("new", "allocator", "length"):
        done = run(program, how)
        result.check(done.status == -signal.SIGABRT, f"{name}: {how} does not return", done.tail())
    result.check(run(program, "nothing").status == 1, f"{name}: nothing returns")


def host_is_served(result):
    for words in HOST:
        name = " ".join(words)
        options = [word for word in words if word.startswith(("-DTLSF", "-DFMEMP"))]
        program = built(result, name, "gcc", words, [], options)
        if program:
            promises_are_kept(result, name, run(program), words)
            if "-fsanitize" not in name:
                failures_end_the_program(result, name, program)
    commands_run(result, "cpp")


def cortex_m_is_served(result):
    for words in CORTEX_M:
        name = " ".join(["cortex-m4", *words])
        options = [*M4, *[word for word in words if word.startswith("-DFMEMP_CALL")]]
        system = BUILD / "cpp" / "system"
        more = [*system_objects(result, system), "-Wl,--gc-sections", "-nostartfiles",
                "--specs=rdimon.specs", "-T", C_IMAGES / "stm32cube.ld"]
        image = built(result, name, "arm-none-eabi-gcc", ["arm-none-eabi-g++", *words], more,
                      options)
        if image:
            promises_are_kept(result, name, ran("cortex_m", image), words)


@cache
def system_objects(result, folder):
    """What the image has from C: start, the C library's malloc, and a stub."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = [C_IMAGES / "reset.c", HOOKS, PROGRAM.with_name("runtime.c")]
    done = run("arm-none-eabi-gcc", "-O1", *M4, f"-I{ROOT}/include", "-c", *sources, cwd=folder)
    result.check(done.ok, "start and C library", done.tail())
    return [folder / f"{source.stem}.o" for source in sources]
