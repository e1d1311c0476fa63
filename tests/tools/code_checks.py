# SPDX-License-Identifier: BSD-3-Clause
"""What the compiled library is made of: its object code and the symbols that it needs."""

import re
import tempfile
from pathlib import Path

from object_code import Study, read
from report import ROOT, run

SOURCES = sorted((ROOT / "lib").glob("*.c"))
PICOLIBC = "--specs=picolibc.specs"

# folder of arch/: compilers that it is for
COMPILERS = {
    "aarch64": ["aarch64-linux-gnu-gcc", "clang --target=aarch64-linux-gnu"],
    "arm": ["arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb", "arm-linux-gnueabihf-gcc",
            "clang --target=arm-linux-gnueabihf"],
    "armv6m": ["arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb"],
    "riscv": ["riscv64-linux-gnu-gcc", "riscv64-linux-gnu-gcc -march=rv64gc_zbb",
              f"riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 {PICOLIBC}",
              f"riscv64-unknown-elf-gcc -march=rv32imac_zbb -mabi=ilp32 {PICOLIBC}"],
    "x86": ["gcc", "gcc -mbmi -mlzcnt", "clang", "i686-linux-gnu-gcc"],
    "generic": ["gcc", "clang", "s390x-linux-gnu-gcc"],
}


def compiles_without_build_system(result):
    """cc -O2 -Iinclude -Iarch/<name> -c lib/*.c, in a folder with nothing generated."""
    result.check(sorted(COMPILERS) == sorted(path.name for path in (ROOT / "arch").iterdir()),
                 "every folder of arch/ has a compiler here")
    for arch, compilers in COMPILERS.items():
        for compiler in compilers:
            with tempfile.TemporaryDirectory() as folder:
                for name in ("include", "arch", "lib"):
                    (Path(folder) / name).symlink_to(ROOT / name)
                done = run("sh", "-c", f"{compiler} -O2 -Iinclude -Iarch/{arch} -c lib/*.c",
                           cwd=folder)
                made = len(list(Path(folder).glob("*.o")))
            result.check(done.ok and made == len(SOURCES) > 0, f"{compiler} with arch/{arch}",
                         done.tail())


def illegal_options_are_refused(result):
    """At compile time, with a message that names the option."""
    illegal = {
        "-DTLSF_LAYOUT=2": "TLSF_LAYOUT", "-DTLSF_GRANULE=2": "TLSF_GRANULE",
        "-DTLSF_GRANULE=12": "TLSF_GRANULE", "-DTLSF_GRANULE=128": "TLSF_GRANULE",
        "-DTLSF_SL_BITS=2": "TLSF_SL_BITS", "-DTLSF_SL_BITS=6": "TLSF_SL_BITS",
        "-DTLSF_LOOK_AHEAD=0": "TLSF_LOOK_AHEAD", "-DTLSF_LOOK_AHEAD=5": "TLSF_LOOK_AHEAD",
        "-DTLSF_HARDENING=-1": "TLSF_HARDENING", "-DTLSF_STATISTICS=2": "TLSF_STATISTICS",
        "-DFMEMP_LOCK=2": "FMEMP_LOCK", "-DFMEMP_TAG_DEBUG=2": "FMEMP_TAG_DEBUG",
        "-DTLSF_LAYOUT=TLSF_WIDE -DTLSF_GRANULE=4": "granule",
    }
    command = ["gcc", "-fsyntax-only", f"-I{ROOT}/include", f"-I{ROOT}/arch/x86"]
    source = ROOT / "lib" / "fmemory_pool.c"
    core = ROOT / "lib" / "tlsf.c"
    for options, named in illegal.items():
        file = source if "FMEMP" in options else core
        done = run(*command, *options.split(), file)
        errors = " ".join(re.findall(r"error: (.*)", done.output))
        result.check(not done.ok and named.lower() in errors.lower(), options, done.tail())
        result.check(run(*command, file).ok, f"without {options}")


# ---- symbols -----------------------------------------------------------------------------

MEMORY_FUNCTIONS = {"memcpy", "memmove", "memset"}


# How FMemp prints on bare metal where FMEMP_PRINT is not set: fmemory_port.h.
PRINTING = {"printf"}


def needs_only_memory_functions(result, archive, printing=frozenset(PRINTING)):
    """The core needs nothing but memcpy, memmove and memset; FMemp also what it prints with."""
    listing = run("nm", archive).output  # every binutils reads every target's symbol table
    members = {}
    for line in listing.splitlines():
        if match := re.match(r"(?:lib_)?(\w+)(?:\.c)?\.o:$", line):
            current = members.setdefault(match.group(1), {"needs": set(), "has": set(),
                                                           "variables": set()})
        elif match := re.match(r"[0-9a-f ]+ ([A-Za-z]) (\S+)$", line):
            current["needs" if match.group(1) in "Uwv" else "has"].add(match.group(2))
            # Position-independent code has tables of pointers to names among its data.
            if match.group(1) in "bBcCdDsS" and not match.group(2).startswith("names."):
                current["variables"].add(match.group(2))
    expected = {source.stem for source in SOURCES}
    if not result.check(set(members) == expected, f"members of {archive.name}", listing):
        return
    core = expected - {"fmemory_pool"}
    given = set().union(*(members[name]["has"] for name in core))
    for name in sorted(expected):
        allowed = given | MEMORY_FUNCTIONS
        if name == "fmemory_pool":
            allowed |= printing
        strange = members[name]["needs"] - allowed
        result.check(not strange, f"{name}.c needs {', '.join(sorted(strange))}")
        result.check(not members[name]["variables"],
                     f"{name}.c has variables {', '.join(sorted(members[name]['variables']))}")


