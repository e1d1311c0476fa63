# SPDX-License-Identifier: BSD-3-Clause
"""Finds the markers in the documents, compares what stands between them, and rewrites it."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from .figure import FigureError

FOLDERS = ("*.md", "docs/**/*.md", "examples/**/*.md")
MARKER = re.compile(r"<!--\s*(figure|table):\s*(\S+?)\s*-->"
                    r"((?:(?!<!--\s*(?:figure|table):).)*?)<!--\s*/\1\s*-->", re.DOTALL)
AT_LINE_BEGIN = re.compile(r"^\s*<!--\s*figure:", re.MULTILINE)
HALF = re.compile(r"<!--\s*/?(?:figure|table)\b[^>]*>")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


@dataclass
class Marker:
    kind: str   # figure or table
    name: str
    text: str   # what stands between the marks
    begin: int  # where the text lies in the page
    end: int
    line: int


class Page:
    """One document. Marks inside code are examples, and no markers."""

    def __init__(self, root, path):
        self.path, self.name = path, str(path.relative_to(root))
        self.text = path.read_text(encoding="utf-8")
        plain = CODE.sub(lambda code: "`" * len(code[0]), self.text)
        self.markers = [Marker(found[1], found[2], self.text[found.start(3):found.end(3)],
                               *found.span(3), self.line_of(found.start()))
                        for found in MARKER.finditer(plain)]
        self.line_begins = [self.line_of(found.end()) for found in AT_LINE_BEGIN.finditer(plain)]
        rest = MARKER.sub(lambda found: "`" * len(found[0]), plain)
        self.halves = [(self.line_of(half.start()), half[0]) for half in HALF.finditer(rest)]

    def line_of(self, place):
        return self.text.count("\n", 0, place) + 1


def read_all(root):
    paths = {path for pattern in FOLDERS for path in Path(root).glob(pattern)}
    return [Page(root, path) for path in sorted(paths)]


def expected(marker, sources):
    """What has to stand between the marks."""
    if marker.kind == "figure":
        return sources.figure(marker.name)
    return f"\n\n{sources.table(marker.name)}\n\n"


def malformed(page):
    """A text for each mark that is no half of a marker, or stands where Markdown misreads it."""
    for line, half in page.halves:
        yield f"{page.name}:{line}: {half} has no partner"
    for line in page.line_begins:
        yield f"{page.name}:{line}: begins with a figure, so Markdown ends the paragraph there"


def differences(page, sources):
    """A text for each marker that is out of date or has no source."""
    for marker in page.markers:
        place = f"{page.name}:{marker.line}: {marker.kind} {marker.name}"
        try:
            right = expected(marker, sources)
        except FigureError as error:
            yield f"{place}: {error}"
            continue
        if marker.text != right:
            lines = difflib.unified_diff(marker.text.strip().splitlines(),
                                         right.strip().splitlines(), "document", "source",
                                         lineterm="", n=0)
            yield f"{place} is out of date\n    " + "\n    ".join(lines)


def rewrite(page, sources):
    """Writes what has a source. Returns whether the page changed."""
    text = page.text
    for marker in reversed(page.markers):
        try:
            text = text[:marker.begin] + expected(marker, sources) + text[marker.end:]
        except FigureError:
            pass  # tools/figures check tells of it
    if text == page.text:
        return False
    page.path.write_text(text, encoding="utf-8")
    return True
