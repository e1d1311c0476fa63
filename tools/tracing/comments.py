# SPDX-License-Identifier: BSD-3-Clause
"""The sentences of a header's comments, and how an identifier gets behind one.

A comment has items: a paragraph; a line "Returns  ..." whose label stands apart from its text; the
comment behind a member of a structure. An item has sentences. An identifier, [T12], stands behind
its sentence. Examples of code are no items."""

import re
from dataclasses import dataclass, field

COLUMNS = 100
IDENTIFIER = re.compile(r"\[([A-Z]\d+)\]")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SECTION = re.compile(r"---- (.*?) -+")
DEEP = 4  # columns of an example, and less than those of a text behind its label
LABELLED = re.compile(r"( {0,3})(\S+(?: \S+)*)(  +)(\S.*)")
SENTENCE_ENDS = re.compile(r"[.?!][\")]?$")
NAMES = (r"\(\*(\w+)\)\(", r"#(?:define|ifndef) (\w+)", r"(\w+)\(", r"(?:enum|struct) (\w+) \{")
INITIAL = re.compile(r"[A-Z]\.")  # of an author


@dataclass
class Item:
    """Lines of a comment that are one text. Each line is a number, what stands before the text, and
    the text."""
    subject: str
    section: str
    label: str
    margin: str  # before each line but the first
    lines: list = field(default_factory=list)
    closes: bool = False  # the comment ends behind it, in the same line

    def ended_before(self, word):
        """Whether the last line ends a sentence and has room for more: a new paragraph."""
        _, prefix, text = self.lines[-1]
        return bool(ends_sentence(text.split()[-1])) and \
            len(prefix) + len(text) + len(" ") + len(word) <= COLUMNS

    def words(self):
        return [word for _, _, text in self.lines for word in text.split()]

    def sentences(self):
        """Pairs of a sentence and the identifiers behind it."""
        sentence, names = [], []
        for word in self.words():
            found = IDENTIFIER.fullmatch(word)
            if found:
                names.append(found[1])
                continue
            if names or sentence and ends_sentence(sentence[-1]):
                yield " ".join(sentence), names
                sentence, names = [], []
            sentence.append(word)
        yield " ".join(sentence), names

    def filled(self, sentences):
        """The lines of the item with these sentences, as long as they may be."""
        words = []
        for sentence, names in sentences:
            words += sentence.split()
            words[-1] += "".join(f" [{name}]" for name in names)
        if self.closes:
            words[-1] += " */"
        lines, line = [], self.lines[0][1] + words[0]
        for word in words[1:]:
            if len(line) + 1 + len(word) > COLUMNS:
                lines.append(line)
                line = self.margin + word
            else:
                line += " " + word
        return [*lines, line]


def ends_sentence(word):
    return SENTENCE_ENDS.search(word) and not INITIAL.fullmatch(word)


def subject_of(before, after):
    """What a comment tells about: the member in front of it, or else the next name behind it."""
    macro = re.match(r"#define (\w+)", before)
    if macro:
        return macro[1]
    member = re.search(r"(\w+)(?:\[\w+\])?(?: = \w+)?[,;]?\s*$", before)
    if member:
        return member[1]
    code = after.lstrip().split("\n", 1)[0]
    if re.match(r"typedef (?:enum|struct)[^;]*\{", code):
        return re.search(r"^\} (\w+);", after, re.MULTILINE)[1]
    for pattern in NAMES:
        found = re.search(pattern, code)
        if found and not found[1].endswith("_H"):  # that of an include guard
            return found[1]
    return ""


def items(text):
    """The items of all comments of a header. Sections and licence lines are none."""
    section = ""
    for comment in COMMENT.finditer(text):
        words = comment[0].strip("/* ")
        if SECTION.match(words):
            section = SECTION.match(words)[1]
        elif not words.startswith("SPDX-"):
            yield from items_of(text, comment, section)


def items_of(text, comment, section):
    number = text.count("\n", 0, comment.start())
    before = text[text.rfind("\n", 0, comment.start()) + 1:comment.start()]
    above = text[:comment.start()].split("\n")[-2:]
    code = "\n".join(above if above[0].endswith("\\") else above[-1:])
    subject = subject_of(code, text[comment.end():])
    if before.strip():  # behind code
        yield behind_code(comment[0], number, before, subject, section)
        return
    item, last = None, len(comment[0].split("\n")) - 1
    for place, line in enumerate(comment[0].split("\n")):
        start = "/* " if place == 0 else f"{before} * "
        if place == 0:
            line, start = before + line, f"{before}/* "
        closed = line.endswith("*/")
        content = line.removesuffix("*/").rstrip()[len(start):]
        if not content:
            if item:
                yield item
            item = None
            continue
        indent = len(content) - len(content.lstrip())
        labelled = LABELLED.fullmatch(content)
        hangs = item and item.label and indent >= DEEP and not labelled
        if item and item.ended_before(content.split()[0]) and not hangs:
            yield item
            item = None
        if hangs or item and start + " " * indent == item.margin and not labelled:
            item.margin = start + " " * indent
            item.lines.append((number + place, item.margin, content.strip()))
        elif indent >= DEEP:  # an example
            continue
        else:
            if item:
                yield item
            label, prefix = "", start + " " * indent
            if labelled:
                label = labelled[2]
                prefix = start + labelled[1] + label + labelled[3]
            margin = f"{before} * " + " " * (len(prefix) - len(start))
            item = Item(subject, section, label, margin,
                        [(number + place, prefix, content[len(prefix) - len(start):])])
        item.closes = closed and place == last
    if item:
        yield item


def behind_code(comment, number, before, subject, section):
    prefix = before + "/* "
    item = Item(subject, section, "", " " * len(prefix), closes=True)
    for place, line in enumerate(comment.removesuffix("*/").split("\n")):
        item.lines.append((number + place, prefix if place == 0 else item.margin,
                           line.removeprefix("/*").strip()))
    return item
