# SPDX-License-Identifier: BSD-3-Clause
"""Targets that suites do not run on: the sources compile, and take the right folder of arch/."""

import ast
import configparser
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from code_checks import SOURCES
from report import ROOT, run

CLANG = "clang -ffreestanding"
# What a compiler of a cross file must choose. The others have no bit search: generic.
CHOICE_OF_CROSS_FILE = {
    "aarch64": "aarch64", "armhf": "arm", "cortex-m0": "armv6m", "cortex": "arm", "i686": "x86",
    "riscv": "riscv"}
# Compilers that no cross file has. Of the Arm states without clz, clang says of some that they
# have it.
MORE = {
    "gcc": "x86", CLANG: "x86", f"{CLANG} --target=aarch64-none-elf": "aarch64",
    "arm-none-eabi-gcc -mcpu=cortex-m23": "armv6m", "arm-none-eabi-gcc -mcpu=cortex-m55": "arm",
    "arm-none-eabi-gcc -mcpu=arm926ej-s -marm": "arm",
    "arm-none-eabi-gcc -mcpu=arm926ej-s -mthumb": "armv6m",
    "arm-none-eabi-gcc -mcpu=arm7tdmi": "armv6m",
    f"{CLANG} --target=thumbv8m.base-none-eabi": "armv6m",
    f"{CLANG} --target=thumbv8m.main-none-eabi": "arm",
    f"{CLANG} --target=armv5te-none-eabi -mthumb": "armv6m",
    f"{CLANG} --target=riscv32-none-elf -march=rv32i": "riscv",
    f"{CLANG} --target=msp430": "generic"}
SLOW_CALL = re.compile(r" U (__(?:clz|ctz|ffs)[sdt]i2)$", re.MULTILINE)

CORE = ROOT / "lib" / "core" / "tlsf.c"


def cross_compilers():
    """Pairs of each cross file's compiler, with its options, and the folder that it must choose."""
    for path in sorted((ROOT / "cross").glob("*.ini")):
        file = configparser.ConfigParser()
        file.read(path)
        words = [ast.literal_eval(file["binaries"]["c"])]
        if "built-in options" in file:
            words += ast.literal_eval(file["built-in options"]["c_args"])
        folder = next((folder for name, folder in CHOICE_OF_CROSS_FILE.items()
                       if path.stem.startswith(name)), "generic")
        yield " ".join(words), folder


def compilers():
    return {**dict(cross_compilers()), **MORE}


@contextmanager
def unit_of_all_sources():
    """A folder with all of lib/ in all.c."""
    with tempfile.TemporaryDirectory() as folder:
        lines = ["#include \"tlsf.h\"", *[f"#include \"{source}\"" for source in SOURCES]]
        Path(folder, "all.c").write_text("\n".join(lines) + "\n")
        yield Path(folder)


def chosen_folders(compiler, *options):
    """The folders of arch/ whose file the compiler reads, and the finished run."""
    done = run(*compiler.split(), *options, f"-I{ROOT}/include", "-E", CORE)
    return set(re.findall(r'^# \d+ "\S*/arch/(\w+)/bits_arch\.h', done.output, re.MULTILINE)), done


def targets_choose_their_bits(result):
    """Without a folder of arch/ on the include path: all of lib/ compiles, asks no library to
    search a bit, and its algorithms are what the compiler reads with the folder."""
    with unit_of_all_sources() as work:
        for compiler, folder in compilers().items():
            chosen, done = chosen_folders(compiler)
            result.check(chosen == {folder}, f"{compiler} takes {chosen}, not {folder}",
                         done.tail())
            words = [*compiler.split(), "-std=c11", "-Wall", "-Wextra", "-Werror",
                     f"-I{ROOT}/include"]
            done = run(*words, "-fsyntax-only", "all.c", cwd=work)
            result.check(done.ok, f"{compiler} compiles lib/", done.tail())
            done = run(*words, "-O1", "-c", CORE, "-o", "core.o", cwd=work)
            if result.check(done.ok, f"{compiler} compiles the core", done.tail()):
                calls = SLOW_CALL.findall(run("nm", work / "core.o").output)
                result.check(not calls, f"{compiler}: calls of {calls}")
            result.check(text_read(words) == text_read([*words, f"-I{ROOT}/arch/{folder}"]),
                         f"{compiler}: text with arch/{folder}")


