# SPDX-License-Identifier: BSD-3-Clause
"""The files of the library, each with the first sentence of its head comment."""

import re
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
LIB = ROOT / "lib"
ARCH = ROOT / "arch"
ONE_PROCESSOR = ARCH / "generic" / "bits_arch.h"
INCLUDE_PATH = (ROOT / "include", ARCH)
INCLUDED = re.compile(r'^#include ["<]([\w./]+\.h)[">]', re.MULTILINE)
HEAD_COMMENT = re.compile(r"^/\*\n(.*?)\*/", re.DOTALL | re.MULTILINE)
ALGORITHM = LIB / "core" / "tlsf.c"
SERVES_OTHERS = re.compile(r"\b(?:verify_|statistics_|guard_|fill_|HARDENING_|CHECKER_)\w+")


def first_sentence(path):
    comment = HEAD_COMMENT.search(path.read_text())
    if comment is None:
        raise FigureError(f"{path.name} has no head comment")
    paragraph = re.split(r"\n \*\n", comment[1])[0]
    text = " ".join(re.sub(r"^ ?\*", "", line).strip() for line in paragraph.split("\n")).strip()
    return re.split(r"(?<=[a-z])\. ", text + " ")[0].rstrip(". :") + "."


def included(path):
    """The project's files that a file includes. arch/bits_arch.h takes one processor's file."""
    for name in INCLUDED.findall(path.read_text()):
        others = [folder / name for folder in (path.parent, *INCLUDE_PATH)]
        found = next((other.resolve() for other in others if other.exists()), None)
        if found == ONE_PROCESSOR or found is not None and found.parent.parent != ARCH:
            yield found


@lru_cache(maxsize=None)
def depths():
    """{path: the longest chain of inclusions that leads to it from the algorithm}"""
    found = {ALGORITHM: 0}
    pending = [ALGORITHM]
    while pending:
        path = pending.pop()
        for other in included(path):
            if found.get(other, -1) <= found[path]:
                found[other] = found[path] + 1
                pending.append(other)
    return found


def reading_order(folder):
    """The algorithm, what it is made of from the top down, and the rest."""
    return sorted((LIB / folder).glob("*.[ch]"),
                  key=lambda path: (depths().get(path, 99), path.name))


def lines_for_others():
    """Code lines of the algorithm that name a check, statistics, fills or a memory checker. Lines
    that inform observers, and ENTER_HEAP, do not count."""
    code = re.sub(r"/\*.*?\*/", "", ALGORITHM.read_text(), flags=re.DOTALL)
    return [line for line in code.split("\n") if SERVES_OTHERS.search(line)]


def figure(name):
    """layout.files, layout.depth: behind tlsf.c; layout.checks: in it"""
    if name == "layout.files":
        return str(len(depths()) - 1)
    if name == "layout.depth":
        return str(max(depths().values()))
    if name == "layout.checks":
        return str(len(lines_for_others()))
    raise FigureError("no such figure")


def table(name):
    if name != "layout":
        raise FigureError("no such table")
    return table_of(["file", "what it holds"],
                    [[f"`lib/{folder}/{path.name}`", first_sentence(path)]
                     for folder in ("core", "fmemp", "bounded", "selftest")
                     for path in reading_order(folder)], left=2)


def listed():
    yield "figure", "layout.files", "headers behind tlsf.c, those of include/ and arch/ with them"
    yield "figure", "layout.depth", "how deep these include each other"
    yield "figure", "layout.checks", "lines of tlsf.c that ask what a hardening level checks"
    yield "table", "layout", "every file of lib/, with the first sentence of its comment"
