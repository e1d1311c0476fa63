# SPDX-License-Identifier: BSD-3-Clause
"""Builds the explorer for many shapes of the library, and explores many scopes in each.

A scope gives the pools in granules, once for each size of the smallest block: 1, 2 and 4 granules.
The number of possible blocks matters, not their size. In a scope without a depth the explorer goes
on until no operation leads to a new state. Then it has tried every sequence of any length."""

import argparse
import hashlib
import platform
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from report import BUILD, ROOT, Result, run

HERE = Path(__file__).resolve().parent
ENOUGH_STEPS = 10**8  # of a full run
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion",
            "-Wsign-conversion", "-Wshadow", "-Wundef"]
ARCH = {"x86_64": "x86", "aarch64": "aarch64", "riscv64": "riscv"}.get(platform.machine(),
                                                                      "generic")
SOURCES = [*sorted(HERE.glob("*.c")),
           *sorted((ROOT / "lib/core").glob("*.c"))]
I686 = ("i686-linux-gnu-gcc", "-static")


def options(**values):
    return [f"-DTLSF_{name.upper()}={value}" for name, value in values.items()]


# name: compiler, its options
BUILDS = {
    "compact-8": (["gcc"], options(hardening=1)),
    "compact-8-plain": (["gcc"], options(hardening=0, pending=0, sl_bits=3, look_ahead=2)),
    "compact-8-corruption": (["clang"], options(hardening=2, sl_bits=5, look_ahead=4)),
    "compact-8-debugging": (["gcc"], options(hardening=3, sl_bits=3, look_ahead=3, pending=0)),
    "compact-16": (["gcc"], options(granule=16, hardening=1, sl_bits=3, look_ahead=2)),
    "compact-16-corruption": (["gcc"], options(granule=16, hardening=2, pending=0, statistics=0)),
    "compact-16-plain": (["clang"], options(granule=16, hardening=0, look_ahead=3, sl_bits=3)),
    "compact-32": (["clang"], options(granule=32, hardening=1, pending=0, sl_bits=3)),
    "compact-64": (["gcc"], options(granule=64, hardening=2, look_ahead=2)),
    "compact-4": (["gcc"], options(granule=4, hardening=1, pending=0, sl_bits=3)),
    "wide-8": (["gcc"], options(layout="TLSF_WIDE", hardening=1)),
    "wide-8-corruption": (["gcc"], options(layout="TLSF_WIDE", hardening=2, pending=0, sl_bits=3,
                                           look_ahead=2)),
    "wide-16": (["gcc"], options(layout="TLSF_WIDE", granule=16, hardening=1, pending=0,
                                 sl_bits=3)),
    "wide-16-debugging": (["gcc"], options(layout="TLSF_WIDE", granule=16, hardening=3)),
    "wide-32-plain": (["gcc"], options(layout="TLSF_WIDE", granule=32, hardening=0, look_ahead=4,
                                       sl_bits=3, statistics=0)),
    "i686-compact-4": (I686, options(granule=4, hardening=1)),
    "i686-wide-4": (I686, options(layout="TLSF_WIDE", granule=4, hardening=2, pending=0, sl_bits=3,
                                  look_ahead=2)),
    "i686-wide-8": (I686, options(layout="TLSF_WIDE", hardening=3, sl_bits=3)),
}
QUICK_BUILDS = ["compact-8", "compact-8-plain", "compact-8-debugging", "compact-16", "wide-16",
                "wide-8-corruption"]

# name: words of the explorer; {} stands for the pools, by granules of the smallest block
EVERYTHING = "--alphabet marApxh"
SCOPES = {
    "one pool": ("--pools {} --alphabet marAh", {1: "9", 2: "13", 4: "21"}),
    "one pool, dead bytes": ("--pools {} --alphabet marAxh --shift 3 --dead used",
                             {1: "8", 2: "12", 4: "20"}),
    "one pool, unaligned": ("--pools {} --alphabet mrh --shift 1 --dead ones",
                            {1: "10", 2: "16", 4: "24"}),
    "two pools": (f"--pools {{}} {EVERYTHING}", {1: "5,4", 2: "7,6", 4: "13,12"}),
    "three pools": (f"--pools {{}} {EVERYTHING}", {1: "3,3,2", 2: "5,4,4", 4: "9,8,8"}),
    "smallest pool": (f"--pools {{}} {EVERYTHING}", {1: "1", 2: "2", 4: "4"}),
    "smallest pools": (f"--pools {{}} {EVERYTHING}", {1: "1,1,1", 2: "2,2,2", 4: "4,4,4"}),
    "many small blocks": ("--pools {} --depth 4 --alphabet mrh", {1: "24", 2: "40", 4: "48"}),
}
# At hardening 3 the requested sizes are part of a state, so there are more states.
DEBUGGING_POOLS = {
    "one pool": {1: "8", 2: "12", 4: "19"},
    "one pool, unaligned": {1: "8", 2: "13", 4: "20"},
}
QUICK_SCOPES = {
    "one pool": ("--pools {} --alphabet marAh", {1: "7", 2: "11", 4: "17"}),
    "two pools": (f"--pools {{}} {EVERYTHING}", {1: "3,3", 2: "5,5", 4: "10,9"}),
    "three pools": (f"--pools {{}} {EVERYTHING}", {1: "2,2,1", 2: "4,3,2", 4: "7,5,4"}),
    "smallest pools": (f"--pools {{}} {EVERYTHING}", {1: "1,1,1", 2: "2,2,2", 4: "4,4,4"}),
}

