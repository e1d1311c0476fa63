# SPDX-License-Identifier: BSD-3-Clause
"""The command `heap` of gdb, for a process, a core file or a board:

    (gdb) source tools/heap_inspector/gdb_commands.py
    (gdb) heap
    (gdb) heap why 4096
    (gdb) heap --heap other_pool check

gdb only reads memory for it: the target runs no code."""

import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Debian's packages, for a gdb with a Python of its own.
sys.path.append("/usr/lib/python3/dist-packages")

from heap_inspector import commands  # noqa: E402
from heap_inspector.find_heaps import heap_wanted  # noqa: E402
from heap_inspector.layout import layout_of  # noqa: E402
from heap_inspector.memory import Pages, Unreadable  # noqa: E402
from heap_inspector.problem import Problem  # noqa: E402
from heap_inspector.program import Program  # noqa: E402
from heap_inspector.report import Inspection  # noqa: E402

PIECE_MAX = 256 << 20
WRITABLE = 2  # of a segment's flags


class GdbMemory:
    def read(self, address, count):
        try:
            return bytes(gdb.selected_inferior().read_memory(address, count))
        except (gdb.error, OverflowError) as error:
            raise Unreadable(address) from error


# ---- the program ------------------------------------------------------------------------------


_programs = {}


def program_and_layout():
    """The first file of the program that describes a heap. Kept, as reading it takes time."""
    problem = Problem("there is no program: start gdb with one, or say file PROGRAM")
    for file in gdb.objfiles():
        path = file.filename
        if path is None or not os.path.exists(path):
            continue
        key = path, os.stat(path).st_mtime
        try:
            if key not in _programs:
                program = Program(path)
                _programs[key] = program, layout_of(program)
        except Problem as found:
            if file.filename == gdb.current_progspace().filename:
                problem = found
            continue
        program, layout = _programs[key]
        program.bias = bias_of(program)
        return program, layout
    raise problem


def bias_of(program):
    """How far the program was moved: where gdb has one of its functions."""
    for name, address, _, kind in program.symbols():
        if kind == "STT_FUNC" and name.startswith(("tlsf_malloc", "tlsf_free", "main")):
            try:
                place = int(gdb.parse_and_eval(f"(unsigned long)&'{name}'"))
            except gdb.error:
                continue
            program.bias = 0
            mask = ~1 if program.is_arm else ~0
            return (place & mask) - program.loaded(address, kind)
    return 0


# ---- where heaps can lie ------------------------------------------------------------------------


def writable_pieces(program):
    """Writable memory: as the system tells of a process or core; else what the program loads."""
    memory = GdbMemory()
    ranges = mappings() or [(part["p_vaddr"] + program.bias, part["p_memsz"])
                            for part in program.elf.iter_segments()
                            if part["p_type"] == "PT_LOAD" and part["p_flags"] & WRITABLE]
    for begin, size in ranges:
        try:
            if size <= PIECE_MAX:
                yield begin, memory.read(begin, size)
        except Unreadable:
            continue


def mappings():
    """The writable mappings of a process of this machine; none of anything else."""
    inferior = gdb.selected_inferior()
    target = gdb.execute("info target", to_string=True)
    if inferior.pid <= 0 or "remote" in target.lower() or "core dump" in target.lower():
        return sections() if "core dump" in target.lower() else []
    try:
        with open(f"/proc/{inferior.pid}/maps") as maps:
            lines = [line.split() for line in maps]
    except OSError:
        return []
    found = []
    for words in lines:
        if words[1].startswith("rw"):
            begin, end = (int(number, 16) for number in words[0].split("-"))
            found.append((begin, end - begin))
    return found


def sections():
    """The pieces of memory that a core file has."""
    found = []
    for line in gdb.execute("maintenance info sections", to_string=True).splitlines():
        if " load" in line and ("ALLOC LOAD" in line) and "READONLY" not in line:
            words = line.split("]")[-1].split()[0].split("->")
            begin, end = (int(number, 16) for number in words)
            found.append((begin, end - begin))
    return found


def inspection(name):
    program, layout = program_and_layout()
    heap = heap_wanted(Pages(GdbMemory()), layout, program, name,
                       writable_pieces(program) if name is None else ())
    return Inspection(heap, program)


# ---- the command --------------------------------------------------------------------------------


class HeapCommand(gdb.Command):
    """Shows a heap of fmemp: heap [--heap NAME] [--json] [COMMAND [WORD ...]]

Without a command: a summary. NAME is a variable (FMemp, tlsf_t, ...) or an address."""

    OPTIONS = ("--heap", "--json")

    def __init__(self):
        super().__init__("heap", gdb.COMMAND_DATA)
        self.__doc__ += "\n\n" + "\n".join(
            f"heap {name + ' ' + each.words:<16} {each.about}"
            for name, each in commands.COMMANDS.items())

    def complete(self, text, word):
        words = text.split()
        if word and words:
            words.pop()
        if [each for each in words if each in commands.COMMANDS]:
            return gdb.COMPLETE_FILENAME if words[-1] in ("save", "view", "leaks", "diff") \
                else gdb.COMPLETE_NONE
        if words and words[-1] == "--heap":
            return gdb.COMPLETE_SYMBOL
        return [name for name in (*commands.COMMANDS, *self.OPTIONS) if name.startswith(word)]

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        try:
            print(self.answer(gdb.string_to_argv(argument)))
        except Problem as problem:
            raise gdb.GdbError(f"heap: {problem}")

    def answer(self, words):
        name, wants_json = None, False
        while words and words[0].startswith("--"):
            option = words.pop(0)
            if option == "--json":
                wants_json = True
            elif option == "--heap" and words:
                name = words.pop(0)
            else:
                raise Problem("usage: heap [--heap NAME] [--json] [COMMAND [WORD ...]]")
        command = words.pop(0) if words else "summary"
        if command not in commands.COMMANDS:
            raise Problem(f"no command {command}: {', '.join(commands.COMMANDS)}")
        return commands.run(command, numbers(command, words), lambda: inspection(name), wants_json)


def numbers(command, words):
    """Expressions of gdb become numbers: heap find ptr, heap why sizeof(struct thing)."""
    if command not in ("find", "why", "map"):
        return words
    try:
        return [str(int(gdb.parse_and_eval(word))) for word in words]
    except gdb.error as error:
        raise Problem(str(error)) from error


HeapCommand()
