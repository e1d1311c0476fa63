# SPDX-License-Identifier: BSD-3-Clause
"""Writes loads, which bench/loads/load_format.h describes."""

from pathlib import Path

HEADER = b"FMEMLOAD\x01"
MALLOC, MEMALIGN, REALLOC, FREE = 1, 3, 4, 5
KIND_BITS = 3
END = b"\0"


def varint(value):
    data = bytearray()
    while value >= 0x80:
        data.append(value & 0x7f | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)


class LoadWriter:
    """Takes calls in their order. A block has a key, until it is freed: an address, or a number."""

    def __init__(self):
        self.data = bytearray(HEADER)
        self.calls = self.blocks = 0
        self.number_of = {}

    def allocate(self, key, size, align=0):
        """align: 0 or 1 for malloc, else a power of two."""
        if align > 1:
            self._operation(MEMALIGN, size, varint(align.bit_length() - 1))
        else:
            self._operation(MALLOC, size)
        self.number_of[key] = self.blocks
        self.blocks += 1

    def reallocate(self, key, new_key, size):
        number = self.number_of.pop(key)
        self._operation(REALLOC, size, varint(self.blocks - 1 - number))
        self.number_of[new_key] = number

    def free(self, key):
        self._operation(FREE, self.blocks - 1 - self.number_of.pop(key))

    def _operation(self, kind, value, second=b""):
        self.data += varint(value << KIND_BITS | kind) + second
        self.calls += 1

    def content(self):
        return bytes(self.data) + END

    def write(self, path):
        Path(path).write_bytes(self.content())


def is_load(data):
    return data.startswith(HEADER[:-1])
