# SPDX-License-Identifier: BSD-3-Clause
"""Options of the library: default and values, read from the headers that define them."""

import re
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, table_of

ROOT = Path(__file__).resolve().parents[2]
HEADERS = [ROOT / "include" / name for name in ("tlsf_config.h", "fmemory_port.h")]
DEFAULT = re.compile(r"^#ifndef (\w+)\n#define \1 (\w+)$", re.MULTILINE)
REFUSED = re.compile(r'^#error "(\w+) must be (.+)"$', re.MULTILINE)
MESON_NAMES = {"TLSF_LAYOUT": "block_layout", "FMEMP_LOCK": "lock"}  # others: in lower case


@lru_cache(maxsize=None)
def options():
    """{macro: (default, [every value])}, in the order of the headers."""
    text = "\n".join(header.read_text() for header in HEADERS)
    defaults = dict(DEFAULT.findall(text))
    values = {macro: re.split(r", | or ", words) for macro, words in REFUSED.findall(text)}
    return {macro: (defaults[macro], values[macro]) for macro in defaults if macro in values}


def meson_name(macro):
    return MESON_NAMES.get(macro, macro.split("_", 1)[1].lower())


def default_first(macro):
    default, values = options()[macro]
    return ", ".join(f"`{value}`" for value in sorted(values, key=lambda value: value != default))


def figure(name):
    """option.MACRO.default, .values, .meson"""
    try:
        _, macro, what = name.split(".")
        default, values = options()[macro]
        return {"default": default, "values": ", ".join(values), "meson": meson_name(macro)}[what]
    except (KeyError, ValueError) as missing:
        raise FigureError("no such option") from missing


def table(name):
    if name != "options":
        raise FigureError("no such table")
    rows = [[f"`{macro}`", f"`{meson_name(macro)}`", default_first(macro)] for macro in options()]
    return table_of(["macro", "Meson", "values, default first"], rows, left=3)


def listed():
    for macro in options():
        for what in ("default", "values", "meson"):
            yield "figure", f"option.{macro}.{what}", "as the header has it"
    yield "table", "options", "every option, its name in Meson, and its values"
