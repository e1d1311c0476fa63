# SPDX-License-Identifier: BSD-3-Clause
"""The time of a redraw, for a trace of many events and blocks: as the page measures itself, and
from one frame to the next. No check depends on it."""

import json
import random
import statistics
import time

from native_heap import Library
from report import ROOT, run
from traced_heap import CALLERS, TracedHeap

HEAP = ROOT / "tools" / "heap"
REDRAWS = 60
# Each does one thing before a frame; `step` counts them.
ACTIONS = {
    "slide through time": "slide(0.5 + 0.004 * step)",
    "jump in time": "slide(0.5 + 0.45 * Math.sin(step))",
    "zoom": "byId(step % 16 < 8 ? 'zoom-in' : 'zoom-out').click()",
    "colour": "document.querySelectorAll('[name=mode]')[step % 3].click()",
}
FRAMES = """
const byId = id => document.getElementById(id), done = arguments[0], frames = [];
const slider = byId("slider");
const slide = part => {
    slider.value = Math.round(+slider.min + (slider.max - slider.min) * part);
    slider.dispatchEvent(new Event("input"));
};
let step = 0, last = 0;
performance.clearMeasures();
const frame = now => {
    if (last) { frames.push(now - last); }
    last = now;
    if (step === %d) {
        done([performance.getEntriesByName("redraw").map(each => each.duration), frames]);
        return;
    }
    %s;
    step += 1;
    requestAnimationFrame(frame);
};
requestAnimationFrame(frame);
"""


def large_trace(folder, events, blocks):
    heap = TracedHeap(Library(folder, ["-O2"]), 400 * blocks, 40 * blocks, random.Random(1))
    while len(heap.order) < blocks:
        heap.ask(heap.random.choice([caller for caller in CALLERS if caller.sizes[1] < 600]))
    while len(heap.events["kind"]) < events:
        heap.work(blocks)
        if len(heap.order) < blocks - 100:
            heap.ask(heap.random.choice(CALLERS))
    return heap.trace()


def redraws_are_measured(result, browser, folder, events, blocks):
    trace = large_trace(folder, events, blocks)
    file, page = folder / "large.json", folder / "large.html"
    file.write_text(json.dumps(trace))
    begin = time.monotonic()
    done = run(HEAP, "view", file, "-o", page)
    if not result.check(done.ok, "the page of a large trace", done.tail()):
        return
    print(f"  {events:,} events, {trace['heap']['used_blocks']:,} blocks at the end: the page has "
          f"{page.stat().st_size / 1e6:.1f} MB, written in {time.monotonic() - begin:.1f} s")
    begin = time.monotonic()
    browser.open(page)
    result.check(browser.problem() == "", "a large page opens", browser.problem())
    print(f"  opened in {time.monotonic() - begin:.1f} s")
    for name, action in ACTIONS.items():
        redraws, frames = browser.driver.execute_async_script(FRAMES % (REDRAWS, action))
        result.check(len(redraws) >= REDRAWS - 1, f"{name}: {REDRAWS} redraws", str(len(redraws)))
        print(f"  {name}: median {statistics.median(redraws):.1f} ms a redraw, "
              f"{statistics.median(frames):.1f} ms from frame to frame", flush=True)
