# SPDX-License-Identifier: BSD-3-Clause
"""The figures in the documents (tools/figures): they are current, and stale ones are found."""

import json
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from report import ROOT, run

sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "bench" / "page")]
from figure_sources import checking, documents, recordings  # noqa: E402
from figure_sources.recorded import Records, older  # noqa: E402
from results import Results  # noqa: E402

TOOL = ROOT / "tools" / "figures"
PAGE = "docs/verification.md"
QUOTED = "<!-- figure: fuzz.requests -->"
RECORD = "docs/figures.json"


def figures_are_current(result):
    """As tools/figures check; in one step with its controls, as both build the same."""
    right, wrong = checking.look(ROOT)
    result.passed += right
    for text in wrong:
        result.fail(f"{text}\n(tools/figures update writes the documents)")
    stale_documents_are_found(result)
    marks_in_code_are_none(result)
    whole_runs_are_recorded(result)
    older_records_are_named(result)


# ---- what has to be found ----------------------------------------------------------------


@contextmanager
def copied_documents(*names):
    """A folder with copies of documents, of all if none is named."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for page in documents.read_all(ROOT):
            if names and page.name not in names:
                continue
            (folder / page.name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page.path, folder / page.name)
        shutil.copy(ROOT / RECORD, folder / RECORD)
        yield folder


def edit(folder, name, pattern, replacement):
    path = folder / name
    text, times = re.subn(pattern, replacement, path.read_text(), count=1)
    if times != 1:
        raise LookupError(f"{name} has no {pattern}")
    path.write_text(text)


# (file, expression, replacement, what has to be said)
DAMAGES = (
    (PAGE, QUOTED + r"\d", QUOTED + "7", "figure fuzz.requests is out of date"),
    ("docs/hardening.md", r"\| double free, at once \| no", "| double free, at once | check",
     "table detection is out of date"),
    ("docs/worst-case.md", r"\| Cortex-M4 \| 1 \| \d+", "| Cortex-M4 | 1 | 99",
     "table bounds is out of date"),
    ("docs/measurements.md", r"\| 32 bits \| compact \| \d+", "| 32 bits | compact | 1",
     "table ram is out of date"),
    (PAGE, "figure: fuzz.requests", "figure: fuzz.answers", f"{RECORD} has no fuzz.answers"),
    (PAGE, "figure: fuzz.requests", "figure: bound.z80.malloc", "budget.txt has no"),
    (PAGE, QUOTED + "(.*?)<!-- /figure -->", r"\1", "no document quotes figure fuzz.requests"),
    (PAGE, QUOTED + "(.*?)<!-- /figure -->", QUOTED + r"\1", "has no partner"),
    (PAGE, QUOTED, "\n" + QUOTED, "begins with a figure"),
    (PAGE, r"<!-- table: measured -->(?s:.*?)<!-- /table -->", "",
     "quotes figures of fuzz, and not when they were measured"),
    (RECORD, r'("requests": )\d', r"\g<1>7", "figure fuzz.requests is out of date"),
    (RECORD, r'("requests": )', r'"more": 1, \1', "no document quotes figure fuzz.more"),
)


def stale_documents_are_found(result):
    """Each damage is told; the tool ends with status 1, and mends what it has a source for."""
    for name, pattern, replacement, wanted in DAMAGES:
        with copied_documents() as folder:
            edit(folder, name, pattern, replacement)
            _, wrong = checking.look(folder)
        result.check(any(wanted in text for text in wrong), f"{name}: {wanted}", "\n".join(wrong))
    with copied_documents(PAGE) as folder:  # the page's sources are fast
        edit(folder, PAGE, QUOTED + r"\d", QUOTED + "7")
        done = run(TOOL, "--documents", folder, "check")
        result.check(done.status == 1 and "figure fuzz.requests is out of date" in done.output,
                     "check ends with 1", done.tail())
        done = run(TOOL, "--documents", folder, "update")
        result.check((folder / PAGE).read_text() == (ROOT / PAGE).read_text(),
                     "update mends it", done.tail())


def marks_in_code_are_none(result):
    """A page may show what a marker looks like."""
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "page.md"
        page.write_text("`<!-- figure: NAME -->`\n```text\n<!-- table: NAME -->\n```\n")
        read = documents.Page(Path(name), page)
        result.check(not read.markers and not list(documents.malformed(read)), "marks inside code")


# ---- records ------------------------------------------------------------------------------


def is_refused(name, text):
    try:
        recordings.entry_of(name, text)
    except recordings.NotWhole:
        return True
    return False


FUZZ = "1,000,000,123 requests in 1,020 s, 0 findings\n12 passed, 0 failed\n"


def whole_runs_are_recorded(result):
    """The output of a whole run becomes a record, and no other does."""
    with copied_documents() as folder:
        output = folder / "output"
        output.write_text(FUZZ)
        done = run(TOOL, "--documents", folder, "record", "fuzz", output)
        record = json.loads((folder / RECORD).read_text())["fuzz"]
        result.check(done.ok and record["figures"] == {
            "requests": 1000000123, "findings": 0, "minutes": 17} and
                     all(record[word] for word in ("commit", "date", "machine", "compiler")),
                     "fuzz is recorded", done.tail() + str(record))
        _, wrong = checking.look(folder)
        result.check(any("figure fuzz.requests is out of date" in text for text in wrong),
                     "the documents quote the record before", "\n".join(wrong))
    result.check(is_refused("fuzz", FUZZ.replace("1,000,000,123", "999,999,999")), "a short run")
    result.check(is_refused("fuzz", FUZZ.replace("12 passed, 0", "11 passed, 1")), "a failed run")
    for name, campaign in recordings.CAMPAIGNS.items():
        result.check(is_refused(name, "5 passed, 0 failed\n"), f"{name}: output without figures")
        names = {figure.replace("seconds", "minutes") for figure in campaign.patterns}
        kept = Records(ROOT).records[name]
        result.check((set(kept["figures"]), kept["command"]) == (names, campaign.command),
                     f"{RECORD} has the figures of {name}", ", ".join(names ^ set(kept["figures"])))
    bit_flips_are_recorded(result)
    mistakes_are_recorded(result)
    bench_is_recorded(result)
    result.check(set(recordings.RECORDINGS) == set(Records(ROOT).records),
                 f"{RECORD} has a record of each kind of run, and no other")


def git(tree, *words):
    done = run("git", "-C", tree, "-c", "user.name=test", "-c", "user.email=test", *words)
    if not done.ok:
        raise RuntimeError(done.tail())
    return done.output.strip()


def older_records_are_named(result):
    """Those of a commit with another library, or of none that is known."""
    with tempfile.TemporaryDirectory() as tree:
        git(tree, "init", "--quiet")
        for file in ("lib/a.c", "docs/a.md", "lib/b.c", "docs/b.md"):
            path = Path(tree) / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(file)
            git(tree, "add", file)
            git(tree, "commit", "--quiet", "--message", file)
        records = Records(ROOT)
        records.records = {name: {"commit": commit} for name, commit in (
            ("old", "HEAD~2"), ("same", "HEAD~1"), ("new", "HEAD"), ("lost", "0" * 40))}
        named = [(text.partition(":")[0], text.split()[-1]) for text in older(records, tree)]
    result.check(named == [("old", "since"), ("lost", "know")], "older records are named",
                 str(named))


def bit_flips_are_recorded(result):
    title = "all but check, walk, get_pool      pairs       crash        hang at the call"
    shares = {0: ("1.00%", "-", "-"), 1: ("0.50%", "-", "2.00%"), 2: ("-", "-", "3.00%"),
              3: ("-", "-", "4.00%")}
    rows = [f"{f'hardening {level}':24}{100 + level:11}" + "".join(f"{text:>12}" for text in row)
            for level, row in shares.items()]
    rest = "hardening 3             3456       10.00%       20.00%       30.00%       40.00%"
    found = recordings.outcomes_table("\n".join([title, *rows, rest]))
    result.check(found == {"columns": ["level", "crash", "at the call"], "rows": [
        ["0", "1.00", "-"], ["1", "0.50", "2.00"], ["2", "-", "3.00"], ["3", "-", "4.00"]]},
                 "outcomes of bit flips", str(found))


def mistakes_are_recorded(result):
    """The first of the two tables, all of it words."""
    text = """
