# SPDX-License-Identifier: BSD-3-Clause
"""Builds the images of examples/bare_metal, runs them under emulation, and checks exit status and
output. Images with mistakes must fail."""

import re

from report import BUILD, ROOT, run

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


def image_ran(target, image, *emulator):
    return run("timeout", "60", BARE_METAL / "run", target, image, *emulator)


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


def examples_run_on_bare_metal(result):
    example = EXAMPLES / "memory_pool.c"
    for target in TARGETS:
        image_runs(result, target, example, 0, REPORT)
        image_runs(result, target, example, 0, REPORT, "-DTLSF_LAYOUT=TLSF_WIDE")
        image_runs(result, target, example, 1, [r"example: failed, error 65537$"], POOL_TOO_SMALL,
                   FAST)
        image_runs(result, target, PROGRAMS / "double_free.c", 2,
                   [r"fmemp: fault: double free: block 0x[0-9a-f]+, \d+ bytes; "], FAST)
        image_runs(result, target, PROGRAMS / "undefined_instruction.c", 3,
                   [r"exception: cause 0x[0-9a-f]+, address 0x[0-9a-f]+$"], FAST)
        image_runs(result, target, PROGRAMS / "initial_values.c", 42, [r"^initial values: 3$"],
                   FAST)
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


# ---- locks under interrupts ------------------------------------------------------------------

INTERRUPTS = PROGRAMS / "interrupts"
MASKING, FREERTOS = (f"ports/{name}/fmemory_lock.c" for name in ("interrupts", "freertos"))
FREERTOS_HEAP = "integrations/freertos/heap_fmemp.c"
HEAPS = {"fmemp": [INTERRUPTS / "heap_fmemp.c", "-DFMEMP_LOCK=1"],
         "freertos": [INTERRUPTS / "heap_freertos.c"]}
NO_KERNEL = [INTERRUPTS / "kernel_none.c", *HEAPS["fmemp"]]
MODEL = [INTERRUPTS / "kernel_model.c", f"-I{INTERRUPTS}/kernel", f"-I{ROOT}/tests/rtos/freertos"]


def kernel(kind, first_nesting=0, *options, heap="fmemp"):
    return [*MODEL, *HEAPS[heap], f"-DKERNEL=KERNEL_{kind}",
            f"-DKERNEL_FIRST_NESTING={first_nesting}", *options]


# (target, lock, kernel): each passes. FreeRTOS itself is not run: kernel/FreeRTOS.h.
LOCKS = [
    *[(target, MASKING, NO_KERNEL) for target in TARGETS],
    ("cortex_m", MASKING, [*NO_KERNEL, "-DFMEMP_LOCK_BASEPRI=0x50"]),
    *[("cortex_m", FREERTOS, kernel("SAVES", nesting)) for nesting in ("0xaaaaaaaau", 9999, 0)],
    ("riscv32", FREERTOS, kernel("CONSTANT", "0xaaaaaaaau")),
    ("riscv64", FREERTOS, kernel("CONSTANT", "0xaaaaaaaau")),
    ("aarch64", FREERTOS, kernel("PRIORITY", 9999)),
    ("cortex_a", FREERTOS, kernel("PRIORITY", 9999)),
    ("cortex_m", FREERTOS, kernel("SPINLOCK")),
    ("aarch64", FREERTOS, kernel("SMP", 0, "-DCORES=2")),
    ("aarch64", FREERTOS, kernel("SPINLOCK", 0, "-DCORES=2")),
    # FreeRTOS's heap, whose lock is that of ports/freertos.
    ("cortex_m", FREERTOS_HEAP, kernel("SAVES", "0xaaaaaaaau", heap="freertos")),
    ("riscv32", FREERTOS_HEAP, kernel("CONSTANT", "0xaaaaaaaau", heap="freertos")),
    ("aarch64", FREERTOS_HEAP, kernel("SMP", 0, "-DCORES=2", heap="freertos")),
]
EXIT_MASKS = 11
# Locks that are wrong: (target, macros that lock and unlock, kernel, exit status or None for any).
WRONG_LOCKS = [
    # What this port was once: masked after FMempInit, and open where the caller had masked.
    ("cortex_m", "taskENTER_CRITICAL(), 0", "taskEXIT_CRITICAL()",
     kernel("SAVES", "0xaaaaaaaau"), EXIT_MASKS),
    ("cortex_m", "taskENTER_CRITICAL(), 0", "taskEXIT_CRITICAL()", kernel("SAVES"), EXIT_MASKS),
    # The kernel's mask where it masks nothing, opens the processor's mask, or masks one core.
    *[(target, "portSET_INTERRUPT_MASK_FROM_ISR()", "portCLEAR_INTERRUPT_MASK_FROM_ISR(state)",
       played, status)
      for target, played, status in (("riscv32", kernel("CONSTANT"), None),
                                     ("aarch64", kernel("PRIORITY"), None),
                                     ("aarch64", kernel("SMP", 0, "-DCORES=2"), None))],
    *[(target, "0", "(void)state", kernel("SAVES"), None) for target in TARGETS],
]


