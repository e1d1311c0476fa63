# SPDX-License-Identifier: BSD-3-Clause
"""bench/holes: instructions of malloc and free among many holes, of fmemp and of the C libraries
that Debian ships for a Cortex-M4; counted in bare-metal images (image.c).

measured.json holds the figures, which depend on no machine:
    versions      compiler and C libraries that they hold for
    request_bytes, heap_bytes: of the request and of the memory
    malloc, free  {allocator: {holes: instructions}}, the worst of all patterns"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import picture

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parents[1] / folder) for folder in ("worst_case/beside", "support")]
import json_results  # noqa: E402
from allocators import (ALLOCATORS, CORTEX_M4, MachineError, image_build,  # noqa: E402
                        printed_lines, versions)

MEASURED = HERE / "measured.json"
OUTPUT = ROOT / "build" / "bench-run" / "results" / "holes.json"
HOLES = (10, 30, 100, 300, 1000, 3000)
QUICK_HOLES = (10, 30, 100)
PATTERNS = 18  # of image.c


# ---- measuring -------------------------------------------------------------------------


def output_read(output, holes):
    """{"malloc": {holes: instructions}, "free": the same} of what an image printed."""
    rows = [line.split("|") for line in printed_lines(output, "counted ")]
    if len(rows) != PATTERNS * len(holes):
        raise MachineError(output)
    return {call: {number: max(int(row[column]) for row in rows if row[0] == number)
                   for number in map(str, holes)}
            for call, column in (("malloc", -2), ("free", -1))}


def allocator_measure(allocator, holes):
    with tempfile.TemporaryDirectory() as folder:
        program = image_build(allocator, HERE / "image.c", folder)
        return output_read(CORTEX_M4.run(program, [f"holes={number}" for number in holes], None),
                           holes)


def measure(holes):
    with ThreadPoolExecutor(2) as workers:
        found = list(workers.map(lambda name: allocator_measure(name, holes), ALLOCATORS))
    constants = dict(re.findall(r"#define (REQUEST|HEAP)_BYTES (\d+)u",
                                (HERE / "image.c").read_text()))
    return {"versions": versions(),
            **{f"{name.lower()}_bytes": int(value) for name, value in constants.items()},
            **{call: dict(zip(ALLOCATORS, [figures[call] for figures in found]))
               for call in ("malloc", "free")}}


def records_of(found):
    """The same, a record for each allocator and number of holes."""
    return [{"allocator": allocator, "holes": int(number), "malloc": instructions,
             "free": found["free"][allocator][number]}
            for allocator, figures in found["malloc"].items()
            for number, instructions in figures.items()]


# ---- comparing -------------------------------------------------------------------------


def differences(found, kept):
    """What was found otherwise than it is kept, as texts."""
    return [f"{allocator}, {holes} holes: {call} {instructions}, {MEASURED.name} has "
            f"{kept[call].get(allocator, {}).get(holes)}"
            for call in ("malloc", "free") for allocator, figures in found[call].items()
            for holes, instructions in figures.items()
            if kept[call].get(allocator, {}).get(holes) != instructions]


def report(found, kept):
    """Prints how `found` compares with the figures that are kept, and these with the picture.
    Returns the number of failures."""
    if kept["versions"] != found["versions"]:
        print("\nnot comparable: the committed figures hold for", "; ".join(kept["versions"]))
        return 0
    texts = differences(found, kept)
    if picture.FILE.read_bytes() != picture.drawn(kept):
        texts.append(f"{picture.FILE.name} is not the picture of {MEASURED.name}")
    for text in texts:
        print(f"  FAILED {text}")
    if texts:
        print(f"bench/holes --update writes {MEASURED.name} and its picture anew")
    return len(texts)


def table_print(found):
    for call in ("malloc", "free"):
        numbers = list(next(iter(found[call].values())))
        print(f"\n{call + ', holes:':15}" + "".join(f"{number:>8}" for number in numbers))
        for allocator, figures in found[call].items():
            print(f"{allocator:15}" + "".join(f"{figures[number]:>8,}" for number in numbers))


def main():
    parser = argparse.ArgumentParser(prog="bench/holes", description="""
        Counts the instructions of a malloc that is served behind holes which are too small for it,
        and of the costliest free among them, in images for a Cortex-M4. Status 0: counting was
        calibrated, and measured.json and the picture in docs/ hold what was counted.""")
    parser.add_argument("--quick", action="store_true",
                        help=f"not more than {QUICK_HOLES[-1]} holes")
    parser.add_argument("--update", action="store_true",
                        help="write measured.json and the picture anew")
    parser.add_argument("--measured", type=Path, default=MEASURED,
                        help="the figures to compare with, if not the committed ones")
    parser.add_argument("--json", type=Path, default=OUTPUT, help=f"default: {OUTPUT}")
    wanted = parser.parse_args()
    if wanted.quick and wanted.update:
        parser.error("--update needs every figure")
    print("Executed instructions of one call, at most, on Cortex-M4 code.")
    found = measure(QUICK_HOLES if wanted.quick else HOLES)
    table_print(found)
    json_results.write(wanted.json, found["versions"], records_of(found))
    if wanted.update:
        MEASURED.write_text(json.dumps(found, indent=1) + "\n")
        picture.FILE.parent.mkdir(parents=True, exist_ok=True)
        picture.FILE.write_bytes(picture.drawn(found))
    return 1 if report(found, json.loads(wanted.measured.read_text())) else 0


if __name__ == "__main__":
    sys.exit(main())
