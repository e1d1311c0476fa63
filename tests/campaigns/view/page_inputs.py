# SPDX-License-Identifier: BSD-3-Clause
"""Files that are no heap and no trace are refused with a reason, and nothing is written. A page
whose data is broken says so in words. Text stands out from what is behind it."""

import json
import re

from heap_inspector import commands
from heap_inspector.problem import Problem
from report import ROOT, run

HEAP = ROOT / "tools" / "heap"
COLOURS = ROOT / "tools" / "heap_view" / "page" / "colours.css"
PAPERS = ("page", "card", "sunk")
TEXTS = ("ink", "muted", "accent", "alert", "good")
LINES = ("largest", "frag", "mark", "accent")
ON = (("on-accent", "accent"), ("good", "good-soft"), ("alert", "alert-soft"))


# ---- files ---------------------------------------------------------------------------------------


def changed(source, **members):
    return {**source, **members}


def without(source, name):
    return {key: value for key, value in source.items() if key != name}


def bad_files(trace, heap):
    """(name, content, what the tool must say)"""
    events = trace["events"]
    cut = json.dumps(trace)[:-20]
    yield "empty", "", "no JSON"
    yield "cut", cut, "its end is missing"
    yield "list", "[]", "neither a heap nor a trace"
    yield "other", '{"format": "other"}', "neither a heap nor a trace"
    yield "newer heap", changed(heap, version=2), "has version 2"
    yield "newer trace", changed(trace, version=2), "has version 2"
    yield "no blocks", without(heap, "blocks"), "'blocks' is missing"
    yield "no events", without(trace, "events"), "'events' is missing"
    yield "no target", without(trace, "target"), "'target' is missing"
    yield "column missing", changed(trace, events=without(events, "task")), "'task' is missing"
    yield "column short", changed(trace, events=changed(events, size=events["size"][1:])), \
        "columns differ in length"
    yield "negative", changed(trace, events=changed(events, size=[-1, *events["size"][1:]])), \
        "column size holds a value that is no count"
    yield "text", changed(trace, events=changed(events, size=["4", *events["size"][1:]])), \
        "column size holds a value that is no count"
    yield "unnamed kind", changed(trace, events=changed(events, kind=[99, *events["kind"][1:]])), \
        "a kind without a name"
    yield "unknown kind", changed(trace, kinds=["mallok"]), "unknown kinds of events: mallok"
    yield "no region", changed(trace, regions=[], heap=None), "no pool is named"


def bad_input_is_refused(result, trace, heap, folder):
    for name, content, words in bad_files(trace, heap):
        file, page = folder / "bad.json", folder / "bad.html"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        told = problem_of(file, page)
        result.check(words in told and str(file.name) in told and not page.exists(),
                     f"{name} is refused", told)
    told = problem_of(folder / "none.json", folder / "bad.html")
    result.check("none.json" in told, "no such file", told)
    told = problem_of(folder / "trace.json", folder / "none" / "page.html")
    result.check("page.html" in told, "no such folder", told)
    done = run(HEAP, "view", file, "-o", page)
    result.check(done.status == 2 and done.output.splitlines()[-1].startswith("heap: "),
                 "tools/heap says what is wrong", done.tail())
    done = run(HEAP, "view", folder / "trace.json")
    result.check(done.status == 2 and "-o heap.html" in done.output, "no page is named",
                 done.tail())


def problem_of(file, page):
    """What the command says is wrong."""
    try:
        commands.run("view", [page, file], None, False)
    except Problem as problem:
        return str(problem)
    return "no problem"


# ---- broken heaps ------------------------------------------------------------------------------

DAMAGES = 40


def broken_heaps_are_shown(result, heap, folder):
    """Of a heap with random bytes in it there is a page, or a reason why not."""
    saved, page = heap.saved(), folder / "broken_heap.html"
    shown = 0
    for _ in range(DAMAGES):
        at = heap.random.randrange(heap.bytes - 64)
        heap.write(heap.begin + at, heap.random.randbytes(heap.random.choice((1, 4, 64))))
        inspection = heap.inspection()
        page.unlink(missing_ok=True)
        try:
            commands.run("view", [page], lambda: inspection, False)
            shown += page.exists()
        except Problem as problem:
            result.check("no pool is named" in str(problem), "a broken heap has a reason",
                         str(problem))
        heap.restore(saved)
    result.check(shown > DAMAGES / 2, f"broken heaps are shown: {shown} of {DAMAGES}")


# ---- pages ---------------------------------------------------------------------------------------


def broken_pages(text):
    """(name, page, what it must say)"""
    data = re.search(r'id="columns">([^<]*)<', text)
    begin, end = data.span(1)
    middle = (begin + end) // 2
    yield "cut data", text[:middle] + text[end:], "damaged or incomplete"
    yield "changed data", (text[:middle] + ("B" if text[middle] == "A" else "A")
                           + text[middle + 1:]), "damaged or incomplete"
    yield "no data", text[:begin] + text[end:], "damaged or incomplete"
    yield "cut page", text[:middle], "the end of the file is missing"
    yield "old browser", text.replace("</head>", "<script>delete window.DecompressionStream"
                                      "</script></head>"), "too old"
    yield "mistake of a script", text.replace("new Page(data)", "new Page()"), "undefined"


def broken_pages_say_so(result, browser, page, folder):
    browser.complaints()  # forgets those of before
    for name, text, words in broken_pages(page.read_text()):
        broken = folder / "broken.html"
        broken.write_text(text)
        browser.open(broken)
        result.check(words in browser.problem(), f"{name}: the page says so", browser.problem())
    browser.complaints()


# ---- colours -------------------------------------------------------------------------------------


def schemes():
    """The colours of light and of dark paper: {name: [red, green, blue]}."""
    light, dark = COLOURS.read_text().split("@media (prefers-color-scheme: dark)")
    colours = {}
    for name, text in (("light", light), ("dark", dark)):
        colours[name] = {key: [int(value[place:place + 2], 16) for place in (0, 2, 4)]
                         for key, value in re.findall(r"--([\w-]+): #([0-9a-f]{6})", text)}
    return colours


def luminance(colour):
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
              for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours_stand_out(result):
    """As the web's accessibility guidelines define it: 4.5 for text, 3 for lines."""
    for scheme, colours in schemes().items():
        pairs = [(text, paper, 4.5) for text in TEXTS for paper in PAPERS]
        pairs += [(line, "card", 3) for line in LINES] + [(*pair, 4.5) for pair in ON]
        for one, other, least in pairs:
            found = contrast(colours[one], colours[other])
            result.check(found >= least, f"{scheme}: {one} on {other}", f"{found:.2f}")