def interrupted(result, seed, name, target, options):
    """Builds and runs the program that interrupts interrupt. Returns how it ended, or None. One
    instruction takes 2^shift ns of its clock, so a run depends on its seed alone. Two cores share
    that clock."""
    processor = "riscv" if target.startswith("riscv") else target
    words = [INTERRUPTS / f"{processor}.c", f"-I{INTERRUPTS}", f"-I{BARE_METAL}", f"-DSEED={seed}u",
             *options]
    if target == "aarch64":
        words += ["-mgeneral-regs-only", "-mno-outline-atomics"]
    image = image_built(result, f"interrupts {name}", target, INTERRUPTS / "interrupts.c", words)
    if image is None:
        return None
    cores = ["-smp", "2", "-icount", "shift=7,sleep=off"] if "-DCORES=2" in options else \
        ["-icount", "shift=10,sleep=off"]
    return image_ran(target, image, *cores)


def locks_hold_under_interrupts(result, seed):
    """Every lock port for interrupts, and ports that are wrong, which have to be found."""
    for target, lock, played in LOCKS:
        name = " ".join([target, lock, *[str(word) for word in played if "-D" in str(word)]])
        ran = interrupted(result, seed, name, target, [lock, *played])
        if ran is not None:
            found = re.search(r"^interrupts: seed .* (\d+) interrupts, (\d+) inside", ran.output,
                              re.MULTILINE)
            result.check(ran.ok and found and int(found.group(2)) > 0, f"{name}, seed {seed}",
                         ran.tail())
    ran = interrupted(result, seed, "control: the heap with the scheduler suspended", "cortex_m", [
        FREERTOS_HEAP, *kernel("SAVES", heap="freertos"), "-DconfigFMEMP_SUSPENDS_SCHEDULER=1"])
    if ran is not None:
        result.check(not ran.ok, f"a suspended scheduler keeps out no interrupt, seed {seed}",
                     ran.tail())
    for number, (target, lock, unlock, played, status) in enumerate(WRONG_LOCKS):
        name = f"control {number}: {target}, {lock}"
        ran = interrupted(result, seed, name, target, [
            INTERRUPTS / "wrong_lock.c", f"-DWRONG_LOCK={lock}", f"-DWRONG_UNLOCK={unlock}",
            *played, FAST])
        if ran is not None:
            result.check(ran.status == status if status else not ran.ok, f"{name}, seed {seed}",
                         ran.tail())


def example_runs_on_host(result):
    host_example_runs(result, "memory_pool", r"example: passed$", FMEMP,
                      EXAMPLES / "memory_pool.c")
    host_example_runs(result, "core", r"core: block 0x\w+, buffer 0x\w+0, largest request now "
                      r"[1-9]\d{3}$", EXAMPLES / "core.c")
