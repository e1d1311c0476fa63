# SPDX-License-Identifier: BSD-3-Clause
"""Puts the library into two files: a header and a source. Each #include of a file of this tree
gives way to the file, the first time it is met; the compiler's own headers stay."""

import re

from . import product

INCLUDE = re.compile(r'#include (["<])([^">]+)[">]')
NEST = re.compile(r"#\s*(if|ifdef|ifndef|elif|else|endif)\b")
COPYRIGHT, LICENCE = (f"/* SPDX-{line} */\n" for line in (
    "FileCopyrightText: 2026 the fmemp authors", "License-Identifier: BSD-3-Clause"))
SUBJECTS = {"tlsf": ("tlsf.h", ("core",)), "fmemp": ("fmemory_pool.h", ("core", "fmemp"))}
PREAMBLE = """
#define TLSF_TWO_FILES 1
#ifdef __clang__ /* warns of inline functions that nobody calls, in a source but not in a header */
#pragma clang diagnostic ignored "-Wunused-function"
#endif"""


class AmalgamError(Exception):
    """The tree cannot be put into two files as it is."""


class Branches:
    """Where a line stands: the branches of #if around it, each by a number of its own. The include
    guard of a header is none."""

    def __init__(self, outside, has_guard):
        self.outside, self.open = outside, []
        self.guard = 1 if has_guard else 0

    def meet(self, line, number):
        """Follows a line of the preprocessor; `number` is its own."""
        word = NEST.match(line)
        if word and word[1] in ("endif", "else", "elif"):
            self.open.pop()
        if word and word[1] != "endif":
            self.open.append(number)

    @property
    def around(self):
        return self.outside + tuple(self.open[self.guard:])


class Writer:
    """Collects the lines of one file. `known` has the files that another one brought already, each
    with the branches around it."""

    def __init__(self, root, known=()):
        self.root, self.known, self.lines = root, dict(known), []

    def add(self, path, around=()):
        """Takes over a file, unless it is there."""
        if path in self.known:
            there = self.known[path]
            if around[:len(there)] != there:
                raise AmalgamError(f"{path} is included in a branch of an #if, and elsewhere")
            return
        self.known[path] = around
        branches = Branches(around, path.suffix == ".h")
        self.lines.append(f"/* ==== {path.relative_to(self.root)} ==== */")
        text = path.read_text(encoding="utf-8").removeprefix(COPYRIGHT).removeprefix(LICENCE)
        for line in text.splitlines():
            branches.meet(line, len(self.lines))
            self.add_line(path, line, branches.around)

    def add_line(self, path, line, around):
        found = INCLUDE.match(line)
        included = self.find(path, *found.groups()) if found else None
        if included:
            self.add(included, around)
        else:
            self.lines.append(line)

    def find(self, path, quote, name):
        """The file of this tree that an #include names; None: a header of others."""
        if quote == "<":
            return None
        for folder in (path.parent, self.root / "include"):
            if (folder / name).is_file():
                return (folder / name).resolve()
        raise AmalgamError(f"{path}: {name} is not found")

    def text(self, root):
        licence = "\n".join(f" * {line}".rstrip() for line in
                            (root / "LICENSE").read_text(encoding="utf-8").splitlines())
        head = (f"{COPYRIGHT}{LICENCE}/*\n"
                f" * fmemp {product.version(root)} in two files, made by tools/amalgamate.\n *\n"
                f"{licence}\n */\n")
        return head + "\n".join(self.lines) + "\n"


def two_files(subject, root=product.ROOT):
    """The header and the source of "tlsf", the core alone, or of "fmemp": {file name: text}."""
    public, parts = SUBJECTS[subject]
    header = Writer(root)
    header.add(root / "include" / public)
    source = Writer(root, header.known)
    source.lines += [f'#include "{subject}.h"', *PREAMBLE.splitlines()]
    for name in product.sources(*parts, root=root):
        source.add(root / name)
    return {f"{subject}.h": header.text(root), f"{subject}.c": source.text(root)}
