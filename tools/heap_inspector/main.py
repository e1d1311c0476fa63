# SPDX-License-Identifier: BSD-3-Clause
"""tools/heap as a program: a heap in a file, or in a process of this machine."""

import argparse
import sys
from importlib import import_module

from .commands import COMMANDS, number, run, snapshot
from .find_heaps import heap_wanted
from .layout import layout_of
from .problem import Problem
from .program import Program
from .report import Inspection
from .routes import ProcessRoute, core_route, dump_route, raw_route
from .trace import SavedTrace, checked

ABOUT = """\
Shows a heap of fmemp: what is in it, whether it is sound, and why a request fails; and finds out
how small its pool may be. Nothing is called on the target. The program's ELF file says how the heap
is laid out: compile the library with -g, and keep the file that was not stripped.

"""
EXAMPLES = """
where the memory comes from:
  a core file          tools/heap check --elf app --core core
  a dump of memory     tools/heap why 4096 --elf app.elf --raw 0x20000000:ram.bin
                       (in gdb: dump binary memory ram.bin 0x20000000 0x20010000)
  a dump by the program tools/heap check --elf app.elf --dump heap.dump
                       (FMempDump or tlsf_dump wrote it)
  a process            tools/heap blocks --elf app --pid 1234
  gdb, local or remote gdb -x tools/heap_inspector/gdb_commands.py app, then: heap check

see it in a browser:   tools/heap view --elf app --core core -o heap.html
                       tools/heap view trace.json -o trace.html
find a leak: heap save old.json, let the program run, heap leaks old.json
docs/inspect.md goes from symptom to command."""


class Tool:
    """A command that reads no heap. It has words and a help of its own. run gets the words; it is
    named by module and function, so that no command loads what another one needs."""

    def __init__(self, about, example, module, function):
        self.about, self.example, self.module, self.function = about, example, module, function

    def run(self, words):
        getattr(import_module(self.module), self.function)(words)


TOOLS = {
    "record": Tool("the heap calls of a program on this machine",
                   "tools/heap record -o app.load -- ./app", "heap_sizing.commands",
                   "record_command"),
    "replay": Tool("a load on the library: what is served, and how small a pool may be",
                   "tools/heap replay app.load --pool 65536", "heap_sizing.commands",
                   "replay_command"),
    "size": Tool("the smallest pool for each choice of options, and which one to take",
                 "tools/heap size app.load", "heap_sizing.commands", "size_command"),
}


# An example of each command of COMMANDS, in groups. ROUTE is one of those below.
GROUPS = {
    "look into a heap": {
        "summary": "tools/heap summary --elf app --core core",
        "check": "tools/heap check --elf app.elf --raw 0x20000000:ram.bin",
        "why": "tools/heap why 4096 64 --elf app ROUTE",
        "find": "tools/heap find 0x20000410 --elf app ROUTE",
        "blocks": "tools/heap blocks --elf app --pid 1234",
        "free": "tools/heap free --elf app ROUTE",
        "map": "tools/heap map 128 --elf app ROUTE",
        "view": "tools/heap view --elf app ROUTE -o heap.html",
    },
    "look back": {
        "trace": "tools/heap trace json board.json --elf app.elf --dump app.dump",
    },
    "compare two moments": {
        "save": "tools/heap save old.json --elf app ROUTE",
        "leaks": "tools/heap leaks old.json new.json",
        "diff": "tools/heap diff old.json --elf app ROUTE",
    },
}


def about():
    lines = []
    for group, examples in GROUPS.items():
        lines.append(f"{group}:")
        for name, example in examples.items():
            each = COMMANDS[name]
            lines += [f"  {name + ' ' + each.words:<16} {each.about}", f"  {'':<16} {example}"]
        lines.append("")
    lines.append("find the size of a pool; tools/heap COMMAND --help says more:")
    for name, each in TOOLS.items():
        lines += [f"  {name:<16} {each.about}", f"  {'':<16} {each.example}"]
    return ABOUT + "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/heap", description=about(), epilog=EXAMPLES,
        usage="tools/heap [COMMAND [WORD ...]] --elf PROGRAM ROUTE [--heap NAME] [--json]",
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", default="summary", choices=COMMANDS,
                        metavar="COMMAND", help="default: summary")
    parser.add_argument("words", nargs="*", metavar="WORD", help="what the command needs")
    parser.add_argument("--elf", metavar="PROGRAM", help="the program with debug information")
    parser.add_argument("--core", metavar="FILE", help="read a core file")
    parser.add_argument("--raw", metavar="ADDRESS:FILE", action="append",
                        help="read the bytes of memory from an address on; repeat it for more")
    parser.add_argument("--dump", metavar="FILE", help="read what FMempDump or tlsf_dump wrote")
    parser.add_argument("--pid", metavar="N", type=int, help="read a process of this machine")
    parser.add_argument("--trace", metavar="FILE", help="read a trace that trace json saved")
    parser.add_argument("--bias", metavar="ADDRESS", default="0",
                        help="with --raw: where a position-independent program was loaded")
    parser.add_argument("--heap", metavar="NAME",
                        help="a variable (FMemp, tlsf_t, ...) or an address; default: the only "
                             "heap that is found")
    parser.add_argument("-o", dest="page", metavar="PAGE", help="the file that view writes")
    parser.add_argument("--json", action="store_true", help="print values, not text")
    return parser.parse_intermixed_args()


def route_of(chosen, program):
    given = [name for name in ("core", "raw", "dump", "pid") if getattr(chosen, name)]
    if len(given) != 1:
        raise Problem("say where the memory comes from: one of --core FILE, --raw ADDRESS:FILE, "
                      "--dump FILE, --pid N")
    if chosen.core:
        return core_route(chosen.core, program)
    if chosen.dump:
        return dump_route(chosen.dump, program)
    if chosen.raw:
        return raw_route(chosen.raw, number(chosen.bias))
    return ProcessRoute(chosen.pid, program)


def inspection_of(chosen):
    if chosen.trace:
        return SavedTrace(checked(snapshot(chosen.trace), chosen.trace))
    if not chosen.elf:
        raise Problem("name the program with --elf")
    program = Program(chosen.elf)
    layout = layout_of(program)
    route = route_of(chosen, program)
    program.bias = route.bias
    memory = route.memory(program)
    name = hex(route.heap) if chosen.heap is None and route.heap is not None else chosen.heap
    return Inspection(heap_wanted(memory, layout, program, name, route.pieces), program)


def words_of(chosen):
    if chosen.command != "view":
        return chosen.words
    if not chosen.page:
        raise Problem("say where to write the page: -o heap.html")
    return [chosen.page, *chosen.words]


def command_run(words):
    if words and words[0] in TOOLS:
        TOOLS[words[0]].run(words[1:])
        return
    chosen = arguments()
    print(run(chosen.command, words_of(chosen), lambda: inspection_of(chosen), chosen.json))


def main():
    try:
        command_run(sys.argv[1:])
    except Problem as problem:
        print(f"heap: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # of a pager that was left
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
