# SPDX-License-Identifier: BSD-3-Clause
"""tests/run --target, on two processors whose suites nothing else runs: a Cortex-M3 and a RISC-V of
32 bits, without an operating system, by picolibc. Mistakes in the words of a target are named, and
a library that fails on the target fails the run."""

import tempfile
from pathlib import Path

import own_target
from report import ROOT, Result, run

PICOLIBC = ("--specs=picolibc.specs --crt0=hosted --oslib=semihost "
            "-Wl,--defsym=__flash={},--defsym=__flash_size=4M,"
            "--defsym=__ram={},--defsym=__ram_size=4M")
SEMIHOSTING = "-nographic -semihosting-config enable=on,target=native -kernel"
TARGETS = {
    "cortex-m3": "CC=arm-none-eabi-gcc FLAGS=-mcpu=cortex-m3 -mthumb -O1 " +
                 PICOLIBC.format("0", "0x20000000") +
                 f" RUN=qemu-system-arm -M mps2-an385 {SEMIHOSTING}",
    "riscv32": "CC=riscv64-unknown-elf-gcc FLAGS=-march=rv32imac -mabi=ilp32 -O1 " +
               PICOLIBC.format("0x80000000", "0x80400000") +
               f" RUN=qemu-system-riscv32 -M virt -bios none {SEMIHOSTING}"}
FEW = "core/(bits|malloc)$|fmemp/blocks$"

WRONG = {"CC=no-compiler": "there is no no-compiler", "CC=gcc RUN=no-runner": "no no-runner",
         "FLAGS=-O2": "CC=", "CFLAGS=-O2 CC=gcc": "CFLAGS", "CC=gcc CC=clang": "twice",
         "CC=gcc FLAGS=-fno-such": "do not link", "CC=gcc RUN=true": "RUN does not show",
         "CC=arm-none-eabi-gcc FLAGS=--specs=nosys.specs": "name an emulator"}


def target_is_checked(result, target):
    own_target.check_target(result, TARGETS[target], FEW)


def mistakes_are_named(result):
    """By the command itself, without a trace of Python."""
    for text, named in WRONG.items():
        done = run(ROOT / "tests" / "run", "--target", text)
        result.check(not done.ok and named in done.output and "Traceback" not in done.output,
                     f"--target '{text}'", done.tail(8))


def failures_are_seen(result):
    """Bit operations of the user's own that are wrong: the self-test and a suite say so."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bits_arch.h").write_text("#define BITS_FIRST_SET(word) ((void)(word), 0u)\n")
        found = Result()
        own_target.check_target(found, f"CC=gcc FLAGS=-O1 -I{folder}", "core/bits$")
    texts = "\n".join(found.failures)
    result.check("the self-test passes" in texts, "a broken bit search: the self-test", texts)
    result.check("core/bits" in texts, "a broken bit search: the suite", texts)
