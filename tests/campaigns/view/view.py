# SPDX-License-Identifier: BSD-3-Clause
"""The page of `heap view`, in headless Chromium: a person looks at traces and heaps of the real
library, and what the page says is compared with what Python computes from the same files. Also: bad
input, phones, and the time of a redraw."""

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from report import ROOT, Result, run

sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "campaigns" / "inspector")]

from browser import DESK, PHONE, Browser  # noqa: E402
from cases import (addresses_are_found, blocks_are_clicked,  # noqa: E402
                   colours_show_size_and_age, failures_are_explained, moment_is_shown,
                   requests_are_answered, strip_is_dragged, strip_is_walked)
from expected import Replay, moment_of_heap  # noqa: E402
from heap_view.places import GAPS  # noqa: E402
from looks import page_fits  # noqa: E402
from native_heap import Library  # noqa: E402
from page_inputs import (bad_input_is_refused, broken_heaps_are_shown,  # noqa: E402
                         broken_pages_say_so, colours_stand_out)
from redraws import redraws_are_measured  # noqa: E402
from traced_heap import TracedHeap  # noqa: E402

HEAP = ROOT / "tools" / "heap"
BUILDS = [[], ["-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_GRANULE=16", "-DTLSF_SL_BITS=5"],
          ["-DTLSF_HARDENING=3", "-DTLSF_SL_BITS=3"],
          ["-DTLSF_GRANULE=64", "-DTLSF_PENDING=0", "-DTLSF_LOOK_AHEAD=3"]]
POOLS = 24000, 7000
LIVE_MOST = 150


def parse():
    arguments = argparse.ArgumentParser(prog="tests/run view", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="one trace, fewer clicks")
    arguments.add_argument("--redraws", action="store_true",
                           help="only measure redraws, of a million events and 100,000 blocks")
    arguments.add_argument("--seed", type=int, help="of the loads, and of what is clicked")
    return arguments.parse_args()


