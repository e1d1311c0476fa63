# SPDX-License-Identifier: BSD-3-Clause
"""Images for a Cortex-M4 with fmemp, and with each C library that Debian ships for it."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE.parent / folder) for folder in ("machine", "bound")]
import builds  # noqa: E402
from machines import CORTEX_M4, WARNINGS, MachineError, run  # noqa: E402

COMPILER = (*builds.Build("cortex-m4", "gcc", "-O2", "compact", 1).command, "-O2")
LIBC = [HERE / "counted_libc.c"]
# Options and sources of each; fmemp takes memcpy and memset from newlib-nano.
ALLOCATORS = {
    "fmemp": (["--specs=nano.specs"], [HERE / "counted_fmemp.c", *builds.SOURCES]),
    "newlib": ([], LIBC),
    "newlib-nano": (["--specs=nano.specs"], LIBC),
    "picolibc": (["--specs=picolibc.specs"], LIBC),
}


def versions():
    packages = ("libnewlib-arm-none-eabi", "picolibc-arm-none-eabi")
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages],
                          capture_output=True, text=True, check=True)
    return [builds.version_of(COMPILER[0]), *done.stdout.splitlines()]


def image_build(allocator, main, folder, more=()):
    """Links the source `main` with an allocator, compiled with `more` options. Returns the
    image."""
    options, sources = ALLOCATORS[allocator]
    program = Path(folder) / "image"
    run(*COMPILER, *WARNINGS, *options, *more, f"-I{ROOT}/include", f"-I{ROOT}/arch/arm",
        main, HERE / "variables.c", *sources, *CORTEX_M4.base_words(), "-o", program)
    return program


def printed_lines(output, prefix):
    """What an image printed behind the prefix. Fails unless it was calibrated and has finished."""
    lines = output.splitlines()
    if "calibrated" not in lines or lines[-1] != "finished":
        raise MachineError(output)
    return [line.removeprefix(prefix) for line in lines if line.startswith(prefix)]
