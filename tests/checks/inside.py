# SPDX-License-Identifier: BSD-3-Clause
"""Finds things inside of lib/ by their names, in whatever file they stand. A name that lib/ has
changed is one line of tests/support/renames.h: what tests call it, and what lib/ calls it."""

import re

from report import ROOT

RENAMES = "".join(re.findall(r"^#define \w+ \w+\n",
                             (ROOT / "tests/support/renames.h").read_text(), re.MULTILINE))
NAMES = dict(re.findall(r"^#define (\w+) (\w+)$", RENAMES, re.MULTILINE))
WORDS = {name: word for word, name in NAMES.items()}


def name_in_library(word):
    """What lib/ calls something that tests name."""
    return NAMES.get(word, word)


def word_of_tests(name):
    """What tests call something of lib/."""
    return WORDS.get(name, name)


class Definition:
    """Where a function, macro or structure is defined: text[begin:end] of the file."""

    def __init__(self, path, text, begin, end):
        self.path, self.text, self.begin, self.end = path, text, begin, end

    @property
    def parameters(self):
        """The names of a function's parameters."""
        head = self.text[self.begin:self.text.index("{", self.begin)]
        listed = head[head.index("(") + 1:head.rindex(")")].split(",")
        return [re.findall(r"\w+", parameter)[-1] for parameter in listed]

    def replace_by(self, text):
        self.path.write_text(self.text[:self.begin] + text + self.text[self.end:])


def find(word, root=ROOT):
    """The one Definition of something in lib/ of the tree `root`."""
    name = re.escape(name_in_library(word))
    patterns = [re.compile(pattern, re.MULTILINE | re.DOTALL) for pattern in (
        rf"^\w[^\n;=]*\b{name}\([^;{{]*\{{(?:[^\n]*\}}$|.*?^\}})",
        rf"^#define {name}\b(?! (?:TLSF|FMEMP)_NAME)(?:[^\n]*\\\n)*[^\n]*$",
        rf"^typedef struct {name} \{{.*?^\}}[^\n]*$")]
    found = []
    for path in sorted((root / "lib").glob("*/*.[ch]")):
        if "plain_names" in path.name:
            continue  # second names of functions that other files define
        text = path.read_text()
        found += [Definition(path, text, *match.span())
                  for pattern in patterns for match in pattern.finditer(text)]
    if len(found) != 1:
        raise LookupError(f"lib/ defines {name} {len(found)} times")
    return found[0]


def sources(root=ROOT):
    """The C files of the core."""
    return sorted((root / "lib/core").glob("*.c"))


def include_core(root=ROOT):
    """A compiler's arguments to let a program call every function of the core, static or not."""
    files = [*sources(root), ROOT / "tests/support/renames.h"]
    return [word for file in files for word in ("-include", file)]
