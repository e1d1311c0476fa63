# SPDX-License-Identifier: BSD-3-Clause
"""tools/heap: the same heap by every route on several machines; heaps with one bit flipped, with
mistakes of programs and with random bytes; and requests that fail, whose explanation a brute force
confirms."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from report import ROOT, Result

sys.path.insert(0, str(ROOT / "tools"))

from damage import (FIRST, SECOND, commands_end, flips_are_told, heap_after,  # noqa: E402
                    missing_memory_is_told, mistakes_are_told, time_is_kept)
from failures import (FIRST as POOL, SECOND as OTHER_POOL, listed_block_serves,  # noqa: E402
                      requests_are_explained)
from inputs import inputs_are_understood  # noqa: E402
from native_heap import Library, NativeHeap  # noqa: E402
from traces import traces_are_told  # noqa: E402
from targets import (MISTAKES, TARGETS, WIDE, mistakes_are_found,  # noqa: E402
                     routes_agree)

BUILDS = [[], ["-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_GRANULE=16", "-DTLSF_SL_BITS=5"],
          ["-DTLSF_HARDENING=3", "-DTLSF_GRANULE=4", "-DTLSF_SL_BITS=3"],
          ["-DTLSF_PENDING=0", "-DTLSF_LOOK_AHEAD=3", "-DTLSF_HARDENING=2"],
          ["-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_HARDENING=3", "-DTLSF_STATISTICS=0"],
          ["-DTLSF_GRANULE=64", "-DTLSF_HARDENING=0", "-DTLSF_LOOK_AHEAD=2"]]
ROUTES = [(name, options) for name in TARGETS for options in ((), (WIDE,))]


def parse():
    arguments = argparse.ArgumentParser(prog="tests/run inspect", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="fewer machines, builds and bits")
    arguments.add_argument("--seed", type=int, help="of the heaps and the damage")
    return arguments.parse_args()


def damage_is_told(result, folder, wanted, seed):
    builds = [BUILDS[0], BUILDS[1 + seed % (len(BUILDS) - 1)]] if wanted.quick else BUILDS
    for options in builds:
        chosen = random.Random(seed)
        library = Library(folder, options)
        heap = heap_after(NativeHeap(library, FIRST, SECOND, chosen))
        flips_are_told(result, heap, None if wanted.quick else 17)
        if library.layout.hardening < 3:
            mistakes_are_told(result, heap)
        missing_memory_is_told(result, heap)
        time_is_kept(result, heap)
        commands_end(result, heap, 15 if wanted.quick else 300)
        listed_block_serves(result, library, chosen)
        requests_are_explained(result, NativeHeap(library, POOL, OTHER_POOL, chosen),
                               20 if wanted.quick else 400)


def main():
    wanted = parse()
    seed = wanted.seed if wanted.seed is not None else random.randrange(1, 2**31)
    print(f"seed {seed}", flush=True)
    result = Result()
    routes = [ROUTES[0], *random.Random(seed).sample(ROUTES[1:], 2)] if wanted.quick else ROUTES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for target, options in routes:
            routes_agree(result, TARGETS[target], folder, options)
        mistakes = [1 + seed % len(MISTAKES)] if wanted.quick else MISTAKES
        mistakes_are_found(result, folder, mistakes)
        inputs_are_understood(result, folder)
        traces_are_told(result, folder)
        damage_is_told(result, folder, wanted, seed)
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