def text_read(words):
    """What is left of the core behind the preprocessor; the command that failed, without any."""
    done = run(*words, "-E", "-P", CORE)
    return done.output.partition("\n")[2] if done.ok else done


def wrong_folders_are_refused(result):
    """Each compiler accepts its folder and arch/generic. Every other folder stops it with an error
    that names the folder, but where a test asks for it with BITS_UNCHECKED."""
    folders = sorted(path.name for path in (ROOT / "arch").iterdir() if path.is_dir())
    for compiler, right in compilers().items():
        for folder in folders:
            chosen, done = chosen_folders(compiler, f"-I{ROOT}/arch/{folder}")
            if folder in (right, "generic"):
                result.check(done.ok and chosen == {folder}, f"{compiler} takes arch/{folder}",
                             done.tail())
            else:
                result.check(not done.ok and re.search(rf"error.*arch/{folder}\b", done.output),
                             f"{compiler} refuses arch/{folder}", done.tail())
    for folder in folders:
        chosen, done = chosen_folders("gcc", "-DBITS_UNCHECKED", f"-I{ROOT}/arch/{folder}",
                                      f"-I{ROOT}/tests/core/intrinsics")
        result.check(done.ok and chosen == {folder}, f"arch/{folder}, unchecked", done.tail())


# ---- compilers of other makers -------------------------------------------------------------

PROGRAM = """
#include "fmemory_pool.h"
static u8 region[9000];
static FMemp memp;
int main(void) {
    if (FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) return 1;
    u8 *a = FMempMalloc(&memp, 100);
    u8 *b = FMempMallocAlign(&memp, 1500, 64);
    if (a == NULL || b == NULL || (uintptr_t)b % 64 != 0) return 2;
    a = FMempRealloc(&memp, a, 900);
    FMempFree(&memp, b);
    return a != NULL && FMempCheck(&memp, NULL) == FMEMP_SUCCESS ? 0 : 3;
}
"""
# Macros by which IAR's and TI's compilers tell themselves, on a model of their intrinsics.
MODELS = {
    "iar": ["-D__ICCARM__", "-D__ARM_FEATURE_CLZ", f"-I{ROOT}/tests/core/intrinsics"],
    "ti": ["-D__TI_ARM__", "-D__ARM_FEATURE_CLZ", "-include",
           f"{ROOT}/tests/core/intrinsics/ti.h"]}


# glibc's headers need GNU C of gcc: they come first.
NO_GNU_C = "".join(f"#include <{name}.h>\n" for name in
                   ("stddef", "stdint", "stdio", "stdbool", "stdalign", "unistd")) + \
    "#undef __GNUC__\n"


def compilers_without_gnu_c_are_served(result):
    """tcc, and gcc that does not say it knows GNU C, take arch/generic, and the program runs. On
    models of IAR and TI their folders are taken."""
    with unit_of_all_sources() as work:
        (work / "program.c").write_text(PROGRAM)
        (work / "no_gnu_c.h").write_text(NO_GNU_C)
        strict = f"gcc -std=c11 -pedantic-errors -include {work}/no_gnu_c.h"
        for compiler in (f"tcc -I{ROOT}/arch", strict):
            chosen, done = chosen_folders(compiler)
            result.check(chosen == {"generic"}, f"{compiler} takes {chosen}", done.tail())
            done = run(*compiler.split(), f"-I{ROOT}/include", "program.c", "all.c", "-o",
                       "program", cwd=work)
            result.check(done.ok and run(work / "program").ok, f"program by {compiler}",
                         done.tail())
    for folder, options in MODELS.items():
        chosen, done = chosen_folders("gcc -U__GNUC__", *options)
        result.check(chosen == {folder}, f"model of {folder} takes {chosen}", done.tail())
