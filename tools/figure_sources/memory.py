# SPDX-License-Identifier: BSD-3-Clause
"""Memory that a heap keeps for itself, and what a block costs: bench/worst_case/cost/kept.c,
compiled and run."""

import tempfile
from functools import lru_cache
from pathlib import Path

from .figure import FigureError, output_of, table_of

ROOT = Path(__file__).resolve().parents[2]
# The sizes are those of the machine's pointers: armhf stands for every 32-bit Arm.
MACHINES = {"cortex-m4": (["arm-linux-gnueabihf-gcc", "-static"], ["qemu-arm"], "32 bits"),
            "x86-64": (["gcc"], [], "64 bits")}
LAYOUTS = {"compact": "TLSF_COMPACT", "wide": "TLSF_WIDE"}
SIZES = ("4", "32", "256")
MAKERS = {"core": "tlsf_create_sized", "fmemp": "FMempInit"}


@lru_cache(maxsize=None)
def kept(machine, layout="compact"):
    """{name: number}, the names as figures and rows ask for them."""
    compiler, emulator, _ = MACHINES[machine]
    sources = [ROOT / "bench/worst_case/cost/kept.c", *sorted(ROOT.glob("lib/core/*.c")),
               *sorted(ROOT.glob("lib/fmemp/*.c"))]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "kept"
        output_of(*compiler, "-O1", f"-DTLSF_LAYOUT={LAYOUTS[layout]}", f"-I{ROOT}/include",
                  f"-I{ROOT}/arch/generic", *sources, "-o", program)
        lines = output_of(*emulator, program).splitlines()
    printed = {name: int(number) for name, number in map(str.split, lines)}
    return printed | {f"{kib}.{layer}": printed[f"{maker}.{int(kib) * 1024}"]
                      for kib in SIZES for layer, maker in MAKERS.items()}


def figure(name):
    """ram.MACHINE[.wide].KIB.core, .fmemp; block.MACHINE[.wide].overhead, .smallest, .usable"""
    what, machine, *rest = name.split(".")
    layout = rest.pop(0) if rest[0] in LAYOUTS else "compact"
    wanted = ".".join(rest)
    if machine not in MACHINES or wanted not in kept(machine, layout) or \
            (what == "ram") != (wanted.endswith((".core", ".fmemp"))):
        raise FigureError("no such heap")
    return f"{kept(machine, layout)[wanted]:,}"


def table(name):
    if name != "ram":
        raise FigureError("no such table")
    rows = []
    for machine, (_, _, bits) in MACHINES.items():
        for layout in LAYOUTS:
            found = kept(machine, layout)
            rows.append([bits, layout] +
                        [f"{found[f'{kib}.core']:,} / {found[f'{kib}.fmemp']:,}" for kib in SIZES] +
                        [found[name] for name in ("overhead", "smallest", "usable")])
    return table_of(["machine", "layout", *(f"{kib} KiB, core / FMemp" for kib in SIZES),
                     "bytes a block", "smallest block", "usable in it"], rows, left=2)


def listed():
    for machine, (_, _, bits) in MACHINES.items():
        for kib in SIZES:
            for layer in ("core", "fmemp"):
                yield "figure", f"ram.{machine}.{kib}.{layer}", \
                    f"bytes that a heap of {kib} KiB keeps, {bits}"
        for part, meaning in (("overhead", "header"), ("smallest", "smallest block, with header"),
                              ("usable", "usable in it"), ("handle", "an FMemp")):
            yield "figure", f"block.{machine}.{part}", f"bytes: {meaning}, {bits}"
    yield "table", "ram", "all of these, in both layouts"
