# SPDX-License-Identifier: BSD-3-Clause
"""The version and the files of the product. Both have one place: the version is that of
include/tlsf.h, and what lies in a folder of lib/ or in include/ is part of the library."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("core", "fmemp", "bounded")
NUMBER = re.compile(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)")


def version(root=ROOT):
    return ".".join(NUMBER.findall((root / "include" / "tlsf.h").read_text()))


def sources(*parts, root=ROOT):
    """The sources of the parts, relative to the root, in the order of parts and names."""
    return [str(path.relative_to(root)) for part in parts or PARTS
            for path in sorted((root / "lib" / part).glob("*.c"))]


def headers(root=ROOT):
    """What is installed: relative to include/, those of a folder behind those outside."""
    found = [str(path.relative_to(root / "include")) for path in (root / "include").rglob("*.h")]
    return sorted(found, key=lambda name: ("/" in name, name))