class Viewed:
    """A traced heap, its files, and its page."""

    def __init__(self, result, folder, options, chosen, events):
        self.library = Library(folder, options)
        self.layout = self.library.layout
        self.heap = TracedHeap(self.library, *POOLS, chosen, before=200)
        self.heap.answers_most = 200
        for _ in range(events // 4):
            self.heap.work(LIVE_MOST)
        self.heap.reset()
        self.heap.drop_second_pool()
        for _ in range(events // 4):
            self.heap.work(LIVE_MOST // 2)
        self.heap.add_second_pool()
        for _ in range(events // 2):
            self.heap.work(LIVE_MOST)
        while len(self.heap.answers) < events // 100:
            self.heap.work()
        self.trace = self.heap.trace()
        self.snapshot = self.trace["heap"]
        self.gap = max(self.snapshot["bytes"] // GAPS, 1)
        self.result, self.folder = result, folder

    def page(self, name, source):
        file, page = self.folder / f"{name}.json", self.folder / f"{name}.html"
        file.write_text(json.dumps(source))
        done = run(HEAP, "view", file, "-o", page)
        self.result.check(done.ok, f"heap view {name}.json", done.tail())
        return page

    def replay(self):
        return Replay(self.trace, self.heap.known_before(), self.layout.overhead)


# ---- a trace -------------------------------------------------------------------------------------


def trace_is_seen(result, browser, viewed, chosen, is_quick):
    page = viewed.page("trace", viewed.trace)
    replay = viewed.replay()
    count = replay.count
    wanted = {0, count, *chosen.sample(range(1, count), 1 if is_quick else 8)}
    moments, peaks = replay.moments(wanted)
    browser.open(page)
    result.check(browser.problem() == "" and browser.text("#notes") == "",
                 "the trace is shown without a complaint", browser.problem()
                 + browser.text("#notes"))
    moment_is_shown(result, browser, moments[count], peaks[count], viewed.layout, "the last event")
    last = moments[count]
    blocks_are_clicked(result, browser, last, viewed.gap,
                       chosen.sample(last.pieces, 5 if is_quick else 25), "the last event")
    addresses_are_found(result, browser, last,
                        [(chosen.choice(last.pieces), chosen.randrange(1 << 12))
                         for _ in range(2 if is_quick else 10)], "the last event")
    strip_is_walked(result, browser, last, "the last event")
    strip_is_dragged(result, browser, last, viewed.gap, "the last event")
    colours_show_size_and_age(result, browser, last, viewed.gap, "the last event")
    answers = viewed.heap.answers
    failures_are_explained(result, browser, answers,
                           chosen.sample(list(answers), min(len(answers), 3 if is_quick else 20)))
    for number in sorted(wanted, reverse=True):
        browser.slide_to(number)
        result.check(f"Event {number:,} of {count:,}" in browser.text("#event"),
                     f"the slider goes to event {number}", browser.text("#event"))
        moment_is_shown(result, browser, moments[number], peaks[number], viewed.layout,
                        f"event {number}")
    complaints = browser.complaints()
    result.check(not complaints, "no script complains, nothing is fetched", "\n".join(complaints))


def trace_without_heap_is_seen(result, browser, viewed):
    """Without the heap at its end, a trace lacks the blocks that it never names."""
    without = {**viewed.trace, "heap": None}
    before = {block: viewed.heap.first[block] for block in viewed.heap.named}
    replay = Replay(without, before, viewed.layout.overhead)
    moments, peaks = replay.moments({replay.count})
    browser.open(viewed.page("without", without))
    moment_is_shown(result, browser, moments[replay.count], peaks[replay.count], viewed.layout,
                    "without a heap at the end")


# ---- a heap --------------------------------------------------------------------------------------


def heap_is_seen(result, browser, viewed, chosen, is_quick):
    browser.open(viewed.page("heap", viewed.snapshot))
    moment = moment_of_heap(viewed.snapshot, viewed.layout.overhead)
    statistics = viewed.snapshot["statistics"]
    peak = statistics["peak"] if statistics else moment.used_bytes
    moment_is_shown(result, browser, moment, peak, viewed.layout, "a heap")
    blocks_are_clicked(result, browser, moment, viewed.gap,
                       chosen.sample(moment.pieces, 2 if is_quick else 10), "a heap", "Usable")
    addresses_are_found(result, browser, moment, [(moment.pieces[-1], 3)], "a heap", "Usable")
    inspection = viewed.heap.inspection()
    sizes = [chosen.randrange(5000) for _ in range(2 if is_quick else 15)]
    requests = [(size, chosen.choice((0, 0, 8, 64, 256))) for size in sizes]
    requests_are_answered(result, browser, inspection.why,
                          [*requests, (100, 24), (viewed.snapshot["free_bytes"], 0), (60000, 0)])
    complaints = browser.complaints()
    result.check(not complaints, "no script complains, nothing is fetched", "\n".join(complaints))


# ---- the page must be able to fail ---------------------------------------------------------------


def altered_traces(trace, number):
    """Traces with one mistake: a block that is larger, of another owner, or that stays."""
    for name, value in (("outer", 64), ("caller", 4)):
        events = {**trace["events"], name: list(trace["events"][name])}
        events[name][number] += value
        yield name, {**trace, "events": events}
    events = {name: [*column[:number], *column[number + 1:]]
              for name, column in trace["events"].items()}
    yield "a missing event", {**trace, "events": events}


def altered_data_is_noticed(result, browser, viewed):
    """The comparison finds what is wrong on a page that was made from other data."""
    replay = viewed.replay()
    moments, peaks = replay.moments({replay.count})
    last = next(piece.event - 1 for piece in moments[replay.count].used
                if "timer" not in piece.owner and piece.event and piece.size < 200)
    for name, trace in altered_traces(viewed.trace, last):
        browser.open(viewed.page("altered", trace))
        found = Result()
        moment_is_shown(found, browser, moments[replay.count], peaks[replay.count],
                        viewed.layout, name)
        result.check(found.failures, f"{name}: a difference is noticed")


# ---- all -----------------------------------------------------------------------------------------


def main():
    wanted = parse()
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    print(f"seed {seed}", flush=True)
    result, chosen = Result(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        if wanted.redraws:
            redraws_are_measured(result, browser, folder, 1000000, 100000)
            return result.end()
        builds = [BUILDS[seed % len(BUILDS)]] if wanted.quick else BUILDS
        for options in builds:
            viewed = Viewed(result, folder, options, chosen, 1200 if wanted.quick else 6000)
            trace_is_seen(result, browser, viewed, chosen, wanted.quick)
            heap_is_seen(result, browser, viewed, chosen, wanted.quick)
        altered_data_is_noticed(result, browser, viewed)
        trace_without_heap_is_seen(result, browser, viewed)
        for size in (DESK, PHONE):
            page_fits(result, browser, folder / "trace.html", size)
        broken_pages_say_so(result, browser, folder / "trace.html", folder)
        bad_input_is_refused(result, viewed.trace, viewed.snapshot, folder)
        broken_heaps_are_shown(result, viewed.heap, folder)
        colours_stand_out(result)
        if not wanted.quick:
            redraws_are_measured(result, browser, folder, 1000000, 100000)
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