# From hardening 1 on. Dead bytes look like used headers, as a caller may have written them.
GHOSTS = {
    "double free": ("--pools {} --alphabet mraAh --ghosts reduced --dead used",
                    {1: "7", 2: "11", 4: "18"}),
    "double free, zeros": ("--pools {} --alphabet mrah --ghosts reduced --dead zeros",
                           {1: "7", 2: "10", 4: "16"}),
    "double free, exact": ("--pools {} --alphabet mraAxh --ghosts exact --dead used",
                           {1: "6", 2: "9", 4: "14"}),
    "double free, pools": (f"--pools {{}} {EVERYTHING} --ghosts reduced --dead used",
                           {1: "4,3", 2: "6,5", 4: "10,9"}),
}
QUICK_GHOSTS = {
    "double free": ("--pools {} --alphabet mraAh --ghosts reduced --dead used",
                    {1: "6", 2: "9", 4: "17"}),
}


def class_scopes(sl_bits, quick):
    """Pools whose blocks share a size class: 2 * S granules, and 4 * S where classes are wider."""
    two, four = 2 * 2**sl_bits, 4 * 2**sl_bits
    yield "classes, look-ahead", (f"--pools {two + 2},{two + 1},{two} "
                                  f"--sizes {two},{two + 1},{two + 2} --alphabet mrxph")
    yield "classes, alignment", (f"--pools {four + 3},{four + 1} "
                                 f"--sizes {four - 1},{four + 1},{four + 3} --alphabet marph")
    if quick:
        return
    yield "classes", f"--pools {two + 1},{two} --sizes {two // 2},{two},{two + 1} --alphabet mraAxp"
    yield "classes, thirds", (f"--pools {two + 1},{two} --sizes {two // 3},{two},{two + 1} "
                              "--alphabet mrp --shift 2 --dead used")
    yield "classes, sliding", (f"--pools {four + 7},{four},4 --sizes 4,{four},{four + 1},"
                               f"{four + 3} --alphabet mr --depth 8 --ghosts reduced --dead used")


# A run has to meet each of these outcomes at least once.
MET = """malloc.served malloc.no_room malloc_largest.served malloc_largest.no_room memalign.served
 memalign.no_room realloc.no_room realloc.grown realloc.shrunk realloc.kept realloc.slid
 realloc.moved realloc_aligned.no_room realloc_aligned.grown realloc_aligned.shrunk
 realloc_aligned.kept realloc_aligned.moved free.served free_by_realloc.served add_pool.served
 remove_pool.served remove_pool.no_room reset.served refused.no_room mistakes""".split()


class Campaign:
    """Counts what the explorers report. The calling thread has to hold the lock."""

    def __init__(self, is_verbose):
        self.result, self.totals, self.is_verbose = Result(), {}, is_verbose
        self.planned, self.done, self.running = 0, 0, {}
        self.begin = self.printed = time.monotonic()
        self.lock = threading.Lock()

    def note_progress(self, job, steps):
        self.running[job] = steps
        now = time.monotonic()
        if now - self.printed < 5:
            return
        self.printed = now
        steps = self.totals.get("steps", 0) + sum(self.running.values())
        left = (now - self.begin) / max(self.done, 1) * (self.planned - self.done)
        print(f"{steps:,} steps, {self.done} of {self.planned} scopes explored, "
              f"about {left:.0f} s left", flush=True)

    def note_figures(self, job, text):
        self.running.pop(job, None)
        self.done += 1
        figures = {name: int(value) for name, value in re.findall(r"([\w.]+)=(\d+)", text)}
        for name, value in figures.items():
            self.totals[name] = self.totals.get(name, 0) + value
        return figures


