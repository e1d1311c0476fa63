# SPDX-License-Identifier: BSD-3-Clause
"""Compiles integrations/host_malloc, called the preload here, and the programs of this folder."""

import platform

from report import ROOT, run

HERE = ROOT / "tests" / "campaigns" / "programs"
PRELOAD = ROOT / "integrations" / "host_malloc"
ARCH = {"x86_64": "x86", "i686": "x86", "aarch64": "aarch64", "armv7l": "arm",
        "riscv64": "riscv"}.get(platform.machine(), "generic")
FLAGS = ["-std=c11", "-g", "-Wall", "-Wextra", "-pthread"]

# The preload must export these calls and nothing else.
CALLS = {"malloc", "calloc", "realloc", "free", "memalign", "posix_memalign", "aligned_alloc",
         "valloc", "pvalloc", "malloc_usable_size", "reallocarray", "malloc_trim", "mallinfo",
         "mallinfo2", "_exit", "_Exit"}


def compile_to(result, output, *words):
    """Returns the output, or None if the compiler fails, which `result` notes."""
    done = run("gcc", *FLAGS, *words, "-o", output)
    return output if result.check(done.ok, f"compile {output.name}", done.tail()) else None


def build_preload(result, folder, hardening, lib=ROOT / "lib", level="-O2"):
    """Builds the preload on the core in `lib`. To test a mistake in the core, `lib` is a copy."""
    folder.mkdir(parents=True, exist_ok=True)
    core = sorted((lib / "core").glob("*.c"))
    return compile_to(result, folder / "libfmemp-malloc.so", level, "-fPIC", "-shared",
                      "-fvisibility=hidden", "-Wl,-z,defs,-z,initfirst", "-DTLSF_GRANULE=16",
                      f"-DTLSF_HARDENING={hardening}", "-DTLSF_PREFIX=fmemp_malloc_",
                      f"-I{ROOT / 'include'}", f"-I{ROOT / 'arch' / ARCH}",
                      *sorted(PRELOAD.glob("*.c")), *core)


def build_program(result, folder, name, *words):
    return compile_to(result, folder / name, HERE / f"{name}.c", "-O1", f"-I{ROOT / 'tests'}",
                      *words)


def exports_only_its_calls(result, preload):
    done = run("nm", "-D", "--defined-only", "--format=just-symbols", preload)
    names = set(done.output.split("\n", 1)[1].split()) if done.ok else set()
    result.check(names == CALLS, "the preload exports the C library's calls and nothing else",
                 f"exported: {sorted(names ^ CALLS)} too many or too few")


def build_helpers(result, folder):
    """Builds the programs that loads and controls run. Returns whether all exist."""
    random = ROOT / "tests" / "support" / "random.c"
    made = [build_program(result, folder, "stress", random),
            build_program(result, folder, "mistakes"),
            compile_to(result, folder / "plugin.so", "-fPIC", "-shared",
                       HERE / "plugin.c")]
    return all(made)
