# SPDX-License-Identifier: BSD-3-Clause
"""What gcc, clang and gcc's analyser say of lib/ beside cppcheck's MISRA addon: nothing, in the
configurations of the addon. docs/misra.md lists them."""

import tempfile
from pathlib import Path

from code_checks import SOURCES
from misra import CONFIGURATIONS
from report import ROOT, run

WARNINGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
            "-Wsign-conversion", "-Wshadow", "-Wundef", "-Wcast-align", "-Wcast-qual",
            "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wold-style-definition",
            "-Wnested-externs", "-Wpointer-arith", "-Wvla", "-Wformat=2", "-Wwrite-strings",
            "-Wswitch-enum", "-Wstrict-aliasing=2"]
OF_GCC = ["-Wlogical-op", "-Wduplicated-cond", "-Wduplicated-branches", "-Wnull-dereference"]
VIEWS = {"gcc": ["gcc", *WARNINGS, *OF_GCC], "clang": ["clang", *WARNINGS],
         "gcc -fanalyzer": ["gcc", "-std=c11", "-O1", "-fanalyzer"]}
# A mistake that each has to find.
CONTROLS = {"gcc": "int *f(const int *p);\nint *f(const int *p) { return (int *)p; }\n",
            "clang": "int *f(const int *p);\nint *f(const int *p) { return (int *)p; }\n",
            "gcc -fanalyzer": "#include <stdlib.h>\nvoid f(void *p);\n"
                              "void f(void *p) { free(p); free(p); }\n"}


def looked_at(view, sources, *options):
    with tempfile.TemporaryDirectory() as folder:
        return run(*VIEWS[view], "-Werror", *options, f"-I{ROOT}/include", "-c", *sources,
                   cwd=folder)


def check(result, is_quick):
    """is_quick: the configuration of the defaults alone."""
    configurations = list(CONFIGURATIONS.items())[:1 if is_quick else None]
    for view, mistake in CONTROLS.items():
        for name, options in configurations:
            done = looked_at(view, SOURCES, *options)
            result.check(done.ok, f"{view}, {name}, finds something in lib/", done.tail())
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "mistake.c"
            source.write_text(mistake)
            result.check(not looked_at(view, [source]).ok, f"{view} finds nothing in a mistake")
