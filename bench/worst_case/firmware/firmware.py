# SPDX-License-Identifier: BSD-3-Clause
"""bench/firmware: recorded loads of firmware's libraries, served on a Cortex-M4 by fmemp and by
the C libraries that Debian ships for it, in bare-metal images (image.c): the smallest heap that
serves each, and how many instructions malloc and free take."""

import argparse
import math
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parents[1] / folder) for folder in ("worst_case/beside", "support")]
import json_results  # noqa: E402
from allocators import (ALLOCATORS, CORTEX_M4, MachineError, image_build,  # noqa: E402
                        printed_lines, run, versions)

FOLDER = ROOT / "build" / "bench-run"
OUTPUT = FOLDER / "results" / "firmware.json"
PREFIX = "fw-"  # of the names of these loads
ROOMY = 256 << 10  # no allocator is short of memory where its calls are counted
LONG = ("mbedtls",)  # left out of a quick run: ten times the calls of any other


# ---- measuring -------------------------------------------------------------------------


def output_read(output):
    """What an image printed: bytes, and instructions of both calls."""
    def numbers(prefix):
        lines = printed_lines(output, prefix + " ")
        if len(lines) != 1:
            raise MachineError(output)
        return map(int, lines[0].split("|"))
    found = dict(zip(("peak_bytes", "smallest_heap_bytes"), numbers("bytes")))
    for call in ("malloc", "free"):
        calls, total, most = numbers(call)
        found.update({f"{call}_calls": calls, f"{call}_most": most,
                      f"{call}_mean": round(total / calls, 1) if calls else 0})
    return found


def static_bytes(image):
    """Bytes of the variables of a C library's malloc. Those of fmemp are in its heap."""
    symbols = map(str.split, run("arm-none-eabi-nm", "-S", image).splitlines())
    return sum(int(words[1], 16) for words in symbols
               if len(words) == 4 and words[2] in "bBdD" and words[3].startswith("__malloc"))


def load_serve(images, load, allocator, roomy=ROOMY):
    output = CORTEX_M4.run(images[allocator], [f"roomy={roomy}"], load)
    return {"allocator": allocator, "load": load.stem.removeprefix(PREFIX), **output_read(output)}


def images_build(folder):
    """{allocator: its image}"""
    images = {}
    for allocator in ALLOCATORS:
        place = Path(folder) / allocator
        place.mkdir()
        images[allocator] = image_build(allocator, HERE / "image.c", place)
    return images


def measure(loads):
    """Yields a record for each load and allocator."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as workers:
        images = images_build(folder)
        static = {allocator: static_bytes(image) for allocator, image in images.items()}
        pairs = [(load, allocator) for load in loads for allocator in ALLOCATORS]
        for record in workers.map(lambda pair: load_serve(images, *pair), pairs):
            yield {**record, "static_bytes": static[record["allocator"]]}


# ---- command ---------------------------------------------------------------------------


HEAD = (f"{'load':10} {'allocator':12} {'peak bytes':>10} {'heap bytes':>10} {'static':>7} "
        f"{'malloc: mean':>13} {'most':>7} {'free: mean':>11} {'most':>7}")


def row(record):
    return (f"{record['load']:10} {record['allocator']:12} {record['peak_bytes']:10,} "
            f"{record['smallest_heap_bytes']:10,} {record['static_bytes']:7,} "
            f"{record['malloc_mean']:13.1f} {record['malloc_most']:7,} "
            f"{record['free_mean']:11.1f} {record['free_most']:7,}")


def mean_ratio(records, allocator):
    """Memory / peak of live bytes, the geometric mean."""
    ratios = [(record["smallest_heap_bytes"] + record["static_bytes"]) / record["peak_bytes"]
              for record in records if record["allocator"] == allocator]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def main():
    parser = argparse.ArgumentParser(prog="bench/firmware", description="""
        Serves recorded loads of firmware's libraries in images for a Cortex-M4, and prints for
        fmemp's core and for each C library the smallest heap that serves the load, the bytes of
        its own variables, and the instructions of malloc and free in a heap with room to spare.
        The loads were recorded on a 64-bit machine. calloc counts as malloc, without clearing;
        picolibc's malloc clears each block itself. Status 0: counting was calibrated, each load
        was served, and no block lost its first byte.""")
    parser.add_argument("--quick", action="store_true", help=f"without {', '.join(LONG)}")
    parser.add_argument("--loads", type=Path, default=FOLDER / "loads" / "firmware",
                        help="folder of *.load, recorded by bench/run")
    parser.add_argument("--json", type=Path, default=OUTPUT, help=f"default: {OUTPUT}")
    wanted = parser.parse_args()
    loads = sorted(load for load in wanted.loads.glob("*.load")
                   if not (wanted.quick and load.stem.removeprefix(PREFIX) in LONG))
    if not loads:
        sys.exit(f"bench/firmware: no load in {wanted.loads}; bench/run --quick records them")
    print(f"Instructions on a Cortex-M4, in a heap of {ROOMY:,} bytes; the smallest heap; static: "
          f"variables of the allocator.\n\n{HEAD}", flush=True)
    records = []
    try:
        for record in measure(loads):
            records.append(record)
            print(row(record), flush=True)
    except MachineError as error:
        sys.exit(f"bench/firmware: {error}")
    print("\nHeap and variables / peak of live bytes, geometric mean: " + ", ".join(
        f"{allocator} {mean_ratio(records, allocator):.3f}" for allocator in ALLOCATORS))
    json_results.write(wanted.json, versions(), records)
    return 0


if __name__ == "__main__":
    sys.exit(main())
