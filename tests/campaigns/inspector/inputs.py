# SPDX-License-Identifier: BSD-3-Clause
"""What the inspector is given: debug information, words, large memory, and a Python. It uses each,
or says what is wrong with it."""

import tracemalloc
from argparse import Namespace

from heap_inspector.find_heaps import candidates
from heap_inspector.layout import layout_of
from heap_inspector.main import route_of
from heap_inspector.problem import Problem
from heap_inspector.program import Program
from native_heap import FLAGS
from report import ROOT, run

PIECE, PEAK_MAX = 4 << 20, 1 << 18


def program_of(folder, *options):
    """One file of the library describes a heap."""
    file = folder / "part.o"
    built = run("gcc", *FLAGS, "-c", *options, ROOT / "lib/core/pool.c", "-o", file)
    if not built.ok:
        raise RuntimeError(built.tail())
    return Program(file)


def problem_of(question, *words):
    try:
        question(*words)
    except Problem as problem:
        return str(problem)
    return "no problem"


def words_are_understood(result, folder):
    old = program_of(folder, "-gdwarf-2", "-gstrict-dwarf")
    told = problem_of(layout_of, old)
    result.check("-gdwarf-4" in told, "DWARF 2 is refused", told)
    dump = folder / "dump"
    dump.write_bytes(b"memory")
    told = problem_of(route_of, Namespace(core=None, pid=None, dump=None, raw=[f"0:{dump}"],
                                         bias="zz"), old)
    result.check(told.startswith("zz is no number"), "a wrong bias is refused", told)


def options_are_shown(result, folder):
    rounds = layout_of(program_of(folder, "-DTLSF_ROUND_TO_CLASS=1")).options()["round_to_class"]
    result.check(rounds is True, "the option round_to_class is shown")


def large_memory_is_read(result, folder):
    layout, data = layout_of(program_of(folder)), bytes(PIECE)
    tracemalloc.start()
    found = list(candidates(layout, 0, data))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    result.check(not found and peak < PEAK_MAX, f"{PIECE} bytes are searched with {peak}")


def python_is_found(result, folder):
    """On a machine without apt, of which PATH shows the tools that a shell script needs."""
    tools = folder / "tools"
    tools.mkdir()
    for tool in ("dirname", "cat", "sh"):
        (tools / tool).symlink_to(f"/usr/bin/{tool}")
    heap, path = ROOT / "tools" / "heap", {"PATH": str(tools)}
    done = run(heap, "--help", env=path)
    result.check(done.ok and "usage: tools/heap" in done.output, "tools/heap runs without apt",
                 done.tail())
    (folder / "elftools.py").write_text("raise ImportError\n")
    done = run(heap, "--help", env={**path, "PYTHONPATH": str(folder)})
    result.check(done.status == 2 and "pip install pyelftools" in done.output,
                 "tools/heap says what to install", done.tail())


def inputs_are_understood(result, folder):
    words_are_understood(result, folder)
    options_are_shown(result, folder)
    large_memory_is_read(result, folder)
    python_is_found(result, folder)
