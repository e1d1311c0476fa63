# SPDX-License-Identifier: BSD-3-Clause
"""tools/heap record, replay and size."""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from heap_inspector.problem import Problem

from . import counted, report, worst_case
from .engines import Engines, machine_of
from .option_sets import OptionSet
from .record import record
from .sizing import Sizing, Wanted
from .sources import source_of

LOAD = """LOAD is
  a recorded load   tools/heap record -o app.load -- ./app
  a trace           tools/heap trace json board.json --elf app.elf --dump app.dump
  a description     a text with lines like
                        1 block of 2048 bytes, always
                        16 blocks of 24..64 bytes, live 10..200 ms
                        4 blocks of 1500 bytes aligned 32, live 1..5 ms, pause 0..20 ms
                        run 60 s"""


class Progress:
    """Lines on stderr: one that changes on a terminal; elsewhere a line now and then."""
    PAUSE = 3  # seconds

    def __init__(self):
        self.told = time.monotonic()

    def __call__(self, what, done, of):
        text = f"heap: {what}, {done} of {of}"
        if sys.stderr.isatty():
            end = "" if done < of else "\r\033[K"
            print(f"\r\033[K{text}", end=end, file=sys.stderr, flush=True)
        elif time.monotonic() - self.told > self.PAUSE:
            print(text, file=sys.stderr, flush=True)
            self.told = time.monotonic()


def parser_of(name, about, words):
    return argparse.ArgumentParser(prog=f"tools/heap {name}", description=about, epilog=words,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)


def options_arguments(parser):
    parser.add_argument("--layout", choices=("compact", "wide"), default="compact")
    parser.add_argument("--granule", type=int, choices=(4, 8, 16, 32, 64), default=8,
                        help="the alignment that the program counts on; default 8")
    parser.add_argument("--sl-bits", type=int, choices=(3, 4, 5), default=4)
    parser.add_argument("--hardening", type=int, choices=(0, 1, 2, 3), default=1)
    parser.add_argument("--tags", action="store_true", help="as with FMEMP_TAG_DEBUG=1")
    parser.add_argument("--preset", choices=("default", "bound"), default="default")
    parser.add_argument("--json", action="store_true", help="print values, not text")
    parser.add_argument("--seed", type=int, help="of a description and of variations; printed")


def options_of(chosen):
    return OptionSet(layout=chosen.layout, granule=chosen.granule, sl_bits=chosen.sl_bits,
                     pending=int(chosen.preset == "default"), hardening=chosen.hardening,
                     tags=int(chosen.tags))


def seed_of(chosen):
    seed = random.randrange(1, 2**31) if chosen.seed is None else chosen.seed
    if seed < 0:
        raise Problem(f"--seed {seed}: a seed is 0 or more")
    return seed


def sources_of(paths, folder, seed):
    """Each load gets a folder of its own: names may be equal."""
    found = []
    for number, path in enumerate(paths):
        place = Path(folder) / str(number)
        place.mkdir()
        found.append(source_of(path, place, seed))
    return found


def answer_print(values, lines, wants_json):
    print(json.dumps(values, indent=1) if wants_json else "\n".join(lines))


# ---- record -------------------------------------------------------------------------------------


def record_command(words):
    parser = parser_of("record", "Records the heap calls of a program on this machine.",
                       "example:\n  tools/heap record -o app.load -- ./app --its-own options")
    parser.add_argument("-o", metavar="LOAD", dest="load", required=True, help="the file to write")
    parser.add_argument("--program", metavar="NAME", help="of the processes that the command "
                        "starts, take one that runs NAME; default: the one with the most calls")
    parser.add_argument("command", nargs="+", metavar="-- COMMAND")
    chosen = parser.parse_args(words)
    found = record(chosen.load, chosen.command, chosen.program)
    print(f"heap: {found['load']} has the calls of {found['program']}, one of "
          f"{found['processes']} recorded; the command ended with status {found['status']}",
          file=sys.stderr)