Per cent at the call, later, harmless, harm:

| mistake | trials | level 0 | level 1 |
| --- | --- | --- | --- |
| overrun by 1 byte | 210 | - / - / 25.2 / 74.8 | - / 89.0 / 1.9 / 9.0 |

Per cent harm at level 1, by its kind, and by what was written:

| mistake | overlap |
| --- | --- |
| overrun by 1 byte | 6.2 |
"""
    found = recordings.mistakes_table(text)
    result.check(found == {"columns": ["mistake", "trials", "level 0", "level 1"], "left": 4,
                           "rows": [["overrun by 1 byte", "210", "- / - / 25.2 / 74.8",
                                     "- / 89.0 / 1.9 / 9.0"]]}, "outcomes of mistakes", str(found))


def sample_of_bench():
    """What a whole bench/run writes, with sample data."""
    with tempfile.TemporaryDirectory() as folder:
        made = run(ROOT / "bench" / "page" / "tests" / "sample_results", folder)
        merged = Results(folder).merged() if made.ok else {}
    merged["run"] = {"quick": False, "parts": [{"name": "memory", "status": 0}]}
    machine = {"target": "x86-64", "layout": "wide", "hardening": 2, "bound": 100}
    merged["records"]["executed"] += [
        {**machine, "function": "largest", "max_instructions": 89},
        {**machine, "function": "realloc_failed", "max_instructions": 50},
        {**machine, "function": "realloc_failed", "hardening": 1, "max_instructions": 73}]
    return merged


def bench_is_recorded(result):
    merged = sample_of_bench()
    entry = recordings.entry_of("bench", json.dumps(merged))
    records = Records(ROOT).records["bench"]
    for kind in ("figures", "tables"):
        result.check(entry[kind].keys() == records[kind].keys(), f"{RECORD} has bench's {kind}")
    for name, table in records["tables"].items():
        result.check(entry["tables"][name]["columns"] == table["columns"], f"columns of {name}")
    figures = entry["figures"]
    result.check((figures["largest-share"], figures["realloc-failed-share"]) ==
                 ("89 %", "50 to 73 %"), "shares of bounds", str(figures))
    for part, value in (("quick", True), ("parts", [{"name": "memory", "status": 1}])):
        changed = {**merged, "run": {**merged["run"], part: value}}
        result.check(is_refused("bench", json.dumps(changed)), f"a bench/run with {part} {value}")
