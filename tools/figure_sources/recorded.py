# SPDX-License-Identifier: BSD-3-Clause
"""docs/figures.json: what takes too long to be computed at every check. A record holds the figures
and tables of one whole run, and says which command ran, when, where, and on which commit."""

import json
import re
import subprocess
import textwrap
from pathlib import Path

from . import mistakes
from .figure import FigureError, table_of, text_of

FILE = Path("docs") / "figures.json"
ALL = "measured"  # the table of all records
WHEN = "when"     # the last word of the table that says when one record was measured
LIBRARY = ("lib", "include", "arch")
LIST = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")  # innermost, over several lines


def read(root):
    return json.loads((Path(root) / FILE).read_text(encoding="utf-8"))


def write(root, name, entry):
    """Puts one record into the file."""
    records = {**read(root), name: entry}
    text = json.dumps(dict(sorted(records.items())), indent=1, ensure_ascii=False)
    text = LIST.sub(lambda row: "[" + re.sub(r"\n\s+", " ", row[1]) + "]", text)
    (Path(root) / FILE).write_text(text + "\n", encoding="utf-8")


def when(record):
    return textwrap.fill(f"Measured by `{record['command']}` at commit {record['commit']} on "
                         f"{record['date']}: {record['machine']}; {record['compiler']}.", 100)


class Records:
    def __init__(self, root):
        self.records = read(root)

    def part(self, name, kind):
        record, _, rest = name.partition(".")
        try:
            return self.records[record][kind][rest]
        except KeyError as missing:
            raise FigureError(f"{FILE} has no {name}") from missing

    def figure(self, name):
        return text_of(self.part(name, "figures"))

    def table(self, name):
        """A table of one record, and below it when it was measured; or that alone."""
        if name == ALL:
            return self.all_table()
        record, _, rest = name.partition(".")
        if rest == WHEN and record in self.records:
            return when(self.records[record])
        if name == mistakes.TABLE:
            columns, rows = mistakes.by_level(self.part("mistakes.outcomes", "tables"))
            return table_of(columns, rows) + "\n\n" + when(self.records[record])
        found = self.part(name, "tables")
        return (table_of(found["columns"], found["rows"], found.get("left", 1)) + "\n\n" +
                when(self.records[record]))

    def all_table(self):
        rows = [[f"`{record['command']}`", record["commit"], record["date"], record["machine"],
                 record["compiler"]] for record in self.records.values()]
        return table_of(["command", "commit", "date", "machine", "compilers"], rows, left=5)

    def listed(self):
        for name, record in self.records.items():
            for figure in record["figures"]:
                yield "figure", f"{name}.{figure}", f"recorded by {record['command']}"
            for table in [*record["tables"], WHEN]:
                yield "table", f"{name}.{table}", f"recorded by {record['command']}"
        yield "table", mistakes.TABLE, "the outcomes of mistakes, by kind"
        yield "table", ALL, "when and where each record was measured"


def older(records, tree):
    """A text for each record that was not measured on the library as it is in the tree."""
    for name, record in records.records.items():
        command = ["git", "-C", tree, "diff", "--quiet", record["commit"], "--", *LIBRARY]
        done = subprocess.run(command, stderr=subprocess.DEVNULL)
        if done.returncode == 1:
            yield f"{name}: measured at {record['commit']}; the library has changed since"
        elif done.returncode:
            yield f"{name}: measured at {record['commit']}, which this tree does not know"


def unquoted(records, markers):
    """A text for each figure and table of the file that no document quotes."""
    quoted = {(marker.kind, marker.name) for marker in markers}
    for name, record in records.records.items():
        for kind in ("figure", "table"):
            for part in record[kind + "s"]:
                if (kind, f"{name}.{part}") not in quoted:
                    yield f"{FILE}: no document quotes {kind} {name}.{part}"


def undated(records, pages):
    """A text for each page that quotes a record, and does not say when it was measured."""
    for page in pages:
        tables = {marker.name for marker in page.markers if marker.kind == "table"}
        dated = {name.split(".")[0] for name in tables}
        quoted = {marker.name.split(".")[0] for marker in page.markers if marker.kind == "figure"}
        for name in sorted(quoted & records.records.keys() - dated):
            if ALL not in tables:
                yield (f"{page.name} quotes figures of {name}, and not when they were measured: "
                       f"add table {name}.{WHEN} or {ALL}")
