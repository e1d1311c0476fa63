# SPDX-License-Identifier: BSD-3-Clause
"""The options of the build, as meson_options.txt has them: no list of them is kept in tests/."""

import re
from dataclasses import dataclass

from report import ROOT

OPTION = re.compile(r"^option\('(\w+)', type: '(\w+)'(?:, choices: \[(.*?)\])?"
                    r"(?:, min: (\d+), max: (\d+))?,\s+value: '?(.*?)'?,$", re.MULTILINE)
MACROS = {"block_layout": "TLSF_LAYOUT", "tag_debug": "FMEMP_TAG_DEBUG",
          "call_sites": "FMEMP_CALL_SITES", "diagnosis": "FMEMP_DIAGNOSIS",
          "malloc_align_zeroes": "FMEMP_MALLOC_ALIGN_ZEROES"}
WORDS = {"block_layout": "TLSF_", "preset": "TLSF_PRESET_"}  # what goes before values in macros
NO_MACRO = ("bits", "symbol_prefix", "lock", "lock_basepri", "host_malloc", "tests",
            "benchmarks")


@dataclass(frozen=True)
class Option:
    name: str
    kind: str
    values: tuple  # that Meson accepts; none of a text
    default: str

    @property
    def macro(self):
        """The macro that the option sets to a value."""
        return MACROS.get(self.name, f"TLSF_{self.name.upper()}")

    @property
    def values_of_macro(self):
        """All values of the macro, as words."""
        if self.name in WORDS:
            return tuple(WORDS[self.name] + value.upper() for value in self.values)
        if self.kind == "boolean" or self.default == "none":
            return "0", "1"
        return tuple(map(str, self.values))

    @property
    def default_of_macro(self):
        if self.name in WORDS:
            return WORDS[self.name] + self.default.upper()
        return {"false": "0", "true": "1", "none": "0"}.get(self.default, self.default)


def all_options():
    """In the order of meson_options.txt."""
    text = (ROOT / "meson_options.txt").read_text()
    found = OPTION.findall(text)
    if len(found) != text.count("\noption("):
        raise LookupError("meson_options.txt: an option is written in a way not known here")
    for name, kind, choices, least, largest, default in found:
        values = {"boolean": ("false", "true"), "combo": tuple(re.findall(r"'(\w+)'", choices)),
                  "integer": tuple(range(int(least or 0), int(largest or 0) + 1))}.get(kind, ())
        yield Option(name, kind, values, default)


def with_macro():
    return [option for option in all_options() if option.name not in NO_MACRO]
