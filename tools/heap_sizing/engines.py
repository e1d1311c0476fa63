# SPDX-License-Identifier: BSD-3-Clause
"""The engines: bench/loads/replay/sizing.c with the library, compiled once for each choice of
options, for 64-bit and for 32-bit machines. They are kept in build/heap_sizing."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from heap_inspector.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "heap_sizing"
LOADS = ROOT / "bench" / "loads"
LIBRARY = [path for folder in ("core", "fmemp", "bounded")
           for path in sorted((ROOT / "lib" / folder).glob("*.c"))]
# One unit: the compiler leaves out what nothing calls, and sizing.c may use the library's own
# functions. The first file chooses what system headers offer.
UNIT = [ROOT / "bench/support/isolate.c", LOADS / "replay/load.c", LOADS / "replay/measure.c",
        LOADS / "replay/vary.c", LOADS / "replay/serve_fmemp.c", *LIBRARY,
        ROOT / "bench/worst_case/memory/bounds.c", LOADS / "replay/sizing.c"]
SOURCES = [ROOT / "lib", ROOT / "include", ROOT / "arch", LOADS, ROOT / "bench/support",
           ROOT / "bench/worst_case/memory"]
COMPILE = ["-std=c11", "-O2", "-w", "-static"]
ALONE = ["-fwhole-program", "-DFMEMP_DIAGNOSIS=0", "-DFMEMP_WRITE(text,length)="]


@dataclass(frozen=True)
class Machine:
    """Where engines run. runner: the emulator, for a processor that is not this one."""
    name: str
    bits: int
    compiler: str
    packages: tuple
    arch: str
    runner: tuple = ()


HOST_ARCH = {"x86_64": "x86", "aarch64": "aarch64"}.get(platform.machine(), "generic")
NATIVE = Machine("64-bit", 64, "gcc", ("gcc", "libc6-dev"), HOST_ARCH)
# Structures of both have the sizes that they have on a Cortex-M: tests/checks/sizing_checks.py.
I686 = Machine("i686", 32, "i686-linux-gnu-gcc", ("gcc-i686-linux-gnu", "libc6-dev-i386-cross"),
               "x86")
I686_EMULATED = Machine("i686 by emulation", 32, I686.compiler, (*I686.packages, "qemu-user"),
                        "x86", ("qemu-i386",))
ARMHF = Machine("armhf by emulation", 32, "arm-linux-gnueabihf-gcc",
                ("gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross", "qemu-user"), "arm",
                ("qemu-arm",))


def require(machine):
    programs = [machine.compiler, *machine.runner]
    if any(shutil.which(program) is None for program in programs):
        ran = subprocess.run([ROOT / "tools/install", *machine.packages], stdout=sys.stderr)
        if ran.returncode:
            raise Problem(f"needs {' and '.join(programs)}: install {' '.join(machine.packages)}")


def make_cache():
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{CACHE}: {error.strerror}. Engines are kept there: work in a copy of the "
                      "tree that you may write to") from error


def compile_text(machine, text, program, words=()):
    """Compiles a program of one unit. Runs that compile the same one do not disturb each other."""
    make_cache()
    new = program.with_name(f"{program.name}.{os.getpid()}")
    ran = subprocess.run([machine.compiler, *COMPILE, *words, "-x", "c", "-", "-o", new],
                         input=text, capture_output=True, text=True)
    if ran.returncode:
        raise Problem(f"{machine.compiler} does not compile the engine:\n{ran.stderr.strip()}")
    new.replace(program)


@lru_cache
def machine_of(bits):
    """The machine of so many bits that engines run on here."""
    if bits == 64:
        if sys.maxsize < 2**32:
            raise Problem("64-bit engines need a 64-bit machine: say --bits 32")
        require(NATIVE)
        return NATIVE
    if platform.machine() != "x86_64":
        require(ARMHF)
        return ARMHF
    require(I686)
    return I686 if runs_here(I686) else emulated(I686_EMULATED)


def emulated(machine):
    require(machine)
    return machine


def runs_here(machine):
    """Whether the kernel runs programs of this machine."""
    program = CACHE / f"{machine.name}.try"
    compile_text(machine, "int main(void) { return 0; }\n", program)
    try:
        return subprocess.run([program]).returncode == 0
    except OSError:
        return False


# ---- compiling ----------------------------------------------------------------------------------


@lru_cache
def sources_digest():
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.[ch]")):
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@lru_cache
def compiler_version(compiler):
    return subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout


def file_name(machine, options):
    return "-".join([machine.compiler, str(options).replace(" ", "-").replace("=", "_")])


def engine_of(machine, options):
    """Returns the engine, and compiles it if it is not there for these sources."""
    program = CACHE / file_name(machine, options)
    words = [*options.flags(), *ALONE, f"-I{ROOT}/include", f"-I{ROOT}/arch/{machine.arch}"]
    made_of = CACHE / f"{program.name}.made_of"
    wanted = "\n".join([sources_digest(), compiler_version(machine.compiler), *words])
    if not program.exists() or not made_of.exists() or made_of.read_text() != wanted:
        compile_text(machine, "".join(f'#include "{path}"\n' for path in UNIT), program, words)
        made_of.write_text(wanted)
    return program



# ---- running ------------------------------------------------------------------------------------


class Engines:
    """The engines of one kind of machine."""

    def __init__(self, machine):
        self.machine = machine

    def each(self, job, sets, progress):
        """The results of a job for each set of options, on all processors. progress is called with
        how many are done."""
        results = []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for result in pool.map(job, sets):
                results.append(result)
                progress(len(results), len(sets))
        return results

    def prepare(self, sets, progress):
        """Compiles the engines that are missing."""
        self.each(partial(engine_of, self.machine), sets, progress)

    def ask(self, options, *words):
        """Returns what the engine for these options prints, or raises a Problem."""
        program = engine_of(self.machine, options)
        ran = subprocess.run([*self.machine.runner, program, *map(str, words)],
                             capture_output=True, text=True)
        if ran.returncode:
            why = ran.stderr.strip() or f"the engine ended with status {ran.returncode}"
            raise Problem(f"{why} ({self.machine.bits}-bit, {options})")
        return json.loads(ran.stdout)
