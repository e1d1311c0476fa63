# SPDX-License-Identifier: BSD-3-Clause
"""Builds and runs flips.c for each hardening, layout and situation, and prints what a flipped bit
comes to: of pairs of a bit and a call, and of bits."""

import argparse
import platform
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "checks"))
from bugs import Bug, mutated_tree  # noqa: E402
from mutants import name_of  # noqa: E402
from report import ROOT, Result, run  # noqa: E402

LEVELS = (0, 1, 2, 3)
LAYOUTS = ("COMPACT", "WIDE")
SITUATIONS = (0, 1, 2)  # of the pending block: specimen.h
# Other options, at the levels that look for corruption.
OTHERS = ("-DTLSF_PENDING=0", "-DTLSF_GRANULE=16", "-DTLSF_SL_BITS=5 -DTLSF_LOOK_AHEAD=4",
          "-DTLSF_STATISTICS=0", "-DTLSF_GRANULE=32")

FLAGS = ["-std=c11", "-g", f"-I{ROOT}/include", f"-I{ROOT}/arch/x86", f"-I{ROOT}/tests",
         f"-I{HERE}"]

# In the order in which flips.c prints them. "not met": the call did not use the bit, which the
# check still finds; "check later": it did, was not told, and the check finds the heap broken.
OUTCOMES = ("crash", "hang", "at the call", "not met", "check later", "harmless", "call later",
            "unnoticed")
READ_ONLY = ("check", "walk", "get_pool")  # made on every bit, and left out of the tables of fields
QUICK_STRIDE = 211   # requests of which one is made, on each bit; a prime, so that all take turns
OTHERS_STRIDE = 23


@dataclass(frozen=True)
class Job:
    """One run of flips.c."""
    level: int
    layout: str
    options: str
    situation: int
    stride: int
    optimization: str = "-O2"

    def name(self):
        return (f"hardening {self.level}, {self.layout.lower()}, situation {self.situation}"
                f"{' ' + self.options if self.options else ''}")


@dataclass
class Tally:
    """What runs at one level counted: by field, pairs by outcome and bits."""
    pairs: dict = field(default_factory=lambda: defaultdict(lambda: [0] * len(OUTCOMES)))
    calls: dict = field(default_factory=lambda: defaultdict(lambda: [0] * len(OUTCOMES)))
    bits: dict = field(default_factory=lambda: defaultdict(lambda: [0] * 4))
    outside: int = 0
    wrecks: int = 0
    wrecked: int = 0
    late: int = 0

    def add_line(self, line):
        kind, *words = line.split("\t")
        if kind == "pairs":
            add(self.calls[words[1]], words[2:])
            if words[1] not in READ_ONLY:
                add(self.pairs[words[0]], words[2:])
        elif kind == "bits":
            add(self.bits[words[0]], words[1:])
        elif kind == "outside":
            self.outside += int(words[0])
        elif kind == "late":
            self.late += int(words[0])
        elif kind == "wrecks":
            self.wrecks += int(words[0])
            self.wrecked += int(words[1])


def add(counts, words):
    for i, word in enumerate(words):
        counts[i] += int(word)


# ---- runs --------------------------------------------------------------------------------

def jobs_of(stride):
    """The full campaign, one situation after the other so that estimates of time are good."""
    for situation in SITUATIONS:
        for level in LEVELS:
            for layout in LAYOUTS:
                yield Job(level, layout, "", situation, stride)
            if level >= 2:
                for options in OTHERS:
                    yield Job(level, "COMPACT", options, situation, stride * OTHERS_STRIDE)


def quick_jobs():
    """Every level; the wide layout where corruption is looked for; each situation."""
    number = 0
    for level in LEVELS:
        for layout in LAYOUTS if level >= 2 else LAYOUTS[:1]:
            yield Job(level, layout, "", number % len(SITUATIONS), QUICK_STRIDE, "-O1")
            number += 1


def flips_run(job, seed, root=ROOT):
    """Returns the finished program, or the failed compiler. A level that the library refuses is
    an error of the build."""
    sources = [*sorted((root / "lib/core").glob("*.c")), *sorted(HERE.glob("*.c")),
               ROOT / "tests/support/protect.c"]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "flips"
        built = run("gcc", *FLAGS, job.optimization, f"-DTLSF_HARDENING={job.level}",
                    f"-DTLSF_LAYOUT=TLSF_{job.layout}", f"-I{root}/lib/core", *job.options.split(),
                    *sources, "-o", program)
        return run(program, job.situation, job.stride, seed % job.stride) if built.ok else built


def count_run(result, tallies, job, ran):
    lines = ran.output.splitlines()
    counted = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1])
    if not result.check(ran.ok and counted is not None, job.name(),
                        "\n".join(line for line in lines if "\t" not in line)[-4000:]):
        print("FAILED", result.failures[-1], flush=True)
    if counted:
        result.passed += int(counted.group(1))
    for line in lines:
        tallies[job.level].add_line(line)


