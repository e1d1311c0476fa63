# SPDX-License-Identifier: BSD-3-Clause
"""What a load takes on a Cortex-M4: bench/worst_case/firmware serves it on an emulated board, and
counts the instructions of each malloc and free of the core."""

import subprocess
import sys
import tempfile
from pathlib import Path

from heap_inspector.problem import Problem

from .engines import ROOT

PACKAGES = ("gcc-arm-none-eabi", "libnewlib-arm-none-eabi", "qemu-system-arm")
TARGET = "cortex-m4"
FIGURES = ("malloc_mean", "malloc_most", "free_mean", "free_most")


def count(options, source, pool):
    """{figure: instructions} of the load in a pool that serves it. The core alone is counted, so
    tags are left out."""
    if subprocess.run([ROOT / "tools/install", *PACKAGES], stdout=sys.stderr).returncode:
        raise Problem(f"--count needs {', '.join(PACKAGES)}")
    sys.path.append(str(ROOT / "bench/worst_case/firmware"))
    import firmware
    flags = [flag for flag in options.flags() if "TAG" not in flag]
    try:
        with tempfile.TemporaryDirectory() as folder:
            image = firmware.image_build("fmemp", firmware.HERE / "image.c", folder, flags)
            found = firmware.load_serve({"fmemp": image}, Path(source.file), "fmemp", pool)
    except firmware.MachineError as error:
        raise Problem(f"{source.path} cannot be counted, leave out --count: {error}") from error
    return {name: found[name] for name in FIGURES}
