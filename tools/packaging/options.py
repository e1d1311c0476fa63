# SPDX-License-Identifier: BSD-3-Clause
"""The options of the build, as meson_options.txt has them."""

import re
from dataclasses import dataclass

from .product import ROOT

OPTION = re.compile(r"^option\('(?P<name>\w+)', type: '(?P<kind>\w+)'"
                    r"(?:, choices: \[(?P<choices>.*?)\])?(?:, min: (?P<least>\d+), "
                    r"max: (?P<most>\d+))?,\s+value: '?(?P<default>.*?)'?,\s+"
                    r"description: (?P<text>'.*?')\)$", re.MULTILINE | re.DOTALL)
NOT_OF_THE_LIBRARY = ("tests", "benchmarks")


@dataclass(frozen=True)
class Option:
    name: str
    kind: str  # boolean, integer, combo, feature or string
    values: tuple  # of an integer, a combo and a feature
    default: str
    text: str

    @property
    def variable(self):
        return f"FMEMP_{self.name.upper()}"


def options(root=ROOT):
    """The library's own options, in the order of meson_options.txt."""
    for found in OPTION.finditer((root / "meson_options.txt").read_text(encoding="utf-8")):
        if found["name"] in NOT_OF_THE_LIBRARY:
            continue
        values = re.findall(r"'(\w+)'", found["choices"] or "")
        if found["kind"] == "feature":
            values = ["auto", "enabled", "disabled"]
        if found["least"]:
            values = [str(value) for value in range(int(found["least"]), int(found["most"]) + 1)]
        text = "".join(re.findall(r"'([^']*)'", found["text"]))
        yield Option(found["name"], found["kind"], tuple(values), found["default"], text)
