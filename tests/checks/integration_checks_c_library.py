# SPDX-License-Identifier: BSD-3-Clause
"""integrations/c_library: newlib, newlib-nano and picolibc allocate from one heap of the core, in
images that run under emulation."""

import re
from functools import cache
from pathlib import Path

from integration_readme import blocks_of, commands_run
from report import BUILD, ROOT, run

FOLDER = ROOT / "integrations" / "c_library"
HOOKS = FOLDER / "fmemp_malloc.c"
IMAGES = ROOT / "tests" / "checks" / "images" / "c_library"
CASES = re.findall(r"^    CASE\((\w+)\)", (IMAGES / "c_library.c").read_text(), re.MULTILINE)
CORE = sorted((ROOT / "lib" / "core").glob("*.c"))
FMEMP = sorted((ROOT / "lib" / "fmemp").glob("*.c"))
CALL_SITES = "-DFMEMP_CALL_SITES=1"
COMPILE = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion",
           "-Wshadow", "-Wmissing-prototypes", "-Wstrict-prototypes", "-Werror",
           "-Wl,--fatal-warnings", f"-I{ROOT}/include", f"-I{FOLDER}", f"-I{IMAGES}"]
RESET = [IMAGES / "reset.c", "-nostartfiles", "-T", IMAGES / "stm32cube.ld",
         "--specs=rdimon.specs"]
LOCKS = IMAGES / "locks.c"
M0 = ["arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m0", f"-I{ROOT}/arch/armv6m"]
M4 = ["arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m4", f"-I{ROOT}/arch/arm"]
RISCV = ["riscv64-unknown-elf-gcc", f"-I{ROOT}/arch/riscv", "-DTLSF_GRANULE=16"]
RV32 = [*RISCV, "-march=rv32imac", "-mabi=ilp32"]
RV64 = [*RISCV, "-march=rv64imac", "-mabi=lp64", "-mcmodel=medany"]
CUBE = ["-DHEAP_BEGIN=_end", "-DHEAP_END=((uintptr_t)_estack-(uintptr_t)_Min_Stack_Size)"]
OWN_SYMBOLS = ["-DFMEMP_MALLOC_BEGIN=heap_base", "-DFMEMP_MALLOC_END=heap_limit",
               "-DHEAP_BEGIN=heap_base", "-DHEAP_END=heap_limit",
               "-Wl,--defsym=heap_base=0x20020003", "-Wl,--defsym=heap_limit=0x20030001"]
# What remains of a heap of the C library's own.
OTHER_HEAP = re.compile(r"\b(__malloc_av_|__malloc_free_list|__malloc_sbrk_\w+|_sbrk_r|sbrk)\b")


def picolibc(flash, ram):
    """The memory of a board, for the linker script of picolibc."""
    symbols = {"flash": flash, "flash_size": 0x400000, "ram": ram, "ram_size": 0x40000}
    return ["--specs=picolibc.specs", "--oslib=semihost", "--crt0=hosted",
            "-DHEAP_BEGIN=__heap_start", "-DHEAP_END=__heap_end", "-DPICOLIBC_DOUBLE_PRINTF_SCANF",
            *[f"-Wl,--defsym=__{name}={value:#x}" for name, value in symbols.items()]]


VIRT = picolibc(0x80000000, 0x80400000)
NANO = ["--specs=nano.specs", "-u", "_printf_float"]
# Processor, then all else.
NEWLIB = {
    "newlib": (M4, [LOCKS, *CUBE]),
    "newlib, an array": ([*M4, CALL_SITES], [LOCKS, "-DFMEMP_MALLOC_BYTES=40001",
                              "-DFMEMP_MALLOC_LARGEST_POOL=0xC000"]),
    "newlib-nano, own symbols": (M0, [LOCKS, *NANO, *OWN_SYMBOLS]),
    "newlib-nano, -flto": ([*M4, "-flto"], [LOCKS, *NANO, *CUBE]),
}
PICOLIBC = {
    "picolibc, Cortex-M": ("cortex_m", M4, picolibc(0, 0x20000000)),
    "picolibc, RV32": ("riscv32", [*RV32, CALL_SITES], VIRT),
    "picolibc, RV64, -flto": ("riscv64", [*RV64, "-flto"], VIRT),
}
NO_MEMORY = {
    "too small": ["-DFMEMP_MALLOC_BYTES=64"],
    "reversed": ["-DFMEMP_MALLOC_BEGIN=_estack", "-DFMEMP_MALLOC_END=_end"],
    "less than the stack": ["-DFMEMP_MALLOC_BEGIN=_end", "-DFMEMP_MALLOC_END=_estack",
                            "-DFMEMP_MALLOC_STACK=_estack"],
}