def run_all(result, jobs, seed, workers):
    tallies, begin = defaultdict(Tally), time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        runs = pool.map(lambda job: flips_run(job, seed), jobs)
        for number, (job, ran) in enumerate(zip(jobs, runs), 1):
            count_run(result, tallies, job, ran)
            spent = time.monotonic() - begin
            print(f"{number:3} of {len(jobs)}, {spent:5.0f} s, some "
                  f"{spent / number * (len(jobs) - number):.0f} s left: {job.name()}", flush=True)
    return tallies


# ---- controls ----------------------------------------------------------------------------

# Bugs in what looks for corruption, and as what each has to be noticed.
CONTROLS = (
    (Bug("block_fits_span", "made 1"), "it does not come back"),
    (Bug("check_list", "left of || dropped in condition 1"), "the check does not come back"),
    (Bug("tlsf_walk_blocks", "left of && dropped"), "walk of 0 (0, 0): it does not come back"),
    (Bug("verify", "made 1 in result *"), "it is told, and has an effect"),
)


def control_is_noticed(result, bug, expected):
    mutant = bug.mutants[0]
    with mutated_tree(mutant) as root:
        ran = flips_run(Job(2, "COMPACT", "", 0, QUICK_STRIDE), 0, root)
    seen = result.check(ran.status == 1 and expected in ran.output,
                        f"control: {name_of(mutant)}", ran.tail())
    print(f"control: {name_of(mutant)}: {'noticed' if seen else 'FAILED'}", flush=True)


# ---- tables ------------------------------------------------------------------------------

def share(part, whole):
    return f"{100 * part / whole:.2f}%" if part and whole else "-"


def print_outcomes(title, rows):
    """rows: (name, counts of outcomes)."""
    print(f"\n{title:24} {'pairs':>10}" + "".join(f"{outcome:>12}" for outcome in OUTCOMES))
    for name, counts in rows:
        print(f"{name:24} {sum(counts):10}" +
              "".join(f"{share(count, sum(counts)):>12}" for count in counts))


def total(rows):
    return [sum(column) for column in zip(*rows)]


def print_tables(tallies):
    for level, tally in sorted(tallies.items()):
        print_outcomes(f"hardening {level}, by field", tally.pairs.items())
    for level, tally in sorted(tallies.items()):
        print_outcomes(f"hardening {level}, by call", sorted(tally.calls.items()))
    print_outcomes("all but check, walk, get_pool",
                   [(f"hardening {level}", total(tally.pairs.values()))
                    for level, tally in sorted(tallies.items())])


def print_bits(tallies):
    columns = ("bits", "check alone", "some call", "unnoticed", "harmless")
    print(f"\n{'bits, by what finds them':24}" + "".join(f"{name:>13}" for name in columns))
    for level, tally in sorted(tallies.items()):
        bits, checked, told, unnoticed = total(tally.bits.values())
        shares = [share(part, bits) for part in
                  (checked, told, unnoticed, bits - checked - told - unnoticed)]
        print(f"{f'hardening {level}':24}{bits:13}" + "".join(f"{text:>13}" for text in shares))


def print_rest(tallies):
    """What the tables have no column for."""
    print()
    for level, tally in sorted(tallies.items()):
        names = [name for name, counts in tally.bits.items() if counts[3]]
        print(f"hardening {level}: bits that nobody notices: {', '.join(names) or 'none'}; "
              f"calls that wrote between pools: {tally.outside}; reallocs told while they moved: "
              f"{tally.late}; programs that went on with a broken heap: {tally.wrecks}, that "
              f"failed so: {tally.wrecked}")


# ---- the command -------------------------------------------------------------------------

def every_level_was_told(result, tallies):
    """A campaign that finds nothing to tell has looked at nothing."""
    for level in LEVELS:
        pairs = total(tallies[level].pairs.values()) or [0] * len(OUTCOMES)
        result.check(sum(pairs) > 0, f"hardening {level} was run")
        told = pairs[OUTCOMES.index("at the call")]
        result.check((told > 0) == (level > 0), f"faults told at hardening {level}: {told}")


def main():
    arguments = argparse.ArgumentParser(prog="tests/run bitflips", description=__doc__)
    arguments.add_argument("--quick", action="store_true",
                           help="every bit still, but few of the calls on each")
    arguments.add_argument("--stride", type=int, default=1,
                           help="of the calls that a bit could have, every so many are made")
    arguments.add_argument("--seed", type=int, help="which of them")
    arguments.add_argument("--jobs", type=int, default=2, help="runs at a time")
    wanted = arguments.parse_args()
    if platform.machine() != "x86_64":
        sys.exit("tests/run bitflips: the specimen's address is made for x86-64")
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    print(f"seed {seed}", flush=True)
    jobs = list(quick_jobs() if wanted.quick else jobs_of(wanted.stride))
    result = Result()
    tallies = run_all(result, jobs, seed, 1 if wanted.quick else wanted.jobs)
    every_level_was_told(result, tallies)
    if not wanted.quick:
        for bug, expected in CONTROLS:
            control_is_noticed(result, bug, expected)
    print_tables(tallies)
    print_bits(tallies)
    print_rest(tallies)
    for failure in result.failures:
        print("FAILED", failure)
    print(f"{result.passed} passed, {len(result.failures)} failed")
    return 1 if result.failures or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
