# SPDX-License-Identifier: BSD-3-Clause
"""The matrix of promises and of what verifies them: as text, and as a page."""

import html
import re
from pathlib import Path

from .promises import ROOT

PAGE = Path(__file__).with_name("matrix.html")
VERSION = re.compile(r"#define TLSF_VERSION_(MAJOR|MINOR|PATCH) (\d+)")


class Matrix:
    def __init__(self, promises, evidence):
        self.promises, self.evidence = promises, evidence
        self.verified = {promise.name: [] for promise in promises}
        for one in evidence:
            for name in one.names:
                self.verified.setdefault(name, []).append(one)

    # ---- text ------------------------------------------------------------------------------

    def text(self):
        lines = []
        for promise in self.promises:
            lines.append(f"{promise.name:5} {promise.file}:{promise.line} {promise.text}")
            lines += [f"      {one.kind} {one.name}{place_of(one)}"
                      for one in self.verified[promise.name]]
        lines.append("")
        for one in self.evidence:
            lines.append(f"{one.kind} {one.name}{place_of(one)}: " +
                         (", ".join(one.names) or f"no promise, {one.purpose}"))
        return "\n".join([*lines, "", self.counts()])

    def counts(self):
        kinds = {}
        for one in self.evidence:
            kinds[one.kind] = kinds.get(one.kind, 0) + 1
        listed = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        return f"{len(self.promises)} promises. What verifies them, by kind: {listed}."

    # ---- page ------------------------------------------------------------------------------

    def page(self):
        places = {"VERSION": version(), "COUNTS": html.escape(self.counts()),
                  "FILES": "".join(f"<option>{html.escape(file)}</option>" for file in
                                   dict.fromkeys(promise.file for promise in self.promises)),
                  "KINDS": "".join(f"<option>{kind}</option>" for kind in
                                   dict.fromkeys(one.kind for one in self.evidence)),
                  "PROMISES": "\n".join(map(self.row_of_promise, self.promises)),
                  "EVIDENCE": "\n".join(map(row_of_evidence, self.evidence))}
        page = PAGE.read_text(encoding="utf-8")
        return re.sub(r"@(\w+)@", lambda found: places[found[1]], page)

    def row_of_promise(self, promise):
        found = self.verified[promise.name]
        proofs = "".join(f"<li><b>{one.kind}</b> {html.escape(one.name)}"
                         f"<small>{html.escape(place_of(one))}</small></li>" for one in found)
        kinds = " ".join(dict.fromkeys(one.kind for one in found))
        return (f'<tr id="{promise.name}" data-file="{promise.file}" data-kinds="{kinds}">'
                f"<th>{promise.name}</th><td><small>{html.escape(promise.file)}:{promise.line} "
                f"{html.escape(promise.subject)}</small><br>{html.escape(promise.text)}</td>"
                f"<td><ul>{proofs}</ul></td></tr>")


def place_of(one):
    if one.kind in ("analysis", "inspection"):
        return f" ({one.purpose})"
    return f" ({one.where})" if one.kind == "case" else ""


def row_of_evidence(one):
    names = " ".join(f'<a href="#{name}">{name}</a>' for name in one.names)
    purpose = html.escape(one.purpose)
    if one.names:
        names += f"<br><small>{purpose}</small>" if purpose else ""
    else:
        names = f"<small>no promise, {purpose}</small>"
    return (f'<tr data-file="" data-kinds="{one.kind}"><th>{one.kind}</th>'
            f"<td>{html.escape(one.name)}<br><small>{html.escape(one.where)}</small></td>"
            f"<td>{names}</td></tr>")


def version(root=ROOT):
    text = (root / "include" / "tlsf.h").read_text(encoding="utf-8")
    return ".".join(number for _, number in VERSION.findall(text)[:3])
