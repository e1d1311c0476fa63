# SPDX-License-Identifier: BSD-3-Clause
"""Runs random requests (tests/emulated) where no suite runs: on a processor whose size_t has 16
bits, and in the last 64 KiB of an address space of 16, 32 and 64 bits."""

import tempfile
from itertools import product
from pathlib import Path

from report import ROOT, run
from sampling import half

FOLDER = ROOT / "tests" / "emulated"
CORE = sorted((ROOT / "lib" / "core").glob("*.c"))
REQUESTS = FOLDER / "random_requests.c"
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
INCLUDES = [f"-I{ROOT}/include", f"-I{ROOT}/arch/generic", f"-I{FOLDER}"]
COMMON = ["-std=c11", "-O2", *WARNINGS, *INCLUDES]

# Of an atmega1284, as run_avr.c makes it: the program's data and stack lie below the heap.
AVR = ["avr-gcc", "-mmcu=atmega1284", "-Wl,--defsym=__stack=0x17FF", *COMMON]
# No C library; the image lies where run_last_page.c puts it.
BARE = ["-ffreestanding", "-fno-tree-loop-distribute-patterns", "-fno-pic", "-no-pie", "-nostdlib",
        "-static", "-mgeneral-regs-only", "-fno-stack-protector", "-fcf-protection=none",
        "-fno-asynchronous-unwind-tables",
        "-Wl,-Ttext=0x100000,-e,last_page,--build-id=none", *COMMON]
X86 = {"64": "gcc", "32": "i686-linux-gnu-gcc"}

OPTIONS_OF_AVR = [[], ["-DTLSF_HARDENING=3"], ["-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_HARDENING=2"],
                  ["-DTLSF_GRANULE=4", "-DTLSF_PENDING=0", "-DTLSF_SL_BITS=3",
                   "-DTLSF_HARDENING=0", "-DTLSF_ASSERTIONS=1"]]
OPTIONS_OF_X86 = [["-DTLSF_HARDENING=1"],
                  ["-DTLSF_HARDENING=3", "-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_GRANULE=16"],
                  ["-DTLSF_HARDENING=3", "-DTLSF_ASSERTIONS=1"]]


def runs(result, name, runner, build, image):
    built = run(*build, "-o", image)
    if result.check(built.ok, f"build of {name}", built.tail()):
        ran = run("timeout", "300", runner, image)
        result.check(ran.ok and "passed" in ran.output, name, ran.tail())


def runner_of(result, name, folder, *libraries):
    runner = folder / name
    built = run("cc", "-O1", "-Wall", "-Wextra", "-Werror", FOLDER / f"{name}.c", "-o", runner,
                *libraries)
    return runner if result.check(built.ok, f"build of {name}", built.tail()) else None


def size_of_16_bits_is_served(result, seed=None):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = runner_of(result, "run_avr", folder, "-lsimavr", "-lelf")
        for options in half(result, OPTIONS_OF_AVR, seed) if runner else ():
            runs(result, f"avr {' '.join(options)}".rstrip(), runner,
                 [*AVR, *options, FOLDER / "avr.c", REQUESTS, *CORE], folder / "image")


def last_page_is_served(result, seed=None):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runner = runner_of(result, "run_last_page", folder, "-lunicorn")
        pairs = product(X86.items(), OPTIONS_OF_X86)
        for (bits, compiler), options in half(result, pairs, seed) if runner else ():
            runs(result, f"last page of {bits} bits {' '.join(options)}", runner,
                 [compiler, *BARE, *options, FOLDER / "last_page.c", REQUESTS, *CORE, "-lgcc"],
                 folder / "image")
