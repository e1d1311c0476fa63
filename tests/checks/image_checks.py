# SPDX-License-Identifier: BSD-3-Clause
"""Builds the images of examples/bare_metal, runs them under emulation, and checks exit status and
output. Images with mistakes must fail."""

import re
from itertools import product

from report import BUILD, ROOT, run
from sampling import half

EXAMPLES = ROOT / "examples"
BARE_METAL = EXAMPLES / "bare_metal"
PROGRAMS = ROOT / "tests" / "checks" / "images"
CORE = sorted(ROOT.glob("lib/core/*.c"))
FMEMP = ROOT / "lib" / "fmemp" / "fmemory_pool.c"
COMPILE = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include"]
TARGETS = ["aarch64", "cortex_a", "cortex_m", "riscv32", "riscv64"]
POOL_TOO_SMALL = "-DPOOL_BYTES=300"
FAST = "-Og"  # half as long to compile, where the code of the library is not what is looked at

# What the example prints, in this order, with single spaces.
REPORT = [r"fmemp: region 0x[0-9a-f]+$", r" 0x[0-9a-f]+ used 1\d\d$", r" 0x[0-9a-f]+ free \d+$",
          r"fmemp: used: 4 blocks, \d+ bytes; free: [1-9]\d* blocks, \d+ bytes; largest \d+$",
          r"fmemp: check: sound$", r" 0x[0-9a-f]+ used 20\d$", r"fmemp: used: 1 blocks, ",
          r"fmemp: check: sound$", r"fmemp: used: 0 blocks, 0 bytes; free: 1 blocks, ",
          r"fmemp: check: sound$", r"example: total \d+ bytes, used 0, most used [1-9]\d+$",
          r"example: passed$"]


def image_built(result, name, target, program, options, compiler=None):
    """Returns the program's image, or None if it was not built."""
    image = BUILD / "images" / (re.sub(r"\W+", "-", name) + ".elf")
    image.parent.mkdir(parents=True, exist_ok=True)
    built = run(BARE_METAL / "build", target, program, image, *options,
                env={"CC": compiler} if compiler else None)
    return image if result.check(built.ok, f"build of {name}", built.tail()) else None


def image_ran(target, image, *emulator, seconds=60):
    return run("timeout", seconds, BARE_METAL / "run", target, image, *emulator)


def image_runs(result, target, program, status, report, *options, compiler=None):
    """The program's image exits with `status` and prints lines that match `report`, in order.
    Returns the image, or None if it was not built."""
    name = f"{target} {program.stem} {' '.join(options)} {compiler or ''}".rstrip()
    image = image_built(result, name, target, program, options, compiler)
    if image is None:
        return None
    ran = image_ran(target, image)
    result.check(ran.status == status, f"{name} exits with {status}, not {ran.status}", ran.tail())
    in_order = ".*".join(f"(?:^{line})" for line in report)
    result.check(re.search(in_order, re.sub(" +", " ", ran.output), re.MULTILINE | re.DOTALL),
                 f"report of {name}", ran.tail())
    return image


def cortex_m0_takes_its_own_bits(result):
    """An -I of the caller comes before the folder of arch/ that the script chooses: that one would
    need a library function for clz."""
    image = image_runs(result, "cortex_m", EXAMPLES / "memory_pool.c", 0, REPORT,
                       "-mcpu=cortex-m0", f"-I{ROOT}/arch/armv6m")
    if image:
        symbols = run("arm-none-eabi-nm", image)
        result.check(symbols.ok and "main" in symbols.output and "__clz" not in symbols.output,
                     "cortex_m for Cortex-M0 has no clz", symbols.tail())


# Beside the example: program, exit status, report, options.
OTHER_IMAGES = [
    (EXAMPLES / "memory_pool.c", 0, REPORT, "-DTLSF_LAYOUT=TLSF_WIDE"),
    (EXAMPLES / "memory_pool.c", 1, [r"example: failed, error 65537$"], POOL_TOO_SMALL, FAST),
    (PROGRAMS / "double_free.c", 2,
     [r"fmemp: fault: double free: block 0x[0-9a-f]+, \d+ bytes; "], FAST),
    (PROGRAMS / "undefined_instruction.c", 3,
     [r"exception: cause 0x[0-9a-f]+, address 0x[0-9a-f]+$"], FAST),
    (PROGRAMS / "initial_values.c", 42, [r"^initial values: 3$"], FAST),
]


def examples_run_on_bare_metal(result, seed=None):
    """seed: half of the other images."""
    for target in TARGETS:
        image_runs(result, target, EXAMPLES / "memory_pool.c", 0, REPORT)
    for target, image in half(result, product(TARGETS, OTHER_IMAGES), seed):
        image_runs(result, target, *image)
    cortex_m0_takes_its_own_bits(result)


# ---- on this machine -------------------------------------------------------------------------

def host_example_runs(result, name, report, *sources):
    program = BUILD / "images" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    built = run("cc", *COMPILE, "-Iarch/generic", *CORE, *sources, "-o", program)
    if result.check(built.ok, f"build of the example {name}", built.tail()):
        ran = run(program)
        result.check(ran.ok and re.search(report, ran.output), f"the example {name}", ran.tail())


# ---- link-time optimisation ------------------------------------------------------------------

CORTEX_M0 = ["-mcpu=cortex-m0", f"-I{ROOT}/arch/armv6m"]
CLANG_AARCH64 = "clang --target=aarch64-linux-gnu -mcpu=cortex-a53 -mstrict-align -fno-pic " \
                "-fuse-ld=lld"
LEVELS = ["-O0", "-Og", "-O1", "-O2", "-O3", "-Os", "-Oz"]


def examples_link_with_lto(result, seed):
    """With -flto the compiler may lose functions that only it calls, as memset: each program on
    each target, and each level of optimisation, with programs that leave different parts of the
    library unused. The seed chooses which level a target gets."""
    targets = [(target, [], None) for target in TARGETS]
    targets += [("cortex_m", CORTEX_M0, None), ("aarch64", [], CLANG_AARCH64)]
    for place, (target, options, compiler) in enumerate(targets):
        runs, builds = (LEVELS[(place + seed + apart) % len(LEVELS)] for apart in (0, 3))
        image_runs(result, target, EXAMPLES / "memory_pool.c", 0, REPORT, *options, runs, "-flto",
                   compiler=compiler)
        words = [*options, builds, "-flto"]
        name = f"{target} double_free {' '.join(words)} {compiler or ''}".rstrip()
        image_built(result, name, target, PROGRAMS / "double_free.c", words, compiler)
    result.note(f"sampled by seed {seed}: each program at one of {len(LEVELS)} levels a target")


def example_runs_on_host(result):
    host_example_runs(result, "memory_pool", r"example: passed$", FMEMP,
                      EXAMPLES / "memory_pool.c")
    host_example_runs(result, "core", r"core: block 0x\w+, buffer 0x\w+0, largest request now "
                      r"[1-9]\d{3}$", EXAMPLES / "core.c")
