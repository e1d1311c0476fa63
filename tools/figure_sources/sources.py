# SPDX-License-Identifier: BSD-3-Clause
"""Where each figure comes from. The first word of a name, up to its dot, is the source: one of
the modules below, or a record of docs/figures.json. A source has three functions: figure(name) and
table(name) return a text or raise FigureError, and listed() tells which names there are."""

from . import (amalgam, bounds, campaigns, contracts, cost, detection, holes, layout, memory,
               misra, options, recorded, version)

EXACT = {"bound": bounds, "stack": bounds, "code": bounds, "bounds": bounds, "ram": memory,
         "block": memory, "option": options, "options": options, "campaigns": campaigns,
         "detection": detection, "holes": holes, "added": bounds,
         "fmemp": bounds, "held": bounds, "cost": cost,
         "layout": layout, "contracts": contracts, "version": version,
         "amalgam": amalgam, "misra": misra}


class Sources:
    def __init__(self, root):
        self.records = recorded.Records(root)

    def source(self, name):
        first = name.split(".")[0]
        return EXACT.get(first, self.records)

    def figure(self, name):
        """The text of a figure, as it stands in a sentence."""
        return self.source(name).figure(name)

    def table(self, name):
        """A Markdown table, without a line break at its end."""
        return self.source(name).table(name)

    def listed(self):
        """(figure or table, name, meaning) of everything that a marker may name."""
        for module in dict.fromkeys(EXACT.values()):
            yield from module.listed()
        yield from self.records.listed()
