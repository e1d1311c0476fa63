# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""A dump that the program itself wrote (FMempDump, tlsf_dump): lib/core/dump.c has the format."""

from dataclasses import dataclass, field

from .problem import Problem

MAGIC, VERSION, HEADER, PIECE = b"FMEMDUMP", 1, 16, 24
ORDERS = {1: "little", 2: "big"}
END, MEMORY, HEAP, CODE = range(4)


@dataclass
class Dump:
    word: int = 0          # bytes of an address
    order: str = ""
    pieces: list = field(default_factory=list)  # (address, bytes)
    heap: int = None
    code: int = None       # where tlsf_dump was loaded


class Reader:
    def __init__(self, path, data):
        self.path, self.data, self.at = path, memoryview(data), 0
        self.dump = Dump()

    def take(self, count):
        if self.at + count > len(self.data):
            raise Problem(f"{self.path}: the dump ends at byte {len(self.data)}, before its end "
                          "mark: it was cut off. Write it again")
        taken = self.data[self.at:self.at + count]
        self.at += count
        return taken

    def header(self):
        header = bytes(self.take(HEADER))
        if header[:8] != MAGIC or header[10] not in ORDERS or header[9] not in (4, 8):
            raise Problem(f"{self.path}: at byte {self.at - HEADER} begins no dump: give the bytes "
                          "that FMempDump or tlsf_dump wrote, and nothing before or between them")
        if header[8] != VERSION:
            raise Problem(f"{self.path}: a dump of version {header[8]}; this tool reads version "
                          f"{VERSION}: take tools/heap of the library that wrote it")
        self.dump.word, self.dump.order = header[9], ORDERS[header[10]]

    def piece(self):
        """Returns whether there are more."""
        raw = bytes(self.take(PIECE))
        kind, address, count = (int.from_bytes(raw[at:at + 8], self.dump.order)
                                for at in (0, 8, 16))
        if kind == MEMORY:
            self.dump.pieces.append((address, self.take(count)))
        elif kind == HEAP:
            self.dump.heap = address
        elif kind == CODE:
            self.dump.code = address
        elif kind != END:
            raise Problem(f"{self.path}: at byte {self.at - PIECE} stands no piece of a dump: the "
                          "file was damaged on its way")
        return kind != END


def read_dump(path, data):
    """All dumps that stand in a file, as one."""
    reader = Reader(path, data)
    while reader.at < len(reader.data) or not reader.at:
        reader.header()
        while reader.piece():
            pass
    return reader.dump
