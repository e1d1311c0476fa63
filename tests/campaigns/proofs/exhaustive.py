# SPDX-License-Identifier: BSD-3-Clause
"""Runs the compiled functions themselves: size classes on the bounds of every class of every shape
and on all sizes of some, bit operations on all words."""

import re
from pathlib import Path

import inside
from bugs import Bug, mutated_tree
from report import ROOT, run
from shape import legal_shapes

FLAGS = ["-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", "-static", "-DBITS_UNCHECKED"]
COMPILERS = {64: "gcc", 32: "i686-linux-gnu-gcc"}
# All that class arithmetic depends on: a granule alone changes nothing on 64-bit machines.
ALL_SIZES = [(64, "compact", 8, 3), (64, "compact", 8, 4), (64, "compact", 8, 5),
             (64, "wide", 8, 4), (32, "compact", 4, 4), (32, "wide", 8, 4)]
DEFAULT = (64, "compact", 8, 4)
# Bugs, and which of the two programs must find them.
CONTROLS = [(Bug("class_floor", "BLOCK_FLAG_BITS one more"), "sizes"),
            (Bug("product_overflows", "> made >="), "sizes"),
            (Bug("size_for_request", "right of - dropped"), "sizes"),
            (Bug("multiplied_index", "9 one more"), "words"),
            (Bug("portable_last_set", "0x3 one less"), "words")]


class Programs:
    """Compiles the programs in one unit with the core of the tree `root`, and runs them."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder

    def run(self, machine, source, options, arguments=(), bits="generic"):
        """The finished program, or the compiler where that failed."""
        source = ROOT / "tests/campaigns/proofs" / source
        program = self.folder / source.stem
        includes = [f"-I{self.root / path}" for path in ("include", f"arch/{bits}", "lib/core")]
        built = run(COMPILERS[machine], *FLAGS, *options, *includes,
                    *inside.include_core(self.root), source, "-o", program)
        return run(program, *arguments) if built.ok else built

    def try_sizes(self, shape, bits, how):
        machine, layout, granule, sl_bits = shape
        options = [f"-DTLSF_LAYOUT=TLSF_{layout.upper()}", f"-DTLSF_GRANULE={granule}",
                   f"-DTLSF_SL_BITS={sl_bits}"]
        return self.run(machine, "sizes.c", options, [how], bits)

    def try_words(self, bits, options=()):
        return self.run(64, "all_words.c", options, bits=bits)


def bits_that_run_here():
    """Folders of arch/ and flags; tzcnt and lzcnt where this processor has them."""
    yield from (("x86", ()), ("generic", ()), ("armv6m", ()))
    if re.search(r"^flags.*\bbmi1\b", Path("/proc/cpuinfo").read_text(), re.MULTILINE):
        yield "x86", ("-mbmi", "-mlzcnt")
    else:
        print("not run: tzcnt and lzcnt, which this processor lacks", flush=True)


def try_all(programs, is_quick):
    """Yields a name and a finished run of each program."""
    for shape in [DEFAULT] if is_quick else legal_shapes():
        for bits in ("generic", "x86"):
            yield f"every class's bounds, {name_of(shape)}, bits {bits}", \
                programs.try_sizes(shape, bits, "bounds")
    for shape in [] if is_quick else ALL_SIZES:
        yield f"all sizes, {name_of(shape)}", programs.try_sizes(shape, "x86", "all")
    for bits, options in [] if is_quick else bits_that_run_here():
        yield " ".join(["all words, bits", bits, *options]), programs.try_words(bits, options)


def name_of(shape):
    return "{}-bit {}, granule {}, sl_bits {}".format(*shape)


def try_controls(folder, is_quick):
    """Yields a name and a finished run of each program on a tree with a bug; all should fail."""
    for bug, program in CONTROLS[:1] if is_quick else CONTROLS:
        with mutated_tree(bug.mutants[0]) as tree:
            programs = Programs(tree, folder)
            done = programs.try_words("generic") if program == "words" else \
                programs.try_sizes(DEFAULT, "generic", "bounds")
        yield f"control: exhaustive run, {bug.name}", done
