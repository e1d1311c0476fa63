# SPDX-License-Identifier: BSD-3-Clause
"""The library in two files, as tools/amalgamate writes it."""

import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from report import ROOT, run
from use_checks import PROGRAM, WARNINGS

sys.path.insert(0, str(ROOT / "tools"))

from packaging import amalgam, product  # noqa: E402

CORE_PROGRAM = """
#include "tlsf.h"
static char region[4096];
int main(void) {
    tlsf_t heap = tlsf_create_sized(region, sizeof region, 0);
    void *block = heap == NULL ? NULL : tlsf_malloc(heap, 100);
    tlsf_free(heap, block);
    return block != NULL && tlsf_check(heap) == 0 ? 0 : 1;
}
"""
LANGUAGES = ("gcc -std=c11 -pedantic-errors", "clang -std=c11", "g++ -x c++ -std=c++17",
             "clang++ -x c++ -std=c++17", "tcc")
# Whose code is compared, and the options.
COMPARED = [
    ("fmemp", "gcc -std=c11 -O2", ""), ("tlsf", "g++ -x c++ -std=c++17 -O1", ""),
    ("fmemp", "gcc -std=c11 -O1",
     "-DTLSF_HARDENING=3 -DTLSF_LAYOUT=TLSF_WIDE -DFMEMP_TAG_DEBUG=1"),
    ("tlsf", "clang -std=c11 -O2", "-DTLSF_HARDENING=0 -DTLSF_STATISTICS=0 -DTLSF_PREFIX=acme_"),
    ("tlsf", "arm-none-eabi-gcc -std=c11 -Os -mcpu=cortex-m4 -mthumb", "-DTLSF_GRANULE=4"),
    ("fmemp", "arm-none-eabi-gcc -std=c11 -Os -mcpu=cortex-m0 -mthumb", "-DTLSF_HARDENING=2")]


@contextmanager
def written():
    """A folder where the command has written the four files."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder), run(ROOT / "tools" / "amalgamate", folder)


def separate_unit(subject):
    """A unit that includes the separate files in the order of the two files."""
    header, parts = amalgam.SUBJECTS[subject]
    names = [f"include/{header}", *product.sources(*parts)]
    return "".join(f'#include "{ROOT}/{name}"\n' for name in names)


def symbols(*objects):
    """Public symbols, by name and kind."""
    return {tuple(line.split()[-2:]) for line in run("nm", "-g", *objects).output.splitlines()
            if re.match(r"[0-9a-f]* +[A-Z] \w+$", line.strip())}


def two_files_are_the_separate_ones(result):
    """The object is byte by byte that of one unit that includes the separate files, whatever the
    compiler and the options; and has the public symbols of the objects of the separate files."""
    with written() as (folder, done):
        if not result.check(done.ok, "tools/amalgamate", done.tail()):
            return
        separate = folder / "separate"
        separate.mkdir()
        for subject in amalgam.SUBJECTS:
            (separate / f"{subject}.c").write_text(separate_unit(subject))
        for subject, compiler, options in COMPARED:
            words = [*compiler.split(), *options.split(), "-c", f"{subject}.c", "-o", "it.o"]
            made = [run(*words, cwd=folder), run(*words, f"-I{ROOT}/include", cwd=separate)]
            done = next((one for one in made if not one.ok), None)
            result.check(done is None and (folder / "it.o").read_bytes() ==
                         (separate / "it.o").read_bytes(),
                         f"{compiler} {options}: code of {subject}.c", done.tail() if done else "")
    symbols_are_those_of_the_library(result)


def symbols_are_those_of_the_library(result):
    for subject, (_, parts) in amalgam.SUBJECTS.items():
        with written() as (folder, _):
            apart = folder / "apart"
            apart.mkdir()
            run("gcc", "-c", f"-I{ROOT}/include", *(ROOT / name for name in
                                                    product.sources(*parts)), cwd=apart)
            run("gcc", "-c", f"{subject}.c", cwd=folder)
            expected = {(kind, name) for kind, name in symbols(*apart.glob("*.o")) if kind != "U"}
            found = {(kind, name) for kind, name in symbols(folder / f"{subject}.o")
                     if kind != "U"}
            result.check(len(expected) > 40 and found == expected, f"public symbols of {subject}",
                         str(sorted(found ^ expected)))


def two_files_need_no_path(result):
    """cc program.c fmemp.c, in C11 and in C++17, without a warning; and the core alone."""
    with written() as (folder, _):
        for subject, text, macro in (("fmemp", PROGRAM.replace("fmempory_pool.h", "fmemp.h"),
                                      "-DCALLER_NAME=caller"), ("tlsf", CORE_PROGRAM, "-DX=1")):
            (folder / "program.c").write_text(text)
            for compiler in LANGUAGES:
                warnings = [] if compiler == "tcc" else WARNINGS
                done = run(*compiler.split(), *warnings, macro, "program.c", f"{subject}.c", "-o",
                           "program", cwd=folder)
                result.check(done.ok and run(folder / "program").ok,
                             f"{compiler} program.c {subject}.c", done.tail())


def own_bits_win_in_two_files(result):
    own = ROOT / "tests" / "core" / "own_bits"
    with written() as (folder, _):
        for options, count in (([], 0), ([f"-I{own}"], 1)):
            done = run("gcc", *options, "-M", "fmemp.c", cwd=folder)
            result.check(done.ok and done.output.count("own_bits/bits_arch.h") ==
                         count, f"two files with {options}", done.tail())


def other_tree_is_refused(result):
    """A file that only a branch of an #if includes cannot be included elsewhere: the second place
    would miss it. A header that is missing is named."""
    for text, named in (('#if 1\n#include "heap.h"\n#endif\n#include "heap.h"\n', "heap.h"),
                        ('#include "nowhere.h"\n', "nowhere.h")):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("include", "lib", "arch", "LICENSE", "tools"):
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, Path(folder) / name)
            Path(folder, "lib", "core", "a.c").write_text(text)
            done = run(Path(folder) / "tools" / "amalgamate", cwd=folder)
            result.check(not done.ok and named in done.output and "Traceback" not in done.output,
                         f"tree with {text!r}", done.tail())


def two_files_hold(result):
    two_files_need_no_path(result)
    own_bits_win_in_two_files(result)
    other_tree_is_refused(result)
