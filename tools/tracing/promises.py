# SPDX-License-Identifier: BSD-3-Clause
"""Every promise of the public headers and of docs/, with its identifier.

A sentence of a header is a promise, or tests/requirements/no_promise.txt has it. A sentence of a
page is one if a marker stands behind it: <!-- D12 -->. An identifier is a letter, which stands for
the header or for docs/, and a number that no other promise ever had."""

import re
from dataclasses import dataclass
from pathlib import Path

from . import comments

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"tlsf.h": "T", "tlsf_bounded.h": "B", "tlsf_selftest.h": "S", "tlsf_text.h": "X",
           "tlsf_config.h": "C", "fmemory_pool.h": "F", "fmemory_port.h": "P",
           "fmemory_names.h": "N"}
PAGES = "D"
MARKER = re.compile(r"(?<!`)<!-- D(\d*) -->")  # one in code is no marker
BARE_MARKER = re.compile(r"(?<!`)<!-- D -->")
# What no promise goes beyond: an empty line, a marker, a cell, an item of a list.
BEFORE_PROMISE = re.compile(r"\n\n|<!-- D\d* -->|(?:^|\s)\| |\n\* |\n\d+\. |\n *<!-- /?table.*?-->")
KINDS = {"term": "names or defines something", "heading": "names what follows",
         "duty": "what the caller, or the platform, has to do", "advice": "how to use it",
         "reason": "why it is so", "limit": "what is not promised", "source": "where it is from"}


class PromiseError(Exception):
    """A header, a page or a list cannot be read."""


@dataclass(frozen=True)
class Promise:
    name: str
    file: str
    line: int
    subject: str  # the function, member or section that it is about
    text: str


def header(name, root=ROOT):
    return root / "include" / name


def pages(root=ROOT):
    return sorted(path for path in (root / "docs").glob("*.md") if ".zh-" not in path.name)


def entries(path):
    """(number, line) of a list: without comments and empty lines."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def not_promised(root=ROOT):
    """{(header, sentence): kind}"""
    found, name = {}, ""
    path = root / "tests" / "requirements" / "no_promise.txt"
    for number, line in entries(path):
        if not line.startswith(" "):
            name = line
            continue
        kind, sentence = line.split(None, 1)
        if name not in LETTERS or kind not in KINDS or (name, sentence) in found:
            raise PromiseError(f"{path.name}:{number}: no header, no kind, or twice: {sentence}")
        found[name, sentence] = kind
    return found


def retired(root=ROOT):
    """{identifier: why} of promises that are no more."""
    path = root / "tests" / "requirements" / "retired.txt"
    return dict(line.split(None, 1) for _, line in entries(path))


# ---- what the tree promises --------------------------------------------------------------

def sentences(name, root=ROOT):
    """(item, sentence, identifiers) of a header."""
    for item in comments.items(header(name, root).read_text(encoding="utf-8")):
        for sentence, names in item.sentences():
            yield item, sentence, names


def of_header(name, root=ROOT):
    for item, sentence, names in sentences(name, root):
        text = f"{item.label}: {sentence}" if item.label else sentence
        for one in names:
            yield Promise(one, f"include/{name}", item.lines[0][0] + 1,
                          item.subject or item.section, text)


def of_page(path, root=ROOT):
    page = path.read_text(encoding="utf-8")
    for marker in MARKER.finditer(page):
        before = page[:marker.start()]
        titles = re.findall(r"^#+ (.*)$", before, re.MULTILINE)
        yield Promise(f"{PAGES}{marker[1]}", str(path.relative_to(root)), before.count("\n") + 1,
                      titles[-1] if titles else "", last_sentence(before))


def last_sentence(text):
    starts = [found.end() for found in BEFORE_PROMISE.finditer(text)]
    words = re.sub(r"<!--.*?-->", "", text[max(starts, default=0):]).split()
    ends = [number for number, word in enumerate(words[:-1]) if comments.ends_sentence(word)]
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(words[ends[-1] + 1 if ends else 0:]))


def all_promises(root=ROOT):
    """In the order of headers and pages."""
    found = [promise for name in LETTERS for promise in of_header(name, root)]
    return found + [promise for path in pages(root) for promise in of_page(path, root)]


def faults(root=ROOT):
    """What keeps a sentence from having one identifier of its own."""
    others = not_promised(root)
    met = set()
    for name, letter in LETTERS.items():
        for item, sentence, names in sentences(name, root):
            where = f"include/{name}:{item.lines[0][0] + 1}: "
            known = (name, sentence) in others
            met.add((name, sentence))
            if known == bool(names):
                yield where + ("is a promise, and in no_promise.txt: " if known else
                               "has no identifier, and is not in no_promise.txt: ") + sentence
            if len(names) > 1 or any(one[0] != letter for one in names):
                yield where + f"one identifier that begins with {letter}: {sentence}"
    for name, sentence in sorted(set(others) - met):
        yield f"no_promise.txt: no sentence of {name}: {sentence}"
    for path in pages(root):
        for found in re.finditer(r"^ *<!-- D\d* -->", path.read_text(encoding="utf-8"),
                                 re.MULTILINE):
            yield f"{path.name}: a line begins with {found[0].strip()}: a paragraph ends there"
    yield from repeated([promise.name for promise in all_promises(root)], retired(root))


def repeated(names, old):
    for name in sorted(set(names)):
        if names.count(name) > 1:
            yield f"{name} stands behind {names.count(name)} sentences"
        if name in old:
            yield f"{name} is retired, and stands behind a sentence"
        if name == PAGES:
            yield "docs: a marker without a number: tools/requirements assign"


# ---- new identifiers ---------------------------------------------------------------------

def assign(root=ROOT):
    """Gives each promise without one an identifier. Returns how many."""
    names = [promise.name for promise in all_promises(root)] + list(retired(root))
    given, others = 0, not_promised(root)
    for name, letter in LETTERS.items():
        numbers = unused(names, letter)
        given += assign_in_header(name, others, letter, numbers, root)
    numbers = unused(names, PAGES)
    for path in pages(root):
        text = path.read_text(encoding="utf-8")
        new, count = BARE_MARKER.subn(lambda _: f"<!-- {PAGES}{next(numbers)} -->", text)
        if count:
            given += count
            path.write_text(new, encoding="utf-8")
    return given


def unused(names, letter):
    number = max((int(name[1:]) for name in names if name[0] == letter and name[1:]), default=0)
    while True:
        number += 1
        yield number


def assign_in_header(name, others, letter, numbers, root):
    path, given, changes = header(name, root), 0, []
    text = path.read_text(encoding="utf-8")
    for item in comments.items(text):
        some = list(item.sentences())
        bare = [sentence for sentence, names in some
                if not names and (name, sentence) not in others]
        if bare:
            changes.append((item, [(sentence, [f"{letter}{next(numbers)}"] if sentence in bare
                                    else names) for sentence, names in some]))
            given += len(bare)
    lines = text.split("\n")
    for item, some in reversed(changes):  # from the end, so that numbers of lines stay right
        lines[item.lines[0][0]:item.lines[-1][0] + 1] = item.filled(some)
    if changes:
        path.write_text("\n".join(lines), encoding="utf-8")
    return given
