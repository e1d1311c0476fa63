# SPDX-License-Identifier: BSD-3-Clause
"""How the output of a whole run becomes a record: which figures are found in it, and where."""

import json
import platform
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from . import bench_results
from .figure import output_of

ROOT = Path(__file__).resolve().parents[2]
PASSED = r"^(\d+) passed, 0 failed$"


class NotWhole(Exception):
    """The output is not that of a whole run without a failure."""


@dataclass
class Campaign:
    """A campaign of tests/. patterns: {figure: expression with one group}, where seconds become
    minutes; least: figures that a short run does not reach."""
    command: str
    patterns: dict
    least: dict = field(default_factory=dict)


CAMPAIGNS = {
    "exhaustive": Campaign("tests/run exhaustive", {
        "passed": PASSED,
        "steps": r"^([\d,]+) steps \(operations in distinct states",
        "states": r" from ([\d,]+) states in [\d,]+ scopes",
        "scopes": r" states in ([\d,]+) scopes",
        "closed": r"([\d,]+) of them sequences of any length",
        "mistakes": r"([\d,]+) mistakes, in",
        "seconds": r"mistakes, in (\d+) s$"}, {"scopes": 200}),
    "fuzz": Campaign("tests/run fuzz --operations 1000000000 --jobs 2", {
        "requests": r"^([\d,]+) requests in [\d,]+ s",
        "seconds": r"^[\d,]+ requests in ([\d,]+) s",
        "findings": r"requests in [\d,]+ s, (\d+) findings"}, {"requests": 10**9}),
    "bitflips": Campaign("tests/run bitflips", {
        "passed": PASSED,
        "seconds": r"^ *\d+ of \d+, +(\d+) s, some",
        "pairs": r"^hardening 2 +(\d+)(?: +(?:[\d.]+%|-)){8}$",
        "outside": r"^hardening 2: .*calls that wrote between pools: (\d+)"},
        {"passed": 500 * 10**6}),
    "concurrency": Campaign("tests/run concurrency", {
        "passed": PASSED,
        "seconds": r"^(\d+) s$"}, {"passed": 10**6}),
    "mistakes": Campaign("tests/run mistakes", {
        "trials": r"^([\d,]+) mistakes at each level$",
        "worst": r"^most harm at level 1: ([\d.]+) %"}, {"trials": 90_000}),
    "middleware": Campaign("tests/run middleware", {"passed": PASSED}, {"passed": 20_000}),
    "mutation": Campaign("tests/run mutation --jobs 2", {
        "killed": r"^score: (\d+) of", "mutants": r"^score: \d+ of (\d+) killed",
        "score": r"killed \(([\d.]+) %\)", "survivors": r"(\d+) survived, of which",
        "minutes": r"another mutant's; (\d+)\.\d min"},
        {"mutants": 3000}),
    "proofs": Campaign("tests/run proofs", {
        "passed": PASSED,
        "bugs": r"^(\d+) injected bugs refuted",
        "contract-bugs": r"^(\d+) bugs in functions with a contract refuted",
        "false-variants": r"^(\d+) answers to false variants of claims refuted",
        "contracts": r"^WP: \d+ of \d+ goals of (\d+) contracts"}, {"passed": 2000}),
    "memory_checkers": Campaign("tests/run memory_checkers", {
        "passed": PASSED,
        "shapes": r"^(\d+) of \1: ", "seconds": r"^(\d+) s$"}, {"shapes": 200}),
    "programs": Campaign("tests/run programs", {
        "passed": PASSED,
        "operations": r"^([\d,]+) operations$"}, {"operations": 300 * 10**6}),
}
BENCH = "bench"
RECORDINGS = {*CAMPAIGNS, BENCH}


def number_of(text):
    """A whole number where it is one; else the text."""
    plain = text.replace(",", "")
    return int(plain) if plain.isdigit() else text


def figures_of(campaign, text):
    """What the patterns find; where a pattern matches often, the last time counts."""
    if not re.search(PASSED, text, re.MULTILINE):
        raise NotWhole("something failed")
    figures = {}
    for name, pattern in campaign.patterns.items():
        found = re.findall(pattern, text, re.MULTILINE)
        if not found:
            raise NotWhole(f"no line has the figure \"{name}\"")
        figures[name] = number_of(found[-1])
    if "seconds" in figures:
        figures["minutes"] = round(figures.pop("seconds") / 60)
    for name, least in campaign.least.items():
        if figures[name] < least:
            raise NotWhole(f"{name} is {figures[name]:,}, and {least:,} at least in a whole run")
    return figures


