#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a bench/run has found, in six sentences; they stand on the page and end the output.

    bench/page/verdict.py RESULTS"""

import sys
from dataclasses import dataclass

import findings
from results import InvalidResults, Results
from words import count, in_words, rounded_count, span, target_name


@dataclass
class Line:
    """One sentence. figure: its number, for the page; empty when nothing was measured."""
    subject: str
    figure: str
    text: str


def absent(subject):
    return Line(subject, "", "not measured in this run.")


def bound(results):
    target, bounds = findings.bounds_of_first(results)
    if not target:
        return absent("bound")
    if findings.broken_bounds(results):
        where, function, instructions, limit = findings.broken_bounds(results)[0]
        return Line("bound", str(instructions), f"instructions: {function} on {target_name(where)} "
                    f"exceeded its bound of {limit}.")
    return Line("bound", str(bounds["malloc"]), "instructions at most in a malloc on a "
                f"{target_name(target)}, {bounds['free']} in a free, whatever the heap holds.")


def executed(results):
    records = findings.executed(results)
    if not records:
        return absent("executed")
    targets = in_words([target_name(name) for name in findings.FIRST_TARGETS
                        if name in {record["target"] for record in records}])
    calls = rounded_count(sum(record["calls"] for record in records))
    shares = [100 * share for share in findings.reached(records).values()]
    broken = len(findings.broken_bounds(results))
    return Line("executed", calls, f"calls counted on {targets}: "
                + (f"{broken} maxima exceeded a bound." if broken else
                   "none exceeded its bound; the longest of each kind took "
                   f"{span(shares, lambda share: f'{share:.0f}')} % of it."))


def holes(results):
    most, found = findings.behind_most_holes(results)
    if findings.OURS not in found:
        return absent("holes")
    others = in_words([f"{count(found[name])} in {name}" for name in findings.C_LIBRARIES
                       if name in found])
    return Line("holes", str(found[findings.OURS]), "instructions in a malloc behind "
                f"{count(most)} holes; {others}.")


def memory(results):
    found = findings.firmware(results)
    if findings.OURS not in found:
        return absent("memory")
    others = in_words([f"{name} {100 * (found[name]['memory'] - 1):.0f} %"
                       for name in findings.C_LIBRARIES if name in found])
    loads = len(findings.loads_of_firmware(results))
    return Line("memory", f"{100 * (found[findings.OURS]['memory'] - 1):.0f} %",
                f"of heap beyond what {loads} firmware libraries use at once; {others}.")


def mistakes(results):
    found = results.mistakes.get("double free")
    overrun = results.mistakes.get("overrun")
    if not found or not overrun:
        return absent("mistakes")
    return Line("mistakes", f"{found[1][0]:.0f} %", "of double frees reported at level 1, the "
                f"default, and at least {overrun[1][0]:.0f} % of overruns; without checks "
                f"{found[0][1]:.0f} % and {overrun[0][1]:.0f} % do harm.")


def average(results):
    means, loads = findings.throughput_means(results)
    if findings.OUR_DEFAULT not in means:
        return absent("average")
    others = in_words([f"{name} {means[name]:.2f} ×" for name in ("mimalloc", "tcmalloc")
                       if name in means])
    return Line("average", f"{means[findings.OUR_DEFAULT]:.2f} ×", f"glibc's time on {loads} "
                "recorded programs, with a bound"
                + (f"; {others}, without one." if others else "."))


def lines(results):
    return [part(results) for part in (bound, executed, holes, memory, mistakes, average)]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        results = Results(sys.argv[1])
    except InvalidResults as error:
        sys.exit(f"bench/page/verdict.py: {error}")
    for line in lines(results):
        print(f"{line.subject:9} {' '.join(filter(None, (line.figure, line.text)))}")


if __name__ == "__main__":
    main()
