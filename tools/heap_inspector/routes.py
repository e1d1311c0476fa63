# SPDX-License-Identifier: BSD-3-Clause
"""Where memory comes from: a core file, raw dumps, a dump by the program itself, a process. A route
gives the memory, the pieces of it in which a heap may lie, and the program's bias."""

import mmap
import re
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from .dump import read_dump
from .memory import Pages, Segments, Unreadable
from .problem import Problem

AT_ENTRY = 9
PIECE_MAX = 1 << 30


class Route:
    def __init__(self, pieces, bias=0, heap=None):
        self.pieces, self.bias, self.heap = pieces, bias, heap

    def memory(self, program):
        """What the route has, and behind it what the program's file loads."""
        return Pages(Segments(self.pieces + program.segments()))


def mapped(path):
    try:
        with open(path, "rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: {error}") from error


# ---- raw memory -------------------------------------------------------------------------------


def raw_route(words, bias=0):
    """words: ADDRESS:FILE, each the bytes of memory from that address on."""
    pieces = []
    for word in words:
        address, colon, path = word.partition(":")
        try:
            begin = int(address, 0)
        except ValueError:
            colon = ""
        if not colon:
            raise Problem(f"--raw {word}: write ADDRESS:FILE, as in --raw 0x20000000:ram.bin")
        pieces.append((begin, mapped(path)))
    return Route(pieces, bias)


# ---- a dump by the program itself --------------------------------------------------------------


def dump_route(path, program):
    dump = read_dump(path, mapped(path))
    if (dump.word, dump.order) != (program.word, "little" if program.little else "big"):
        raise Problem(f"{path} is of a {8 * dump.word}-bit {dump.order}-endian machine, and "
                      f"{program.path} is not: give the program that wrote it")
    return Route(dump.pieces, dump_bias(dump, program), dump.heap)


def dump_bias(dump, program):
    for name, address, _, kind in program.symbols():
        if name.endswith("tlsf_dump") and kind == "STT_FUNC" and dump.code is not None:
            code = dump.code & ~1 if program.is_arm else dump.code
            return code - program.loaded(address, kind)
    return 0


# ---- a core file ------------------------------------------------------------------------------


def core_route(path, program):
    data = mapped(path)
    try:
        core = ELFFile(open(path, "rb"))
    except (OSError, ELFError) as error:
        raise Problem(f"{path} is no core file: {error}") from error
    if core["e_type"] != "ET_CORE":
        raise Problem(f"{path} is no core file")
    pieces = [(part["p_vaddr"], memoryview(data)[part["p_offset"]:][:part["p_filesz"]])
              for part in core.iter_segments() if part["p_type"] == "PT_LOAD"]
    return Route(pieces, core_bias(core, program))


def core_bias(core, program):
    """From the program's place among the files of the core; else from its entry."""
    notes = {note["n_type"]: note for part in core.iter_segments() if part["p_type"] == "PT_NOTE"
             for note in part.iter_notes()}
    if program.elf["e_type"] != "ET_DYN":
        return 0
    if "NT_FILE" in notes:
        described = notes["NT_FILE"]["n_desc"]
        for entry, name in zip(described["Elf_Nt_File_Entry"], described["filename"]):
            if Path(name.decode(errors="replace")).name == Path(program.path).name \
                    and entry["page_offset"] == 0:
                return entry["vm_start"]
    if "NT_AUXV" in notes:
        words = auxiliary(notes["NT_AUXV"]["n_desc"], program)
        if AT_ENTRY in words:
            return words[AT_ENTRY] - program.elf["e_entry"]
    return 0


def auxiliary(description, program):
    raw = description if isinstance(description, bytes) else description.encode("latin-1")
    order = "little" if program.little else "big"
    numbers = [int.from_bytes(raw[at:at + program.word], order)
               for at in range(0, len(raw), program.word)]
    return dict(zip(numbers[::2], numbers[1::2]))


# ---- a process of this machine ------------------------------------------------------------------


class ProcessMemory:
    def __init__(self, pid):
        self.file = open(f"/proc/{pid}/mem", "rb", buffering=0)

    def read(self, address, count):
        try:
            self.file.seek(address)
            data = self.file.read(count)
        except (OSError, OverflowError) as error:
            raise Unreadable(address) from error
        if len(data) != count:
            raise Unreadable(address + len(data))
        return data


class ProcessRoute(Route):
    """Copies its memory without stopping it: what changes meanwhile may look broken."""

    def __init__(self, pid, program):
        try:
            process = ProcessMemory(pid)
            maps = Path(f"/proc/{pid}/maps").read_text()
        except OSError as error:
            raise Problem(f"process {pid}: {error}") from error
        super().__init__(writable(process, maps), process_bias(maps, program))


def writable(process, maps):
    pieces = []
    for begin, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw", maps, re.MULTILINE):
        begin, end = int(begin, 16), int(end, 16)
        try:
            if end - begin <= PIECE_MAX:
                pieces.append((begin, process.read(begin, end - begin)))
        except Unreadable:
            continue
    return pieces


def process_bias(maps, program):
    if program.elf["e_type"] != "ET_DYN":
        return 0
    name = re.escape(Path(program.path).name)
    first = re.search(rf"^([0-9a-f]+)-\S+ \S+ 0+ .*/{name}$", maps, re.MULTILINE)
    return int(first[1], 16) if first else 0
