# SPDX-License-Identifier: BSD-3-Clause
"""The commands of tools/heap, which gdb has as well."""

import json
from pathlib import Path

from heap_view import source as sources
from heap_view.write import write_page

from . import report, text
from .problem import Problem
from .trace_formats import FORMATS


def number(word):
    try:
        value = int(word, 0)
    except ValueError:
        value = -1
    if value < 0:
        raise Problem(f"{word} is no number: write 100, or 0x64")
    return value


def snapshot(path):
    try:
        return json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"{path}: {error}") from error


def save(inspection, path):
    try:
        Path(path).write_text(as_json(inspection.blocks()) + "\n")
    except OSError as error:
        raise Problem(f"{path}: {error}") from error
    return {"saved": path}


def view(inspection, page, path=None):
    """Without a path: the heap as it is."""
    source = sources.read(path) if path else inspection().blocks()
    write_page(source, Path(path).name if path else f"heap {source['heap']}", page)
    return {"page": page}


def compare(answer, inspection, old, new):
    """Without `new`: with the heap as it is."""
    return answer(snapshot(old), snapshot(new) if new else inspection().blocks())


def trace(inspection, form="text", path=None):
    """The trace, or where it was written. Without a path, and with no format, the values."""
    if form not in ("text", "json", *FORMATS):
        raise Problem(f"no format {form}: json, {', '.join(FORMATS)}")
    found = inspection.trace()
    if form in ("text", "json") and path is None:
        return found if form == "text" else {"content": as_json(found)}
    content = as_json(found) + "\n" if form == "json" else FORMATS[form](found)
    if path is None:
        if isinstance(content, bytes):
            raise Problem(f"a {form} is no text: name a file, as in heap trace {form} app.{form}")
        return {"content": content}
    try:
        Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
    except OSError as error:
        raise Problem(f"{path}: {error}") from error
    return {"saved": path}


class Command:
    """words: what follows the name. answer gets a function that makes the Inspection, and the
    words; lines makes the text of its answer."""

    def __init__(self, words, about, answer, lines):
        self.words, self.about = words, about
        self.answer, self.lines = answer, lines
        optional = [word for word in words.split() if word.startswith("[")]
        self.most = len(words.split())
        self.least = self.most - len(optional)

    def run(self, name, inspection, words):
        if not self.least <= len(words) <= self.most:
            raise Problem(f"usage: heap {name} {self.words}".rstrip())
        return self.answer(inspection, *words)


COMMANDS = {
    "summary": Command("", "sizes, counts, options, and whether the heap is sound",
                       lambda i: i().summary(), text.summary),
    "blocks": Command("", "every block, and whose it is",
                      lambda i: i().blocks(), text.blocks),
    "free": Command("", "free blocks by size class", lambda i: i().free(), text.free),
    "check": Command("", "the first broken invariant, the wrong word, and who likely wrote it",
                     lambda i: i().check_report(), text.check),
    "find": Command("ADDRESS", "the block that contains an address, and whose it is",
                    lambda i, a: i().find(number(a)), text.find),
    "map": Command("[CELLS]", "a picture of each pool",
                   lambda i, cells="1024": i().map(max(number(cells), 1)), text.picture),
    "why": Command("SIZE [ALIGN]", "why a request fails now, what pins the holes, and which blocks "
                   "to release", lambda i, s, a="0": i().why(number(s), number(a)), text.why),
    "trace": Command("[FORMAT [FILE]]", "the events of the ring; FORMAT: json, "
                     + ", ".join(FORMATS), lambda i, *words: trace(i(), *words), text.trace),
    "save": Command("FILE", "writes a snapshot for leaks and diff",
                    lambda i, path: save(i(), path), lambda found: [f"saved {found['saved']}"]),
    "view": Command("PAGE [FILE]", "a page for a browser: of the heap, or of a snapshot or trace",
                    view, lambda found: [f"wrote {found['page']}"]),
    "leaks": Command("OLD [NEW]", "live blocks that came after a snapshot, by owner",
                     lambda i, old, new=None: compare(report.leaks, i, old, new), text.leaks),
    "diff": Command("OLD [NEW]", "what was allocated and freed after a snapshot",
                    lambda i, old, new=None: compare(report.diff, i, old, new), text.diff),
}


def as_json(answer):
    return json.dumps(answer, indent=1)


def run(name, words, inspection, wants_json):
    """Returns the text of a command's answer."""
    command = COMMANDS[name]
    answer = command.run(name, inspection, words)
    return as_json(answer) if wants_json else "\n".join(command.lines(answer))
