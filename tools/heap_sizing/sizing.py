# SPDX-License-Identifier: BSD-3-Clause
"""The smallest pool for each choice of options, the margin for what the loads did not show, and the
one choice to take.

The margin has three parts.
order      The most that VARIATIONS variations of a load need, beyond the load itself: the same
           requests, but other blocks of a size are given back first, and neighbouring calls change
           places (bench/loads/replay/vary.h); of a description, other chances. If the next run
           is one more such variation, it needs more than all of these in at most one case of
           VARIATIONS + 1: each of them is as likely to be the largest.
growth     What the second half of the load needed beyond its first half. The largest of many equal
           periods grows with the logarithm of their number: so twice the time is expected to need
           as much again.
alignment  If the load has aligned blocks wider than the granule: it was measured in a region that
           begins at a multiple of 4096, and yours may begin elsewhere.

The choice with the smallest pool is taken, with its margin; or one with fewer options, if it needs
no more beyond that than the order of calls changes anyway."""

from dataclasses import dataclass, field

from .engines import Engines, machine_of
from .option_sets import OptionSet, candidates
from .worst_case import BITS, instructions

VARIATIONS = 19


@dataclass
class Measured:
    """What the loads need with some options: the largest of each."""
    options: OptionSet
    loads: list
    worst_case: dict
    nanoseconds: float = 0
    margin: dict = field(default_factory=dict)
    counted: list = field(default_factory=list)  # by load, on an emulated board

    def largest(self, name):
        return max(load[name] for load in self.loads)

    @property
    def smallest_pool(self):
        return self.largest("smallest_pool")

    def _largest_or_none(self, name):
        return None if any(not load[name] for load in self.loads) else self.largest(name)

    @property
    def bound(self):
        """The region that never refuses a request; None if no region can be so large."""
        return self._largest_or_none("bound")

    @property
    def bounded_heap(self):
        """The same of a bounded heap; None as well if it has no plan for such sizes."""
        return self._largest_or_none("bounded_heap")

    @property
    def pool(self):
        """With the margin, a multiple of the granule."""
        granule = self.options.granule
        return -(-(self.smallest_pool + sum(self.margin.values())) // granule) * granule

    def growth(self):
        return max(0, self.smallest_pool - self.largest("first_half_pool"))

    def alignment(self):
        return max(0, self.largest("widest_align") - self.options.granule)


@dataclass
class Wanted:
    """What the user decided. granule: the alignment that the program counts on; a smaller one is
    shown, but not recommended."""
    target: str
    base: OptionSet
    seed: int


class Sizing:
    """The loads on one target."""

    def __init__(self, sources, target, wanted, progress):
        self.sources, self.target, self.wanted = sources, target, wanted
        self.bits, self.progress = BITS[target], progress
        self.engines = Engines(machine_of(self.bits))
        self.sets = candidates(wanted.base, self.bits)
        for source in sources:  # before many engines are compiled for a load that is none
            source.ask(self.engines, wanted.base, "check")
        self.engines.prepare(self.sets, self._tell("engines, once for these sources"))
        self.rows = self.engines.each(self._measured, self.sets, self._tell("pools"))
        for number, row in enumerate(self.rows, 1):  # one after the other, so that nothing disturbs
            row.nanoseconds = self._time(row)
            self._tell("times")(number, len(self.rows))

    def _tell(self, what):
        return lambda done, of: self.progress(f"{self.bits}-bit {what}", done, of)

    def _measured(self, options):
        loads = [source.ask(self.engines, options, "measure") for source in self.sources]
        row = Measured(options, loads, instructions(self.target, options))
        if self._may_be_chosen(options):
            row.margin = self._margin(row)
        return row

    def _time(self, row):
        """The mean of a call, over all loads."""
        total = sum(load["calls"] * source.ask(self.engines, row.options, "time",
                                               load["smallest_pool"])["nanoseconds_per_call"]
                    for source, load in zip(self.sources, row.loads))
        return total / sum(load["calls"] for load in row.loads)

    def _margin(self, row):
        pool = self._serving(row.options, row.smallest_pool)
        return {"order": pool - row.smallest_pool, "growth": row.growth(),
                "alignment": row.alignment()}

    def _may_be_chosen(self, options):
        base = self.wanted.base
        return options.granule >= base.granule and (options.hardening, options.tags) == \
            (base.hardening, base.tags)

    def choice(self):
        """The row to take. Its pool is seen to serve the loads and their variations: a pool is not
        sure to serve what a smaller one served."""
        while True:
            row = self._chosen()
            needed = self._serving(row.options, row.pool)
            if needed == row.pool:
                return row
            row.margin["order"] += needed - row.pool

    def _serving(self, options, pool):
        """A pool, at least as large, that serves each load; and each variation, unless it grew for
        another one."""
        for source in self.sources:
            pool = source.ask(self.engines, options, "need", pool)["pool"]
            pool = source.variations(self.engines, options, pool, VARIATIONS, self.wanted.seed)
        return pool

    def _chosen(self):
        allowed = [row for row in self.rows if row.margin]
        least = min(allowed, key=lambda row: row.pool)
        fitting = [row for row in allowed if row.pool <= least.pool + least.margin["order"]]
        return min(fitting, key=lambda row: (len(row.options.flags()), row.pool))