# ---- replay -------------------------------------------------------------------------------------


def replay_command(words):
    parser = parser_of("replay", "Replays a load on the library, and finds the smallest pool.",
                       f"{LOAD}\n\nexample:\n  tools/heap replay app.load --pool 65536 --bits 32")
    parser.add_argument("load", metavar="LOAD")
    parser.add_argument("--pool", type=int, metavar="BYTES",
                        help="the region that serves; default: the smallest one")
    parser.add_argument("--bits", type=int, choices=(32, 64), help="of the target; default: that "
                        "of a trace, else 32")
    options_arguments(parser)
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        [source] = sources_of([chosen.load], folder, seed_of(chosen))
        answer = replayed(source, chosen)
    answer_print(answer, report.replay_lines(answer), chosen.json)


def replayed(source, chosen):
    options, bits = options_of(chosen), chosen.bits or source.bits or 32
    engines = Engines(machine_of(bits))
    progress = Progress()
    engines.prepare([options], lambda done, of: progress("the engine", done, of))
    found = source.ask(engines, options, "measure")
    served = source.ask(engines, options, "serve", chosen.pool or found["smallest_pool"])
    return {"path": str(source.path), "kind": source.kind, "notes": source.notes, "bits": bits,
            "flags": options.flags(), **found, **served}


# ---- size ---------------------------------------------------------------------------------------


def size_command(words):
    parser = parser_of("size", "Finds the smallest pool that serves the loads, for each choice of "
                       "options and for 32-bit and 64-bit targets, and recommends one.",
                       f"{LOAD}\n\nSeveral loads are several runs: the pool serves each of them.\n"
                       "\nexamples:\n  tools/heap size app.load\n"
                       "  tools/heap size day.load night.load --target cortex-m0 --tags")
    parser.add_argument("loads", nargs="+", metavar="LOAD")
    parser.add_argument("--target", choices=worst_case.BITS, help="what the recommendation is for; "
                        "default: cortex-m4, or aarch64 for a 64-bit trace")
    parser.add_argument("--count", action="store_true", help="count the instructions that the "
                        "load takes on an emulated Cortex-M4, with the recommended options")
    parser.add_argument("--bits", type=int, choices=(32, 64), help="show targets of this width "
                        "alone")
    options_arguments(parser)
    chosen = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        seed = seed_of(chosen)
        sources = sources_of(chosen.loads, folder, seed)
        target = chosen.target or default_target(sources, chosen.bits)
        wanted = Wanted(target, options_of(chosen), seed)
        progress = Progress()
        sizings = [Sizing(sources, one, wanted, progress)
                   for one in targets_of(target, chosen.bits)]
        [of_target] = [sizing for sizing in sizings if sizing.target == target]
        choice = of_target.choice()
        if chosen.count:
            count_all(sources, choice, target)
    answer_print(report.values(sources, sizings, wanted, choice),
                 report.size_lines(sources, sizings, wanted, choice), chosen.json)


def count_all(sources, choice, target):
    if target != counted.TARGET:
        raise Problem(f"--count counts on a {counted.TARGET}: leave it out for {target}")
    choice.counted = [counted.count(choice.options, source, choice.pool) for source in sources]


def default_target(sources, bits):
    known = [source.bits for source in sources if source.bits]
    return worst_case.DEFAULT_OF_BITS[bits or max(known, default=32)]


def targets_of(target, bits):
    """The target, and the usual one of the other width; 32 bits first."""
    if bits not in (None, worst_case.BITS[target]):
        raise Problem(f"{target} has {worst_case.BITS[target]} bits: leave out --bits {bits}, or "
                      "name another --target")
    usual = worst_case.DEFAULT_OF_BITS | {worst_case.BITS[target]: target}
    return [one for one in (usual[32], usual[64]) if bits in (None, worst_case.BITS[one])]
