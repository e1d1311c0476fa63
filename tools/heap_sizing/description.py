# SPDX-License-Identifier: BSD-3-Clause
"""Loads that are described as a text: sizes, counts and lifetimes. One line says what one kind of
block is like:

    # a gateway
    1 block of 2048 bytes, always
    16 blocks of 24..64 bytes, live 10..200 ms
    4 blocks of 1500 bytes aligned 32, live 1..5 ms, pause 0..20 ms
    run 60 s

Each block of a line is there from the start (`always`), or comes and goes: it lives for a while,
and after a pause another one of that line comes, without `pause` at once. Sizes and times are
drawn by chance, each value as likely as any other. `run` says how long; without it the load has
CALLS calls."""

import heapq
import random
import re
from dataclasses import dataclass

from heap_inspector.problem import Problem

from .load_file import LoadWriter

CALLS = 20_000
CALLS_MAX = 5_000_000
MICROSECONDS = {"us": 1, "ms": 1000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000}
RANGE = r"(\d+)(?:\.\.(\d+))?"
BLOCKS = re.compile(rf"(\d+) blocks? of {RANGE} bytes?(?: aligned (\d+))?\s*,\s*(.+)")
LIVE = re.compile(rf"live {RANGE} ?([a-z]+)(?:\s*,\s*pause {RANGE} ?([a-z]+))?")
RUN = re.compile(r"run (\d+) ?([a-z]+)")
EXAMPLE = "16 blocks of 24..64 bytes, live 10..200 ms"


@dataclass
class Kind:
    """Blocks of one line. Times are in microseconds; live is None for `always`."""
    count: int
    sizes: tuple
    align: int = 0
    live: tuple = None
    pause: tuple = (0, 0)


def chosen(low, high, unit=1):
    low, high = int(low), int(high or low)
    return low * unit, high * unit


class Description:
    def __init__(self, text, path):
        self.path, self.kinds, self.run = path, [], None
        for number, line in enumerate(text.splitlines(), 1):
            line = line.partition("#")[0].strip()
            if line:
                self._read(line, number)
        if not self.kinds:
            raise Problem(f"{path} describes no blocks. A line is: {EXAMPLE}")
        if self.run and self._calls_expected() > CALLS_MAX:
            raise Problem(f"{path}: the run makes some {self._calls_expected():,.0f} calls; at "
                          f"most {CALLS_MAX:,} are replayed. Write a shorter one")

    def _calls_expected(self):
        """Two a life: each block of a kind lives, and pauses, again and again."""
        return sum(4 * kind.count * self.run / (sum(kind.live) + sum(kind.pause))
                   for kind in self.kinds if kind.live)

    def _fail(self, number, why):
        raise Problem(f"{self.path}, line {number}: {why}")

    def _unit(self, word, number):
        if word not in MICROSECONDS:
            self._fail(number, f"{word} is no unit of time: write {', '.join(MICROSECONDS)}")
        return MICROSECONDS[word]

    def _read(self, line, number):
        run = RUN.fullmatch(line)
        if run:
            self.run = int(run[1]) * self._unit(run[2], number)
            return
        found = BLOCKS.fullmatch(line)
        if not found:
            self._fail(number, f"cannot read `{line}`. Write: {EXAMPLE}; or: run 60 s")
        kind = Kind(int(found[1]), chosen(found[2], found[3]), int(found[4] or 0))
        if found[5] != "always":
            self._read_times(kind, found[5], number)
        self._check(kind, number)
        self.kinds.append(kind)

    def _read_times(self, kind, words, number):
        live = LIVE.fullmatch(words)
        if not live:
            self._fail(number, f"cannot read `{words}`. Write: always; or: live 10..200 ms; or: "
                               "live 10..200 ms, pause 5 ms")
        kind.live = chosen(live[1], live[2], self._unit(live[3], number))
        if live[4]:
            kind.pause = chosen(live[4], live[5], self._unit(live[6], number))

    def _check(self, kind, number):
        for name, (low, high) in (("sizes", kind.sizes), ("lifetimes", kind.live or (1, 1)),
                                  ("pauses", kind.pause)):
            if low > high:
                self._fail(number, f"{name} {low}..{high}: the first number is the larger one")
        if kind.count == 0 or kind.live and kind.live[1] == 0:
            self._fail(number, "no blocks, or blocks that live for no time")
        if kind.align & (kind.align - 1) or kind.align > 1 << 30:
            self._fail(number, f"an alignment of {kind.align} is no power of two")

    # ---- the load -------------------------------------------------------------------------

    def load(self, seed):
        """The load that chance makes of it. Returns a LoadWriter."""
        return Play(self, random.Random(seed)).load


class Play:
    """Time goes from event to event: a block is born, or dies."""

    def __init__(self, description, chance):
        self.load, self.chance = LoadWriter(), chance
        self.events = []
        self.size_of = {}
        self.number = 0
        for kind in description.kinds:
            for _ in range(kind.count):
                self._enter(kind)
        end = float("inf") if description.run is None else description.run
        calls_max = CALLS if description.run is None else float("inf")
        while self.events and self.events[0][0] <= end and self.load.calls < calls_max:
            time, _, kind, block = heapq.heappop(self.events)
            self._event(time, kind, block)

    def _later(self, time, kind, block):
        self.number += 1  # in the order of their making, where times are equal
        heapq.heappush(self.events, (time, self.number, kind, block))

    def _enter(self, kind):
        """A block that is always there, or one that comes at some time of a life and a pause."""
        if kind.live is None:
            self._allocate(kind)
        else:
            self._later(self.chance.randint(0, kind.live[1] + kind.pause[1]), kind, None)

    def _allocate(self, kind):
        block = self.load.blocks
        self.load.allocate(block, self.chance.randint(*kind.sizes), kind.align)
        return block

    def _event(self, time, kind, block):
        if block is None:
            self._later(time + self.chance.randint(*kind.live), kind, self._allocate(kind))
        else:
            self.load.free(block)
            self._later(time + self.chance.randint(*kind.pause), kind, None)
