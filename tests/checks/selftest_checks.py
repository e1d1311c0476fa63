# SPDX-License-Identifier: BSD-3-Clause
"""tlsf_selftest: its size on a Cortex-M4, that a program pays only if it calls it, and that it
finds the faults of broken libraries. tests/core/test_selftest.c has the rest of its contract."""

import re
import tempfile
from pathlib import Path

from report import ROOT, run
from sampling import half

SOURCE = ROOT / "lib" / "selftest" / "tlsf_selftest.c"
BYTES_MAX = 4096
CORTEX_M4 = ("arm-none-eabi-gcc", "clang --target=arm-none-eabi -ffreestanding")
OPTIONS = ("", "-DTLSF_HARDENING=3 -DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_ROUND_TO_CLASS=1",
           "-DTLSF_HARDENING=2 -DTLSF_STATISTICS=0 -DTLSF_GRANULE=4")

PROGRAM = """
#include "tlsf_selftest.h"
static unsigned char scratch[TLSF_SELFTEST_BYTES];
int main(void) { return (int)tlsf_selftest(scratch, sizeof scratch); }
"""
PASSED, BITS, CREATE, ALIGNMENT, SIZE, SERVICE, SPLIT, COALESCING, CONTENT, REFUSAL, STATISTICS, \
    INVARIANTS, DETECTION = 0, *range(2, 14)

CALLED = ("tlsf", "pool", "query", "check", "fault")  # sources that the self-test calls
STOPS = -11  # by an exception of the processor
MISFIT = {CREATE, SERVICE, SPLIT, COALESCING, INVARIANTS}  # what wrong classes lead to

# What is broken: what the self-test may say of it. What a fault does first can depend on the
# compiler. Names are those of bugs.Bug.
FAULTS = [
    ("BITS_LAST_SET", "*clz made*", {BITS}),
    ("BITS_LAST_SET", "31 one less", {BITS}),
    ("BITS_FIRST_SET", "*", {BITS}),
    ("class_floor", "left of - dropped in result 2", MISFIT),
    ("class_floor", "<< made >> in result 2", MISFIT),
    ("size_for_request", "GRANULE one less*", {SIZE, SPLIT, CONTENT}),
    ("size_for_request", "right of + dropped*", {SIZE, SPLIT, CONTENT}),
    ("block_trim", "made 1 in condition*", {SPLIT}),
    ("block_trim", "made 0 in condition*", {INVARIANTS, COALESCING, SPLIT}),
    ("block_trim", "call of free_blocks_put dropped*", {SPLIT}),
    ("block_split", "assignment dropped*", {SIZE, SPLIT, COALESCING, INVARIANTS, DETECTION}),
    ("victim_trim", "call of block_write_free dropped*", {INVARIANTS, COALESCING}),
    ("merge_next", "made 0 in condition*", {COALESCING, INVARIANTS}),
    ("merge_previous", "made 0 in condition*", {COALESCING, INVARIANTS}),
    ("merge_previous", "call of block_retire dropped*", {SERVICE, COALESCING, INVARIANTS}),
    ("block_release", "call of free_blocks_put dropped*", {COALESCING}),
    ("align_gap", "made 0 in result 1", {ALIGNMENT, INVARIANTS}),
    ("align_gap", "- made + in declaration 1", {ALIGNMENT}),
    ("align_room", "right of + dropped*", {SERVICE, SIZE, INVARIANTS, CONTENT, STOPS}),
    ("align_is_valid", "made 1*", {REFUSAL, ALIGNMENT, SERVICE, STATISTICS}),
    ("list_mark", "*assignment dropped*", {INVARIANTS, SERVICE, COALESCING}),
    ("list_unmark", "*dropped*", {INVARIANTS, SERVICE}),
    ("tlsf_calloc", "call of memset dropped*", {CONTENT}),
    ("product_overflows", "made 0 in result*", {REFUSAL}),
    ("request_failed", "step dropped*", {STATISTICS}),
    ("statistics_allocated", "step dropped*", {INVARIANTS, STATISTICS}),
    ("verify", "*made 1*", {DETECTION}),
    ("verify_exact", "made 1*", {DETECTION}),
]


