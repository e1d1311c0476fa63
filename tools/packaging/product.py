# SPDX-License-Identifier: BSD-3-Clause
"""The version, its date and the files of the product. Each has one place: the version is that of
include/tlsf.h, its date that of CHANGELOG, and what lies in a folder of lib/ or in include/ is part
of the library."""

import calendar
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("core", "fmemp", "bounded", "selftest")
NUMBER = re.compile(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)")


def version(root=ROOT):
    header = (root / "include" / "tlsf.h").read_text(encoding="utf-8")
    return ".".join(NUMBER.findall(header))


def date(root=ROOT):
    """YYYY-MM-DD. A version that CHANGELOG does not date is no release, and has the first day of
    all clocks."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(rf"^## \[{re.escape(version(root))}\] - (\d{{4}}-\d\d-\d\d)$", text, re.M)
    return found[1] if found else "1970-01-01"


def is_released(root=ROOT):
    return not date(root).startswith("1970")


def seconds(root=ROOT):
    """The date as archives hold it."""
    return calendar.timegm((*map(int, date(root).split("-")), 0, 0, 0))


def sources(*parts, root=ROOT):
    """The sources of the parts, relative to the root, in the order of parts and names."""
    return [str(path.relative_to(root)) for part in parts or PARTS
            for path in sorted((root / "lib" / part).glob("*.c"))]


def headers(root=ROOT):
    """What is installed: relative to include/, those of a folder behind those outside."""
    found = [str(path.relative_to(root / "include")) for path in (root / "include").rglob("*.h")]
    return sorted(found, key=lambda name: ("/" in name, name))
