# SPDX-License-Identifier: BSD-3-Clause
"""Writes the page: page/page.html with its styles, scripts and data in it."""

import json
import re
from pathlib import Path

from heap_inspector.problem import Problem

from .columns import packed, steps
from .history import NONE, history_of
from .source import HEAP, KINDS

PAGE = Path(__file__).with_name("page")
STYLES = ["colours.css", "page.css", "parts.css"]
# In the order in which they use one another.
SCRIPTS = ["words.js", "data.js", "max_tree.js", "history.js", "moment.js", "why.js", "colours.js",
           "strip.js", "chart.js", "panel.js", "tables.js", "main.js"]


def write_page(source, name, path):
    """source: a heap or a trace that was checked; name: what to call it."""
    try:
        Path(path).write_text(page_of(source, name), encoding="utf-8")
    except OSError as error:
        raise Problem(f"{path}: {error}") from error


def page_of(source, name):
    head, columns = content_of(source, name)
    parts = {
        "title": escaped(f"{name}: heap"),
        "styles": "\n".join((PAGE / file).read_text() for file in STYLES),
        "head": json.dumps(head).replace("<", "\\u003c"),  # ends no script element
        "columns": columns,
        "scripts": "\n".join((PAGE / file).read_text() for file in SCRIPTS),
    }
    return re.sub(r"\{\{ (\w+) \}\}", lambda part: parts[part[1]],
                  (PAGE / "page.html").read_text())


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def content_of(source, name):
    try:
        history = history_of(source)
        described, text = packed(columns_of(history))
    except ValueError as error:
        raise Problem(f"{name}: {error}") from error
    heap = source if source["format"] == HEAP else source["heap"] or {}
    reserved = heap.get("reserved", source["options"].get("reserved_bytes", 0))
    return {
        "name": name, "is_trace": source["format"] != HEAP,
        "heap": heap.get("heap"), "check": heap.get("check"), "missing": heap.get("missing"),
        "statistics": heap.get("statistics"), "planned": heap.get("planned"),
        "reserved": reserved,
        "target": source["target"], "options": source["options"],
        "sizes": history.sizes.as_json(),
        "regions": history.places.as_json(), "span": history.places.span,
        "kinds": [*KINDS, "before"], "owners": list(history.owners), "tasks": list(history.tasks),
        "ticks_per_second": source.get("clock", {}).get("ticks_per_second"),
        "notes": history.notes, "before": history.before, "columns": described,
    }, text


def columns_of(history):
    """Places are numbers in the sorted column `places`."""
    named = {place for column in (history.begin, history.end, history.gone) for place in column}
    places = sorted(named - {NONE})
    numbers = {place: number for number, place in enumerate(places)} | {NONE: NONE}
    columns = {name: [numbers[place] for place in getattr(history, name)]
               for name in ("begin", "end", "gone")}
    columns |= {name: getattr(history, name) for name in ("kind", "size", "align", "owner", "task")}
    times = steps(history.time[history.before:])
    columns |= ({"time": history.time} if times is None
                else {"time_steps": [0] * history.before + times})
    return columns | {"place_steps": steps(places)}
