# SPDX-License-Identifier: BSD-3-Clause
"""Rows of bars and ranges, which the page draws in HTML: they fit any window. All places are per
cent of the track."""

import math
from dataclasses import dataclass, field

import findings
from words import count


@dataclass
class Row:
    """begin, end: of the bar or range. limit: the place of a bound, if there is one."""
    name: str
    begin: float
    end: float
    text: str
    is_ours: bool = False
    limit: float = None


@dataclass
class Group:
    """Rows of one subject."""
    name: str
    rows: list


@dataclass
class Chart:
    """ends: what the ends of a range are; empty for bars. ticks: (place, text)."""
    title: str
    rows: list
    ends: tuple = ()
    ticks: list = field(default_factory=list)


def memory(results):
    """Heap beyond the bytes in use, from 0."""
    found = {name: 100 * (figures["memory"] - 1)
             for name, figures in findings.firmware(results).items()}
    most = max(found.values(), default=1)
    return Chart("Heap beyond the bytes in use",
                 [Row(name, 0, max(0, 100 * more / most), f"{more:.0f} %", name == findings.OURS)
                  for name, more in found.items()])


def log_place(value, ends):
    low, high = ends
    return 100 * math.log(max(value, low) / low) / math.log(high / low)


def log_ends(values):
    """The powers of ten around all values, from 1 on."""
    low, high = max(1, min(values)), max(10, *values)
    return 10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high))


def ranges(title, found, longest_name, bound):
    """found: {allocator: (average, longest)}. bound: of ours, in the same unit, or None."""
    values = [value for pair in found.values() for value in pair]
    ends = log_ends(values + ([bound] if bound else []))
    rows = []
    for name, (average, longest) in found.items():
        is_ours = name.startswith(findings.OURS)
        is_bounded = is_ours and bound
        rows.append(Row(name, log_place(average, ends), log_place(longest, ends),
                        f"{count(average)} – {count(longest)}"
                        + (f" ≤ {bound}" if is_bounded else ""), is_ours,
                        log_place(bound, ends) if is_bounded else None))
    powers = range(round(math.log10(ends[0])), round(math.log10(ends[1])) + 1)
    return Chart(title, rows, ("average", longest_name),
                 [(log_place(10 ** power, ends), count(10 ** power)) for power in powers])


def firmware_calls(results):
    found = {name: (figures["mean"], figures["most"])
             for name, figures in findings.firmware(results).items()}
    bounds = findings.usual_bounds(results)
    bound = max((bounds.get(("cortex-m4", call), 0) for call in ("malloc", "free")), default=0)
    return ranges("Instructions of a call", found, "longest", bound or None)


def desktop_calls(results, call, percentile):
    """Cycles of a call on this machine: the mean, and a percentile. There is no bound in
    cycles."""
    found = {record["allocator"].replace(findings.OUR_DEFAULT, findings.OURS):
             (record["mean"], record["percentiles"][percentile])
             for record in findings.warm_latency(results, call)}
    return ranges(f"Cycles of {call}", found, f"{percentile} %", None)


def most_by_blocks(records, call):
    """{live blocks: the most instructions of a call in heaps crafted to be the worst}"""
    most = {}
    for record in records:
        if record["function"] == call and record["driver"] == "crafted":
            blocks = record["live_blocks"]
            most[blocks] = max(most.get(blocks, 0), record["max_instructions"])
    return dict(sorted(most.items()))


def calls(records):
    """What each of the four calls executes at most, with more and more live blocks, below its
    bound. records: executed maxima of one target."""
    bounds = {record["function"]: record["bound"] for record in records
              if record["function"] in findings.CALLS}
    longest = max(bounds.values(), default=1)
    return [Group(f"{call}: at most {bounds[call]} instructions", [
        Row(f"{count(blocks)} live", 0, 100 * most / longest, str(most), True,
            100 * bounds[call] / longest)
        for blocks, most in most_by_blocks(records, call).items()])
        for call in findings.CALLS if call in bounds]


def share(number):
    return f"{number:.0f} %" if number in (0, 100) else f"{number:.1f} %"


def mistakes(results):
    """A group for each kind: what does harm without checks, and what level 1 finds."""
    groups = []
    for kind, levels in results.mistakes.items():
        (_, harm_before), (found, harm) = levels[0], levels[1]
        groups.append(Group(kind.capitalize(), [
            Row("no checks", 0, harm_before, f"{share(harm_before)} harm"),
            Row("level 1", 0, found, f"{share(found)} found"
                + (f", {share(harm)} harm" if harm else ""), True)]))
    return groups