def compiled(name):
    """Compiles the explorer, unless it is up to date. Returns its path, and the Run that failed
    or None."""
    compiler, flags = BUILDS[name]
    command = [*compiler, "-O2", *WARNINGS, *flags, "-Iinclude",
               f"-Iarch/{'x86' if compiler is I686 else ARCH}", "-Ilib/core", "-Itests"]
    folders = ("include", "arch", "lib", "tests/campaigns/exhaustive", "tests/support")
    inputs = [path for folder in folders
              for path in sorted((ROOT / folder).rglob("*.[ch]"))]
    digest = hashlib.sha256(" ".join(command).encode())
    for path in inputs:
        digest.update(path.read_bytes())
    program = BUILD / "exhaustive" / name
    stamp = program.with_suffix(".sha256")
    if stamp.exists() and program.exists() and stamp.read_text() == digest.hexdigest():
        return program, None
    program.parent.mkdir(parents=True, exist_ok=True)
    done = run(*command, *SOURCES, "-o", program)
    if not done.ok:
        return program, done
    stamp.write_text(digest.hexdigest())
    return program, None


def launcher(program):
    """Returns the command that starts the program. Runs it directly if the kernel can, or else
    under qemu (32-bit x86)."""
    try:
        subprocess.run([program, "--smallest"], check=True, capture_output=True)
        return [program]
    except OSError:
        return ["qemu-i386", program]


def scopes_of(name, smallest, quick):
    flags = " ".join(BUILDS[name][1])
    hardening = int(re.search(r"HARDENING=(\d)", flags).group(1))
    sl_bits = int((re.search(r"SL_BITS=(\d)", flags) or [0, 4])[1])
    tables = [QUICK_SCOPES if quick else SCOPES]
    if hardening >= 1:
        tables.append(QUICK_GHOSTS if quick else GHOSTS)
    for table in tables:
        for scope, (words, pools) in table.items():
            if hardening == 3 and not quick:
                pools = DEBUGGING_POOLS.get(scope, pools)
            yield scope, words.format(pools[smallest]).split()
    for scope, words in class_scopes(sl_bits, quick):
        yield scope, words.split()


def explore(campaign, job, command, words):
    """Explores one scope. Without a depth it has to end by itself."""
    process = subprocess.Popen([*command, *words], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    output = []
    for line in process.stdout:
        if line.startswith("progress"):
            with campaign.lock:
                campaign.note_progress(job, int(re.search(r"steps=(\d+)", line).group(1)))
        else:
            output.append(line)
    status = process.wait()
    with campaign.lock:
        note_end(campaign, job, [*command, *words], status, output)


def note_end(campaign, job, command, status, output):
    figures = campaign.note_figures(job, output[-1] if status == 0 and output else "")
    if figures and campaign.is_verbose:
        print(f"{job}: {figures['steps']:,} steps from {figures['states']:,} states", flush=True)
    ended = status == 0 and figures.get("steps") and \
        figures["closed"] == ("--depth" not in command)
    campaign.result.check(ended, f"{job}: {' '.join(map(str, command))} (status {status})",
                          "".join(output[-60:]))


def report(campaign, quick, builds):
    totals, result = campaign.totals, campaign.result
    for name in MET:
        result.check(totals.get(name), f"a step of some scope meets {name}")
    if not quick:
        result.check(totals.get("steps", 0) >= ENOUGH_STEPS, f"{ENOUGH_STEPS:,} steps")
    print("met: " + ", ".join(f"{name} {totals.get(name, 0):,}" for name in MET))
    print(f"{totals.get('steps', 0):,} steps (operations in distinct states of {builds} builds) "
          f"from {totals.get('states', 0):,} states in {campaign.done} scopes, "
          f"{totals.get('closed', 0)} of them sequences of any length, "
          f"{totals.get('mistakes', 0):,} mistakes, in {time.monotonic() - campaign.begin:.0f} s")


def main():
    arguments = argparse.ArgumentParser(prog="tests/run exhaustive")
    arguments.add_argument("--quick", action="store_true", help="few builds and shallow scopes")
    arguments.add_argument("--jobs", type=int, default=2, help="scopes at a time")
    arguments.add_argument("--only", default="", help="only builds whose name matches this")
    wanted = arguments.parse_args()
    names = [name for name in (QUICK_BUILDS if wanted.quick else BUILDS)
             if re.search(wanted.only, name)]
    campaign = Campaign(not wanted.quick)
    with ThreadPoolExecutor(wanted.jobs) as workers:
        programs = dict(zip(names, workers.map(compiled, names)))
        jobs = []
        for name, (program, failed) in programs.items():
            if not campaign.result.check(not failed, f"build {name}", failed and failed.tail()):
                continue
            command = launcher(program)
            smallest = int(run(*command, "--smallest").output.split()[-1])
            jobs += [(f"{name}, {scope}", command, words)
                     for scope, words in scopes_of(name, smallest, wanted.quick)]
        campaign.planned = len(jobs)
        list(workers.map(lambda job: explore(campaign, *job), jobs))
    report(campaign, wanted.quick, len(names))
    return campaign.result.end()


if __name__ == "__main__":
    sys.exit(main())
