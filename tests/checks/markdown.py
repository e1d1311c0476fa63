# SPDX-License-Identifier: BSD-3-Clause
"""Reads a page of Markdown: its prose, links, headings and fenced blocks."""

import re
import textwrap
from dataclasses import dataclass
from functools import cached_property

from report import ROOT

FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?:\.\d+)?")


@dataclass
class Block:
    """A fenced block: the word that names its language, further words, and its text."""
    language: str
    options: list
    text: str
    line: int


class Page:
    def __init__(self, path):
        self.path, self.name = path, str(path.relative_to(ROOT))
        self.text = path.read_text(encoding="utf-8")

    @cached_property
    def blocks(self):
        found = []
        for fence in FENCE.finditer(self.text):
            words = fence[2].split()
            found.append(Block(words[0] if words else "", words[1:], textwrap.dedent(fence[3]),
                               self.text.count("\n", 0, fence.start()) + 1))
        return found

    @cached_property
    def unfenced(self):
        return FENCE.sub("", self.text)

    @cached_property
    def prose(self):
        """Without fenced blocks, comments and code."""
        return CODE.sub("", COMMENT.sub("", self.unfenced))

    @cached_property
    def codes(self):
        return CODE.findall(self.unfenced)

    @cached_property
    def links(self):
        return LINK.findall(CODE.sub("", self.unfenced))

    @cached_property
    def numbers(self):
        """The numbers of the prose, without separators of thousands."""
        text = re.sub(r"\]\([^)]*\)", "]", self.prose)
        return [number.replace(",", "") for number in NUMBER.findall(text)]

    @cached_property
    def anchors(self):
        """The names that web views of Markdown give to headings."""
        counted, names = {}, set()
        for heading in HEADING.findall(self.unfenced):
            text = re.sub(r"\]\([^)]*\)", "", heading).lower()
            name = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
            number = counted.get(name, 0)
            counted[name] = number + 1
            names.add(f"{name}-{number}" if number else name)
        return names