def is_small(result):
    """Code and constants of the self-test in bytes, on a Cortex-M4; it has no variables."""
    for compiler in CORTEX_M4:
        for level in ("-Os", "-O2"):
            for options in OPTIONS:
                with tempfile.TemporaryDirectory() as folder:
                    words = [*compiler.split(), "-mcpu=cortex-m4", "-mthumb", level,
                             *options.split(), f"-I{ROOT}/include", "-c", SOURCE, "-o", "it.o"]
                    done = run(*words, cwd=folder)
                    listed = run("size", "it.o", cwd=folder).output.splitlines()[-1]
                name = f"self-test by {compiler.split()[0]} {level} {options}".rstrip()
                if result.check(done.ok, f"compiles {name}", done.tail()):
                    text, data, zeroed = map(int, listed.split()[:3])
                    result.check(0 < text <= BYTES_MAX and data == zeroed == 0,
                                 f"{name}: {listed}")


def requirements_exist(result):
    """The identifiers that tlsf_selftest_requirement returns are those of promises of tlsf.h."""
    header = (ROOT / "include" / "tlsf.h").read_text()
    text = (ROOT / "lib/selftest/selftest_requirement.c").read_text()
    named = {name for words in re.findall(r'return "(.*)";', text) for name in words.split()}
    result.check(len(named) > 10, "identifiers of requirements")
    for name in sorted(named):
        result.check(f"[{name}]" in header, f"{name} is no promise of tlsf.h")


def is_linked_where_it_is_called(result):
    """From an archive, a program that does not call it has nothing of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = run("sh", "-c", f"gcc -O1 -I{ROOT}/include -c {ROOT}/lib/core/*.c {SOURCE} && "
                   "ar rcs libfmemp.a *.o", cwd=folder)
        result.check(made.ok, "archive with the self-test", made.tail())
        for program, is_there in ((PROGRAM, True), ('#include "tlsf.h"\nint main(void) { return '
                                                    "tlsf_malloc(0, 0) != 0; }\n", False)):
            (folder / "program.c").write_text(program)
            done = run("gcc", f"-I{ROOT}/include", "program.c", "libfmemp.a", "-o", "program",
                       cwd=folder)
            found = "tlsf_selftest" in run("nm", "program", cwd=folder).output
            result.check(done.ok and found == is_there,
                         f"a program {'with' if is_there else 'without'} the call", done.tail())


def said_of(tree):
    """The exit status of a program that returns what the self-test says of the tree's library. The
    self-test itself is that of this tree."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # One unit compiles in half of the time.
        sources = [tree / "lib/core" / f"{name}.c" for name in CALLED] + \
            [tree / "lib/selftest/tlsf_selftest.c"]
        (folder / "program.c").write_text(
            "".join(f'#include "{source}"\n' for source in sources) + PROGRAM)
        built = run("gcc", "-O0", f"-I{tree}/include", "program.c", "-o", "program", cwd=folder)
        if not built.ok:
            return built
        return run("timeout", "10", "./program", cwd=folder)


def finds_faults(result, seed=None):
    """A sound library passes. Each broken one gets a result that fits what is broken. seed: half of
    them."""
    from bugs import Bug, mutated_tree  # needs a parser of C, which not each run has

    sound = said_of(ROOT)
    result.check(sound.status == PASSED, f"a sound library: {sound.status}", sound.tail())
    for function, kind, expected in half(result, FAULTS, seed):
        bug = Bug(function, kind, arch="x86" if function.startswith("BITS_") else None)
        with mutated_tree(bug.mutants[0]) as tree:
            done = said_of(tree)
        result.check(done.status in expected, f"{bug.name}: the self-test says {done.status}, none "
                         f"of {sorted(expected)}", done.tail(5))
