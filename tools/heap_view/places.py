# SPDX-License-Identifier: BSD-3-Clause
"""One row of places for the addresses of all regions. An address of 64 bits is more than a number
of JavaScript holds, and regions may lie far apart. So the page counts bytes from the lowest
region's begin, and a short gap stands for what lies between two regions."""

from bisect import bisect_right

GAPS = 200  # this part of all bytes is shown as the gap


class Places:
    def __init__(self, regions):
        """regions: (begin, bytes) of the memory that holds blocks."""
        self.regions = sorted(regions)
        self.begins = [begin for begin, _ in self.regions]
        self.gap = max(sum(count for _, count in self.regions) // GAPS, 1)
        self.starts, place = [], 0
        for _, count in self.regions:
            self.starts.append(place)
            place += count + self.gap
        self.span = max(place - self.gap, 0)

    def region_of(self, address, count=0):
        """The region that holds these bytes; None."""
        number = bisect_right(self.begins, address) - 1
        if number < 0:
            return None
        begin, length = self.regions[number]
        return number if address + count <= begin + length else None

    def of(self, address, count):
        """(place, place of the end); None if no region holds all of it."""
        number = self.region_of(address, count)
        if number is None:
            return None
        place = self.starts[number] + address - self.begins[number]
        return place, place + count

    def as_json(self):
        return [{"begin": hex(begin), "bytes": count, "place": place}
                for (begin, count), place in zip(self.regions, self.starts)]
