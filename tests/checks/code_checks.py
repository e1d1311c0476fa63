# SPDX-License-Identifier: BSD-3-Clause
"""The library compiles directly, refuses illegal options, and needs few symbols."""

import re
import shutil
import tempfile
from pathlib import Path

import inside
from options import with_macro
from report import ROOT, run
from sampling import half

SOURCES = sorted((ROOT / "lib").glob("*/*.c"))
PICOLIBC = "--specs=picolibc.specs"

# Folder of arch/: its compilers.
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
    # Models of the intrinsics, on this machine.
    "iar": [f"gcc -DBITS_UNCHECKED -I{ROOT}/tests/core/intrinsics"],
    "ti": [f"gcc -DBITS_UNCHECKED -include {ROOT}/tests/core/intrinsics/ti.h"],
}
PAIRS = [(arch, compiler) for arch, some in COMPILERS.items() for compiler in some]


def compiles_without_build_system(result, seed=None):
    """cc -O2 -Iinclude -Iarch/<name> -c lib/*/*.c, in a folder with nothing generated. seed: by
    half of the compilers."""
    folders = [path.name for path in (ROOT / "arch").iterdir() if path.is_dir()]
    result.check(sorted(COMPILERS) == sorted(folders), "every folder of arch/ has a compiler here")
    for arch, compiler in half(result, PAIRS, seed):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("include", "arch", "lib"):
                (Path(folder) / name).symlink_to(ROOT / name)
            done = run("sh", "-c", f"{compiler} -O2 -Iinclude -Iarch/{arch} -c lib/*/*.c",
                       cwd=folder)
            made = len(list(Path(folder).glob("*.o")))
        result.check(done.ok and made == len(SOURCES) > 0, f"{compiler} with arch/{arch}",
                     done.tail())


def core_and_fmemp_are_apart(result):
    """Each compiles as a copy without the other: the core has no header of FMemp, and FMemp has
    no header of the core but the public ones."""
    headers = {path.name for path in (ROOT / "include").iterdir()}
    parts = {"core": ({name for name in headers if name.startswith("tlsf")}, "-Iarch/x86"),
             "fmemp": (headers, ""),
             "bounded": ({name for name in headers if name.startswith("tlsf")}, "")}
    for part, (copied, flags) in parts.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(ROOT / "include", f"{folder}/include",
                            ignore=lambda *_: headers - copied)
            for name in (f"lib/{part}", *(["arch"] if flags else [])):
                shutil.copytree(ROOT / name, f"{folder}/{name}")
            done = run("sh", "-c", f"gcc -O2 -Iinclude {flags} -c lib/{part}/*.c", cwd=folder)
            made = len(list(Path(folder).glob("*.o")))
        sources = len(list((ROOT / "lib" / part).glob("*.c")))
        result.check(done.ok and made == sources > 0, f"lib/{part} alone", done.tail())