@cache
def core_objects(*words):
    """Compiles the library once for each choice of compiler and options. Returns its objects and
    the Run."""
    name = " ".join(Path(str(word)).name for word in words)
    folder = BUILD / "c_library" / re.sub(r"[^\w.]+", "-", name)
    folder.mkdir(parents=True, exist_ok=True)
    sources = [*CORE, *(FMEMP if CALL_SITES in words else [])]
    done = run(*words, *COMPILE, "-c", *sources, cwd=folder)
    return [folder / f"{source.stem}.o" for source in sources], done


def built(result, name, processor, words, program="c_library.c"):
    """Returns the image, or None."""
    image = BUILD / "images" / (re.sub(r"\W+", "-", name) + ".elf")
    image.parent.mkdir(parents=True, exist_ok=True)
    specs = [word for word in words if str(word).startswith("--specs=picolibc")]
    core, done = core_objects(*processor, *specs)
    if done.ok:
        done = run(*processor, *words, *COMPILE, *core, HOOKS, IMAGES / program, "-o", image)
    return image if result.check(done.ok, f"build with {name}", done.tail()) else None


def ran(target, image):
    return run("timeout", "60", ROOT / "examples" / "bare_metal" / "run", target, image)


def promises_are_kept(result, name, target, processor, words):
    """Each case passes, and the C library has no heap of its own."""
    image = built(result, name, processor, words)
    if image is None:
        return
    done = ran(target, image)
    outcomes = {case: word for word, case in re.findall(r"^(ok|failed) (\w+)$", done.output,
                                                        re.MULTILINE)}
    for case in CASES:
        result.check(outcomes.get(case) == "ok", f"{name}: {case}", done.tail())
    result.check(done.ok and "\n0.25 ended\n" in done.output, f"{name} ends well", done.tail())
    symbols = run(processor[0].replace("gcc", "nm"), image).output
    result.check("tlsf_malloc" in symbols and not OTHER_HEAP.search(symbols),
                 f"{name}: no other heap", symbols)


def newlib_is_served(result):
    for name, (processor, words) in NEWLIB.items():
        promises_are_kept(result, name, "cortex_m", processor, [*RESET, *words])
    for name, memory in NO_MEMORY.items():
        image = built(result, f"memory {name}", M4, [*RESET, *memory], "no_memory.c")
        if image:
            done = ran("cortex_m", image)
            result.check(done.ok, f"memory {name}: promise {done.status}", done.tail())


def lines_of_readme_serve_a_kernel(result):
    """The README's lines for FreeRTOS: pvPortMalloc, and the scheduler as the lock."""
    lines = BUILD / "images" / "readme_freertos.c"
    lines.parent.mkdir(parents=True, exist_ok=True)
    lines.write_text(blocks_of("c_library", "c")[0].text)
    kernel = IMAGES / "kernel"
    promises_are_kept(result, "newlib, FreeRTOS", "cortex_m", M4,
                      [*RESET, f"-I{kernel}", kernel / "kernel.c", lines, *CUBE])


def picolibc_is_served(result):
    for name, (target, processor, words) in PICOLIBC.items():
        promises_are_kept(result, name, target, processor, [LOCKS, *words])


def sbrk_is_not_linked(result):
    """libnosys has an _sbrk for who asks for it. Nobody does. This image does not run."""
    image = BUILD / "images" / "nosys.elf"
    core, done = core_objects(*M4)
    if done.ok:
        done = run(*M4, *COMPILE, *CUBE, *core, HOOKS, LOCKS, IMAGES / "c_library.c",
                   "--specs=nosys.specs", "-nostartfiles", "-Wl,--no-fatal-warnings", "-T",
                   IMAGES / "stm32cube.ld", "-o", image)
    symbols = run("arm-none-eabi-nm", image).output if done.ok else ""
    result.check(" _malloc_r\n" in symbols and "sbrk" not in symbols, "no _sbrk is linked",
                 done.tail() + symbols)


def misuse_is_refused(result):
    """Each mistake in the build is an error that names it."""
    compiled = [*COMPILE, HOOKS, "-fsyntax-only"]
    mistakes = {
        "for newlib and picolibc": ["gcc", f"-I{ROOT}/arch/x86"],
        "larger TLSF_GRANULE": [*M4, "-DTLSF_GRANULE=4"],
        "both FMEMP_MALLOC_BEGIN and": [*M4, "-DFMEMP_MALLOC_END=_estack"],
    }
    for named, words in mistakes.items():
        done = run(*words, *compiled)
        result.check(not done.ok and named in done.output, f"refused: {named}", done.tail())
    done = run(*M4, "-DTLSF_GRANULE=4", "-DFMEMP_MALLOC_ALIGNMENT=4", *compiled)
    result.check(done.ok, "a smaller alignment by choice", done.tail())


def c_libraries_are_served(result):
    newlib_is_served(result)
    lines_of_readme_serve_a_kernel(result)
    sbrk_is_not_linked(result)
    misuse_is_refused(result)
    commands_run(result, "c_library")