def silent_library_needs_only_memory_functions(result):
    """With FMEMP_PRINT set to nothing, FMemp needs no more than the core."""
    for arch in ("aarch64", "arm", "armv6m", "riscv"):
        compiler = COMPILERS[arch][-1] if arch == "riscv" else COMPILERS[arch][0]
        with tempfile.TemporaryDirectory() as folder:
            done = run(*compiler.split(), "-O2", "-ffreestanding", "-fno-pic",
                       "-DFMEMP_PRINT(...)=((void)0)", f"-I{ROOT}/include",
                       f"-I{ROOT}/arch/{arch}", "-c", *SOURCES, cwd=folder)
            if result.check(done.ok, f"{compiler} without printing", done.tail()):
                run("ar", "rcs", "libfmemp.a", *[f"{source.stem}.o" for source in SOURCES],
                    cwd=folder)
                needs_only_memory_functions(result, Path(folder) / "libfmemp.a", set())


# ---- loops and calls ---------------------------------------------------------------------

BOUNDED = ("tlsf_malloc", "tlsf_free", "tlsf_memalign", "tlsf_largest", "tlsf_block_size",
           "tlsf_remove_pool", "tlsf_get_pool", "tlsf_destroy", "tlsf_set_fault_hook")
# Where a request may end by a jump: the report of a caller's mistake.
MAY_LEAVE_TO = ("tlsf_report_fault",)
TARGETS = {
    "x86-64": ("x86", ["gcc", "clang"], "objdump"),
    "aarch64": ("aarch64", ["aarch64-linux-gnu-gcc", "clang --target=aarch64-linux-gnu"],
                "aarch64-linux-gnu-objdump"),
}
# Each function but the first has what its name says, and the check must find it.
CONTROL = """
unsigned other(unsigned x);
unsigned sound(unsigned x) { return x > 3 ? x / 3 : x << 4; }
unsigned jumping(unsigned x) { return x > 3 ? other(x) : x << 4; }
unsigned calling(unsigned x) { return other(x) + 1; }
unsigned looping(unsigned x) { while (x & 1) { x = x / 2 * 3; } return x; }
unsigned indirect(unsigned x, unsigned (*f)(unsigned)) { return f(x); }
"""


def functions_of(result, compiler, objdump, options, sources):
    """The object code of all sources together: {function: instructions}. Functions of the same
    name in two files are static inline ones of one header, so either will do."""
    functions = {}
    with tempfile.TemporaryDirectory() as folder:
        for source in sources:
            made = run(*compiler.split(), "-O2", *options, "-c", source, "-o", f"{folder}/object.o")
            if not made.ok:
                result.fail(f"{compiler} {' '.join(options)}", made.tail())
            listing = run(objdump, "-dr", "--no-show-raw-insn", f"{folder}/object.o").output
            functions.update(read(listing))
    return functions


def control_is_found(result, compiler, objdump):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        source.write(CONTROL)
        source.flush()
        functions = functions_of(result, compiler, objdump, [], [source.name])
    for name, finding in {"sound": None, "jumping": "jump to other", "calling": "call",
                          "looping": "loop", "indirect": "unknown jump",
                          "absent": "no such function"}.items():
        faults = Study(functions, name, MAY_LEAVE_TO).faults
        result.check(not faults if finding is None else any(finding in text for text in faults),
                     f"{compiler}: control function {name}", "\n".join(faults))
    allowed = Study(functions, "jumping", ("other",))
    result.check(not allowed.faults and allowed.leaves_to == {"other"},
                 f"{compiler}: control function jumping, allowed", "\n".join(allowed.faults))


def requests_have_no_loop_and_no_call(result):
    """In the object code at -O2, at each hardening level, in both layouts."""
    for target, (arch, compilers, objdump) in TARGETS.items():
        for compiler in compilers:
            control_is_found(result, compiler, objdump)
            for hardening in (0, 1):
                for layout in ("COMPACT", "WIDE"):
                    options = [f"-I{ROOT}/include", f"-I{ROOT}/arch/{arch}",
                               f"-DTLSF_HARDENING={hardening}", f"-DTLSF_LAYOUT=TLSF_{layout}"]
                    functions = functions_of(result, compiler, objdump, options, SOURCES)
                    studies = {name: Study(functions, name, MAY_LEAVE_TO) for name in BOUNDED}
                    for name, study in studies.items():
                        result.check(not study.faults,
                                     f"{name}, {compiler}, hardening {hardening}, {layout}",
                                     "\n".join(study.faults))
                    leaves = sorted(set().union(*(study.leaves_to for study in studies.values())))
                    result.note(f"{target:8} {compiler.split()[0].split('-')[-1]:6} "
                                f"{layout.lower():8} hardening {hardening}, longest path: "
                                + ", ".join(f"{name[5:]} {study.longest}"
                                            for name, study in studies.items())
                                + (f"; may end in {', '.join(leaves)}" if leaves else ""))