def values_beyond(option):
    """Numbers that are no value of an option's macro, next to those that are."""
    if option.kind == "integer":
        return min(option.values) - 1, max(option.values) + 1
    numbers = [int(value) for value in option.values if value.isdigit()]
    return (min(numbers) // 2, max(numbers) * 2) if numbers else (9,)


def illegal_options_are_refused(result):
    """The compiler refuses each, with a message that names the option."""
    illegal = {f"-D{option.macro}={value}": option.macro for option in with_macro()
               for value in values_beyond(option)}
    illegal |= {
        f"-DTLSF_MEMORY_CHECKER=1 -I{ROOT}/ports/address_sanitizer -fsanitize=address":
            "-fno-sanitize=address",
        "-DTLSF_GRANULE=12": "TLSF_GRANULE", "-DFMEMP_LOCK=2": "FMEMP_LOCK",
        "-DTLSF_LAYOUT=TLSF_WIDE -DTLSF_GRANULE=4": "granule",
        "-DTLSF_ROUND_TO_CLASS=1 -DTLSF_HARDENING=3": "TLSF_ROUND_TO_CLASS",
    }
    command = ["gcc", "-fsyntax-only", f"-I{ROOT}/include", f"-I{ROOT}/arch/x86"]
    source, core = (inside.find(name).path for name in ("FMempMalloc", "tlsf_malloc"))
    for options, named in illegal.items():
        file = source if "FMEMP" in options else core
        done = run(*command, *options.split(), file)
        errors = " ".join(re.findall(r"error: (.*)", done.output))
        result.check(not done.ok and named.lower() in errors.lower(), options, done.tail())
        result.check(run(*command, file).ok, f"without {options}")


def presets_give_other_options_their_defaults(result):
    """A preset is the same object code as the options that it stands for, and an option that is set
    beats it."""
    command = ["gcc", "-O1", f"-I{ROOT}/include", f"-I{ROOT}/arch/x86", "-c", "-o", "core.o",
               inside.find("tlsf_malloc").path]

    def code(*macros):
        with tempfile.TemporaryDirectory() as folder:
            done = run(*command, *(f"-D{macro}" for macro in macros), cwd=folder)
            result.check(done.ok, f"compiles with {macros}", done.tail())
            return (Path(folder) / "core.o").read_bytes() if done.ok else macros

    bound = "TLSF_PRESET=TLSF_PRESET_BOUND"
    default, without_pending = code(), code("TLSF_PENDING=0")
    result.check(default != without_pending, "TLSF_PENDING matters")
    result.check(code("TLSF_PRESET=TLSF_PRESET_DEFAULT") == default, "the default preset")
    result.check(code(bound) == without_pending, bound)
    result.check(code(bound, "TLSF_PENDING=1") == default, f"{bound}, with TLSF_PENDING 1")


def assertions_stop_where_they_are_on(result):
    """TLSF_ASSERT evaluates its condition with TLSF_ASSERTIONS 1 alone, and stops when it is false,
    by TLSF_STOP or as the user defines it. Exit status 3: stopped."""
    program = """
        #include <stdlib.h>
        #include "tlsf_config.h"
        int main(void) {
            int evaluated = 0;
            TLSF_ASSERT(++evaluated == 1);
            if (evaluated == 0)
                TLSF_ASSERT(evaluated != 0);
            else
                TLSF_ASSERT(evaluated == 0);
            return evaluated;
        }"""
    stop = "-DTLSF_STOP()=exit(3)"
    statuses = {"": 0, f"-DTLSF_ASSERTIONS=0 {stop}": 0, f"-DTLSF_ASSERTIONS=1 {stop}": 3,
                "-DTLSF_ASSERT(c)=((c)?(void)0:exit(3))": 3}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.c").write_text(program)
        for options, status in statuses.items():
            done = run("gcc", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include", *options.split(),
                       "program.c", "-o", "program", cwd=folder)
            ended = run(f"{folder}/program").status if done.ok else None
            result.check(ended == status, f"assertions with {options or 'no option'}: {ended}",
                         done.tail())


def level_0_checks_nothing(result):
    """At TLSF_HARDENING 0 no object but its own refers to what tells the fault hook; at level 1 one
    does."""
    for level, expected in ((0, set()), (1, {"tlsf"})):
        with tempfile.TemporaryDirectory() as folder:
            done = run("gcc", "-O2", f"-DTLSF_HARDENING={level}", f"-I{ROOT}/include",
                       f"-I{ROOT}/arch/x86", "-c", *sorted((ROOT / "lib/core").glob("*.c")),
                       cwd=folder)
            if not result.check(done.ok, f"the core at level {level}", done.tail()):
                continue
            referring = {path.stem for path in Path(folder).glob("*.o")
                         if re.search(r" U tlsf_report_fault$", run("nm", path).output,
                                      re.MULTILINE)}
            result.check(referring >= expected and bool(referring) == bool(level),
                         f"level {level}: {sorted(referring)} report faults")


def handles_change_no_code(result):
    """The objects are the same bytes with both types of handles."""
    objects = {}
    for typed in (0, 1):
        with tempfile.TemporaryDirectory() as folder:
            done = run("gcc", "-O2", f"-DTLSF_TYPED_HANDLES={typed}", f"-I{ROOT}/include",
                       f"-I{ROOT}/arch/x86", "-c", *SOURCES, cwd=folder)
            result.check(done.ok, f"the library with TLSF_TYPED_HANDLES {typed}", done.tail())
            objects[typed] = {path.name: path.read_bytes()
                              for path in sorted(Path(folder).glob("*.o"))}
    result.check(objects[0] and objects[0] == objects[1], "object code with both types of handles")


# ---- symbols -----------------------------------------------------------------------------

MEMORY_FUNCTIONS = {"memcpy", "memmove", "memset"}
OUTPUT = {"write": {"write", "_write", "fwrite", "stdout"}}  # what write.c may call


def needs_only_memory_functions(result, *archives):
    """All needs memcpy, memmove and memset alone, but write.c, which also needs a function that
    writes: no printf, no heap."""
    listing = run("nm", *archives).output  # reads every target's symbol table
    members = {}
    for line in listing.splitlines():
        if match := re.match(r"(?:lib_(?:core|fmemp|bounded|selftest)_)?(\w+)(?:\.c)?\.o:$", line):
            current = members.setdefault(match.group(1), {"needs": set(), "has": set(),
                                                           "variables": set()})
        elif match := re.match(r"[0-9a-f ]+ ([A-Za-z]) (\S+)$", line):
            current["needs" if match.group(1) in "Uwv" else "has"].add(match.group(2))
            # Position-independent code keeps tables of pointers to names in its data.
            if match.group(1) in "bBcCdDsS" and not match.group(2).startswith("names."):
                current["variables"].add(match.group(2))
    expected = {source.stem for source in SOURCES}
    if not result.check(set(members) == expected, "members of the archives", listing):
        return
    core = {source.stem for source in SOURCES if source.parent.name == "core"}
    given = set().union(*(members[name]["has"] for name in core))
    fmemp = set().union(*(members[name]["has"] for name in expected - core))
    for name in sorted(expected):
        allowed = given | MEMORY_FUNCTIONS | OUTPUT.get(name, set())
        if name not in core:
            allowed |= fmemp
        strange = members[name]["needs"] - allowed
        result.check(not strange, f"{name}.c needs {', '.join(sorted(strange))}")
        result.check(not members[name]["variables"],
                     f"{name}.c has variables {', '.join(sorted(members[name]['variables']))}")


def silent_library_needs_only_memory_functions(result, seed=None):
    """With FMEMP_PRINT set to nothing, FMemp needs no more than the core. seed: for half of the
    compilers."""
    for arch, compiler in half(result, PAIRS, seed):
        with tempfile.TemporaryDirectory() as folder:
            done = run(*compiler.split(), "-O2", "-ffreestanding", "-fno-pic",
                       "-DFMEMP_PRINT(...)=((void)0)", f"-I{ROOT}/include",
                       f"-I{ROOT}/arch/{arch}", "-c", *SOURCES, cwd=folder)
            if result.check(done.ok, f"{compiler} without printing", done.tail()):
                run("ar", "rcs", "libfmemp.a", *[f"{source.stem}.o" for source in SOURCES],
                    cwd=folder)
                needs_only_memory_functions(result, Path(folder) / "libfmemp.a")
