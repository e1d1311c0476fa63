# SPDX-License-Identifier: BSD-3-Clause
"""Memory of a target: whatever can read bytes at an address."""

PAGE = 4096


class Unreadable(Exception):
    """Some of the bytes are not there."""

    def __init__(self, address):
        super().__init__(f"memory at {address:#x} cannot be read")
        self.address = address


class Segments:
    """Pieces of memory that a file holds. The first piece that has an address gives its byte."""

    def __init__(self, pieces):
        self.pieces = [(address, data) for address, data in pieces if len(data)]

    def read(self, address, count):
        parts = []
        while count:
            parts.append(self.some(address, count))
            address += len(parts[-1])
            count -= len(parts[-1])
        return b"".join(parts)

    def some(self, address, count):
        """The bytes of one piece, up to where a piece in front of it in the list begins."""
        end = address + count
        for begin, data in self.pieces:
            if begin <= address < begin + len(data):
                return bytes(data[address - begin:end - begin])
            if address < begin < end:
                end = begin
        raise Unreadable(address)


class Pages:
    """Keeps the pages that were read, so that a slow route reads each once."""

    def __init__(self, memory):
        self.memory = memory
        self.pages = {}

    def _page(self, number):
        if number not in self.pages:
            try:
                self.pages[number] = self.memory.read(number * PAGE, PAGE)
            except Unreadable:  # it may hold some of the bytes
                self.pages[number] = None
        return self.pages[number]

    def read(self, address, count):
        if address < 0 or count < 0:
            raise Unreadable(address)
        parts = []
        while count:
            number, offset = divmod(address, PAGE)
            page, some = self._page(number), min(count, PAGE - offset)
            parts.append(self.memory.read(address, some) if page is None
                         else page[offset:offset + some])
            address += some
            count -= some
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Patched:
    """Memory in which one word is another one: to try what a repair would give."""

    def __init__(self, memory, address, word):
        self.memory, self.address, self.word = memory, address, word

    def read(self, address, count):
        data = self.memory.read(address, count)
        first = max(address, self.address)
        last = min(address + count, self.address + len(self.word))
        if first >= last:
            return data
        return (data[:first - address] + self.word[first - self.address:last - self.address]
                + data[last - address:])