def outcomes_table(text):
    """The last table of the bit flips' output: outcomes in per cent, a row a level."""
    heading = re.search(r"^all but check, walk, get_pool +pairs(.*)$", text, re.MULTILINE)
    if not heading:
        raise NotWhole("no table of outcomes")
    columns = [title.strip() for title in re.findall(r".{12}", heading[1])]
    share = r" +([\d.]+(?=%)|-)%?"
    rows = re.findall(r"^hardening (\d) +\d+" + share * len(columns) + "$", text, re.MULTILINE)
    met = [place for place in range(len(columns)) if any(row[1 + place] != "-" for row in rows)]
    return {"columns": ["level", *(columns[place] for place in met)],
            "rows": [[row[0], *(row[1 + place] for place in met)] for row in rows]}


def mistakes_table(text):
    """The first table of the mistakes' output: a row a mistake, and what came of it at each level.
    All cells are words."""
    lines = re.findall(r"^\| (.*) \|$", text.partition("\nPer cent harm")[0], re.MULTILINE)
    rows = [line.split(" | ") for line in lines]
    if len(rows) < 3 or "level 1" not in rows[0]:
        raise NotWhole("no table of mistakes")
    return {"columns": rows[0], "rows": rows[2:], "left": len(rows[0])}


def needs_table(text):
    """What each library of the middleware's output needs."""
    rows = re.findall(r"^(\w+) +(\d+) +(\d+) +(\d+) +(\d+)   (\d+) ns, (.*)$", text, re.MULTILINE)
    if not rows:
        raise NotWhole("no table of libraries")
    return {"columns": ["library", "calls", "peak KiB", "smallest pool KiB", "made to fail",
                        "worst call ns", "which"],
            "rows": [[name, int(calls), f"{int(peak) / 1024:.1f}", f"{int(pool) / 1024:.1f}",
                      int(failed), int(worst), which]
                     for name, calls, peak, pool, failed, worst, which in sorted(rows)]}


TABLES = {"bitflips": ("outcomes", outcomes_table), "mistakes": ("outcomes", mistakes_table),
          "middleware": ("needs", needs_table)}


# ---- where a run was made ------------------------------------------------------------------------

def here():
    """Commit, date, machine and compilers of this tree, whose campaign has just run."""
    return {"commit": first_line("git", "-C", ROOT, "describe", "--always", "--dirty"),
            "date": date.today().isoformat(),
            "machine": f"{processor()}, {short_version(f'Linux {platform.release()}')}",
            "compiler": f"gcc {first_line('gcc', '-dumpfullversion')}; "
                        f"clang {first_line('clang', '-dumpversion')}"}


def first_line(*command):
    return output_of(*command).split("\n")[0]


def short_version(kernel):
    """Name, major and minor version: what follows names a build of the kernel."""
    return re.sub(r"(\d+\.\d+)\..*", r"\1", kernel)


def processor():
    return next((line.split(":", 1)[1].strip()
                 for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")), platform.machine())


def there(merged):
    """The same of a results.json, which says it of itself."""
    about = merged["about"]["memory"]
    machine = about["machine"]
    return {"commit": about["commit"], "date": date.today().isoformat(),
            "machine": f"{machine['processor']}, {short_version(machine['kernel'])}",
            "compiler": about["compiler"]}


# ---- records -------------------------------------------------------------------------------------

def bench_entry(text):
    merged = json.loads(text)
    failed = [part["name"] for part in merged["run"].get("parts", []) if part["status"]]
    if merged["run"].get("quick", True) or merged["missing"] or failed:
        raise NotWhole("not the results.json of a bench/run without --quick that ended well")
    records = merged["records"]
    return {"command": "bench/run", **there(merged), "figures": bench_results.figures_of(records),
            "tables": bench_results.tables_of(records)}


def entry_of(name, text):
    """The record of a whole run, from what it wrote."""
    if name == BENCH:
        return bench_entry(text)
    campaign = CAMPAIGNS[name]
    tables = {}
    if name in TABLES:
        table, made = TABLES[name]
        tables[table] = made(text)
    return {"command": campaign.command, **here(), "figures": figures_of(campaign, text),
            "tables": tables}
