# SPDX-License-Identifier: BSD-3-Clause
"""The builds of fmemp whose object code is studied: targets, compilers and options."""

import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCES = sorted((ROOT / "lib/core").glob("*.c"))

PICOLIBC = "--specs=picolibc.specs"
RISCV32 = "-march=rv32imac{0} -mabi=ilp32"
RISCV64 = "-march=rv64imac{0} -mabi=lp64 -mcmodel=medany"
RISCV_GCC = f"riscv64-unknown-elf-gcc {PICOLIBC} "
RISCV_CLANG = "clang -ffreestanding --target=riscv{0}-none-elf "
CORTEX_CLANG = "clang -ffreestanding --target=arm-none-eabi "

# target: folder of arch/, gcc, clang
TARGETS = {
    "x86-64": ("x86", "gcc", "clang"),
    "aarch64": ("aarch64", "aarch64-linux-gnu-gcc", "clang --target=aarch64-linux-gnu"),
    "cortex-m0": ("armv6m", "arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb",
                  CORTEX_CLANG + "-mcpu=cortex-m0 -mthumb"),
    "cortex-m4": ("arm", "arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb",
                  CORTEX_CLANG + "-mcpu=cortex-m4 -mthumb"),
    "riscv32": ("riscv", RISCV_GCC + RISCV32.format(""),
                RISCV_CLANG.format(32) + RISCV32.format("")),
    "riscv32-zbb": ("riscv", RISCV_GCC + RISCV32.format("_zbb"),
                    RISCV_CLANG.format(32) + RISCV32.format("_zbb")),
    "riscv64": ("riscv", RISCV_GCC + RISCV64.format(""),
                RISCV_CLANG.format(64) + RISCV64.format("")),
    "riscv64-zbb": ("riscv", RISCV_GCC + RISCV64.format("_zbb"),
                    RISCV_CLANG.format(64) + RISCV64.format("_zbb")),
}
COMPILERS = ("gcc", "clang")
OPTIMISATIONS = ("-O2", "-Os")
LAYOUTS = ("compact", "wide")
LEVELS = (0, 1, 2)
SHAPES = len(LAYOUTS) * len(LEVELS)
QUICK_TARGETS = ("x86-64", "aarch64", "cortex-m4")
# preset: the options that make it. Bound is for shortest paths, and so studied without statistics.
PRESETS = {"default": (), "bound": ("TLSF_PRESET=TLSF_PRESET_BOUND", "TLSF_STATISTICS=0")}


class BuildError(Exception):
    pass


@lru_cache(maxsize=None)
def version_of(program):
    """The first line of a compiler's --version."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    return done.stdout.splitlines()[0].strip()


@dataclass(frozen=True)
class Build:
    target: str
    compiler: str
    optimisation: str
    layout: str
    hardening: int
    preset: str = "default"
    defines: tuple = ()  # options that differ from their defaults

    def __str__(self):
        return (f"{self.target:11} {self.compiler:5} {self.optimisation} {self.layout:7} "
                f"{self.hardening} {self.preset:7}")

    @property
    def command(self):
        """The compiler and the options that choose the target, as words."""
        return TARGETS[self.target][1 + COMPILERS.index(self.compiler)].split()

    @property
    def options(self):
        """What follows the command: the optimisation, and the options of the library."""
        return [self.optimisation, f"-I{ROOT}/arch/{TARGETS[self.target][0]}",
                f"-DTLSF_LAYOUT=TLSF_{self.layout.upper()}", f"-DTLSF_HARDENING={self.hardening}",
                *(f"-D{define}" for define in (*PRESETS[self.preset], *self.defines))]

    @property
    def compiler_version(self):
        return f"{self.command[0]}: {version_of(self.command[0])}"

    def compile(self, folder, sources=SOURCES, options=()):
        """Compiles directly, as a user would, and with -g1, which adds source lines and changes no
        code. Returns the object files."""
        done = subprocess.run(
            [*self.command, *self.options, "-g1", f"-I{ROOT}/include", *options, "-c",
             *map(str, sources)],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            errors = [line for line in done.stdout.splitlines() if "error:" in line]
            lines = list(dict.fromkeys(errors)) or done.stdout.splitlines()[-5:]
            raise BuildError("\n".join(lines))
        return sorted(Path(folder).glob("*.o"))

    def study(self, analyser, queries, sources=SOURCES, with_path=False, options=()):
        """Compiles, and returns the answers of the analyser."""
        with tempfile.TemporaryDirectory() as folder:
            names = ["-g"] if with_path else []  # adds the names of inlined functions
            return analyser.ask(self.compile(folder, sources, [*names, *options]), queries,
                                with_path)


@dataclass(frozen=True)
class OwnBuild(Build):
    """A build by a command of the user, who chooses target, optimisation and options. The sources
    find their folder of arch/ by themselves."""
    target: str = "own"
    compiler: str = "own"
    optimisation: str = ""
    layout: str = ""
    hardening: int = -1
    words: tuple = ()

    def __str__(self):
        return f"{'own':39}"

    @property
    def command(self):
        return list(self.words)

    @property
    def options(self):
        return [f"-D{define}" for define in self.defines]


def all_builds():
    """The default preset in every shape, the others in the shape that most people ask for."""
    return [*(Build(*values)
              for values in product(TARGETS, COMPILERS, OPTIMISATIONS, LAYOUTS, LEVELS)),
            *(Build(target, "gcc", "-O2", "compact", level, preset)
              for preset, target, level in product(PRESETS, TARGETS, LEVELS)
              if preset != "default")]


def sampled_builds(seed):
    """A sixth of all builds, with each target, compiler and optimisation. Six seeds in a row have
    every build."""
    return [build for number, build in enumerate(all_builds())
            if (number + number // SHAPES) % SHAPES == seed % SHAPES]


def quick_builds():
    return [Build(target, "gcc", "-O2", "compact", level)
            for target, level in product(QUICK_TARGETS, LEVELS)]
