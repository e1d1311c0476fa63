# SPDX-License-Identifier: BSD-3-Clause
"""The library as others use it: linked, prefixed, installed, as a subproject, with own files."""

import re
import shutil
import tempfile
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from code_checks import SOURCES
from options import with_macro
from report import BUILD, ROOT, run
from sampling import half

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
            "-Wundef", "-Werror"]
HEADERS = sorted((ROOT / "include").rglob("*.h"))

# A caller of both headers: returns 0 when each gave an aligned block.
CALLER = """
#include "fmempory_pool.h"
#include "tlsf.h"

static unsigned char region[16384];

#ifdef IS_STATIC
static FMemp memp = FMEMP_STATIC_INIT(region + 8192, region + 16384);
#else
static FMemp memp;
#endif

int CALLER_NAME(void) {
    tlsf_t heap = tlsf_create_sized(region, 8192, 0);
#ifndef IS_STATIC
    if (FMempInit(&memp, region + 8192, region + 16384) != FMEMP_SUCCESS) {
        return 1;
    }
#endif
    size_t a = (size_t)tlsf_malloc(heap, 100);
    size_t b = (size_t)FMEMP_MALLOC(&memp, 100);
#if defined FMEMP_TAG_DEBUG != FMEMP_TAGS
#error "#ifdef FMEMP_TAG_DEBUG must tell whether tags are on"
#endif
#ifdef FMEMP_TAG_DEBUG
    unsigned long line = __LINE__;
    FMempTagStatus status = FMEMP_TAG_INTACT;
    FMempTag tag = {status, __FILE__, line, "caller"};
    FMempFreeTag(&memp, FMempMallocTag(&memp, 10, tag.file, tag.line, tag.msg));
#endif
    return a != 0 && b != 0 && (a | b) % TLSF_GRANULE == 0 && tlsf_align_size() == TLSF_GRANULE
               ? 0 : 2;
}
"""
PROGRAM = CALLER + "int main(void) { return CALLER_NAME(); }\n"
FIRMWARE = """
#include <ferror_code.h>
#include <fmemory_pool.h>
#include <fslink_list.h>
#include <ftypes.h>
int main(void) { return (int)FMEMP_SUCCESS; }
"""

DEFAULT = "compact_granule_8_sl_bits_4"
# Options of the library: {options of a caller: names that the linker must miss}
LINKS = {
    "": {
        "": (),
        "-DTLSF_LOOK_AHEAD=4 -DTLSF_HARDENING=0 -DTLSF_STATISTICS=0": (),
        "-DFMEMP_TAG_DEBUG=1": ("FMempMallocTag", f"FMempInit_{DEFAULT}_lock_0_tags_1"),
        "-DFMEMP_TAG_DEBUG=": ("FMempMallocTag", f"FMempInit_{DEFAULT}_lock_0_tags_1"),
        "-DFMEMP_TAG_DEBUG=0": (),
        "-DTLSF_HARDENING=3": (f"tlsf_create_sized_{DEFAULT}_hardening_3",
                               f"FMempInit_{DEFAULT}_hardening_3_lock_0_tags_0"),
        "-DFMEMP_LOCK=1": (f"FMempInit_{DEFAULT}_lock_1_tags_0",),
        "-DFMEMP_LOCK=1 -DIS_STATIC=1": (f"FMempStartsAtFirstCall_{DEFAULT}_lock_1_tags_0",),
        "-DIS_STATIC=1": (),
        "-DFMEMP_MALLOC_ALIGN_ZEROES=1": (f"FMempInit_{DEFAULT}_lock_0_tags_0_align_zeroes",),
        "-DFMEMP_CALL_SITES=1": (f"FMempInit_{DEFAULT}_lock_0_tags_0_call_sites",),
        "-DTLSF_GRANULE=16": ("tlsf_create_sized_compact_granule_16_sl_bits_4",
                              "FMempInit_compact_granule_16_sl_bits_4_lock_0_tags_0"),
        "-DTLSF_SL_BITS=5": ("tlsf_create_sized_compact_granule_8_sl_bits_5",
                             "FMempInit_compact_granule_8_sl_bits_5_lock_0_tags_0"),
        "-DTLSF_LAYOUT=TLSF_WIDE": ("tlsf_create_sized_wide_granule_8_sl_bits_4",
                                    "FMempInit_wide_granule_8_sl_bits_4_lock_0_tags_0"),
        "-DTLSF_PREFIX=acme_": ("acme_tlsf_malloc", "acme_FMempMalloc"),
    },
    "-DTLSF_PREFIX=acme_": {"-DTLSF_PREFIX=acme_": ()},
    "-DFMEMP_TAG_DEBUG=": {"-DFMEMP_TAG_DEBUG=1": (), "-DFMEMP_TAG_DEBUG": (),
                           "": (f"FMempInit_{DEFAULT}_lock_0_tags_0",)},
    "-DTLSF_HARDENING=3": {"-DTLSF_HARDENING=3": (),
                           "": (f"tlsf_create_sized_{DEFAULT}",
                                f"FMempInit_{DEFAULT}_lock_0_tags_0")},
    "-DFMEMP_CALL_SITES=1": {"-DFMEMP_CALL_SITES=1": (),
                             "": (f"FMempInit_{DEFAULT}_lock_0_tags_0",)},
    "-DFMEMP_MALLOC_ALIGN_ZEROES=1": {"-DFMEMP_MALLOC_ALIGN_ZEROES=1": (),
                                      "": (f"FMempInit_{DEFAULT}_lock_0_tags_0",)},
    "-DFMEMP_LOCK=1": {"": ("FMempLock", "FMempUnlock", f"FMempInit_{DEFAULT}_lock_0_tags_0")},
}


@contextmanager
def folder_with(**files):
    """A temporary folder. name_c="text" makes a file name.c in it."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name.replace("_", ".")).write_text(text)
        yield Path(folder)


def make_library(result, folder, *options, compiler="gcc"):
    """Compiles lib/ directly to folder/libfmemp.a."""
    made = run(compiler, "-O0", *options, f"-I{ROOT}/include", f"-I{ROOT}/arch/x86", "-c", *SOURCES,
               cwd=folder)
    if made.ok:
        made = run("ar", "rcs", "libfmemp.a", *[source.stem + ".o" for source in SOURCES],
                   cwd=folder)
    return result.check(made.ok, f"library with {' '.join(options)}", made.tail())


def options_must_match(result, compilers=("gcc", "clang"), seed=None):
    """A caller whose options do not fit the library's fails to link, by a name that says which.
    seed: half of the libraries."""
    pairs = product(compilers, LINKS.items())
    for compiler, (library, callers) in half(result, pairs, seed):
        with folder_with(program_c=PROGRAM) as folder:
            if make_library(result, folder, *library.split(), compiler=compiler):
                for caller, missing in callers.items():
                    name = f"{compiler}: caller '{caller}', library '{library}'"
                    caller_links(result, folder, name, [compiler, *caller.split()], missing)


def caller_links(result, folder, name, command, missing):
    done = run(*command, "-DCALLER_NAME=caller", f"-I{ROOT}/include", "program.c", "-L.", "-lfmemp",
               "-o", "program", cwd=folder)
    if not missing:
        result.check(done.ok and run(folder / "program").ok, f"{name} works", done.tail())
        return
    result.check(not done.ok, f"{name} fails to link")
    for symbol in missing:
        result.check(re.search(rf"\b{symbol}\b", done.output),
                     f"{name}: the linker names {symbol}", done.tail())


def sdk_headers_are_used(result):
    """Firmware includes the headers in any order, with ours or the SDK's on the include path."""
    for compiler in ("gcc", "clang"):
        with folder_with(firmware_c=FIRMWARE, caller_c=PROGRAM) as folder:
            for options in ("firmware.c -Iinclude/standalone",
                            "caller.c -Itests/sdk/common -DFMEMP_SDK=0 -DCALLER_NAME=caller"):
                file, *words = options.split()
                done = run(compiler, "-Werror", "-fsyntax-only", "-Iinclude", *words,
                           folder / file)
                result.check(done.ok, f"{compiler} {options}", done.tail())


def prefixes_live_side_by_side(result):
    """Every public symbol carries the prefix, and two libraries link into one program."""
    callers = {f"caller{p}_c": CALLER for p in "ab"}
    main = "int a_caller(void); int b_caller(void);\n" \
           "int main(void) { return a_caller() + b_caller(); }\n"
    with folder_with(main_c=main, **callers) as folder:
        for p in "ab":
            (folder / p).mkdir()
            options = [f"-DTLSF_PREFIX={p}_"]
            if not make_library(result, folder / p, *options):
                return
            listing = run("nm", "-g", "--defined-only", f"{p}/libfmemp.a", cwd=folder).output
            symbols = [line.split()[2] for line in listing.splitlines() if len(line.split()) == 3
                       and not line.startswith("$")]
            result.check(len(symbols) > 40, f"prefix {p}_: public symbols", listing)
            for symbol in symbols:
                result.check(symbol.startswith(p + "_"), f"{symbol} carries prefix {p}_")
            made = run("gcc", *options, f"-DCALLER_NAME={p}_caller", f"-I{ROOT}/include", "-c",
                       f"caller{p}.c", cwd=folder)
            result.check(made.ok, f"caller with prefix {p}_", made.tail())
        done = run("gcc", "main.c", "callera.o", "callerb.o", "a/libfmemp.a", "b/libfmemp.a",
                   "-o", "program", cwd=folder)
        result.check(done.ok and run(folder / "program").ok, "two prefixes in one program",
                     done.tail())


def header_examples_run(result):
    """The examples at the head of tlsf.h and fmemory_pool.h, each as the body of main. "..."
    becomes a write to the block, so that a program passes if and only if it gets one."""
    with folder_with() as folder:
        if not make_library(result, folder):
            return
        for header in ("tlsf.h", "fmemory_pool.h"):
            head = (ROOT / "include" / header).read_text().split(f"/*\n * {header}: ")[1]
            head = head.split("*/")[0]
            lines = re.findall(r"^ \*     (.*)$", head.split(" * A heap (tlsf_t)")[0]
                               .split(" * What holds")[0], re.MULTILINE)
            example = "\n".join(lines).replace("...", "memset(block, 0x5A, 100); reached = 1;")
            (folder / "example.c").write_text(
                f'#include "{header}"\n#include <string.h>\n'
                f"int main(void) {{\nint reached = 0;\n{example}\nreturn !reached;\n}}\n")
            done = run("gcc", *WARNINGS, f"-I{ROOT}/include", "example.c", "-L.", "-lfmemp", "-o",
                       "example", cwd=folder)
            result.check(done.ok and 8 <= len(lines) <= 12 and run(folder / "example").ok,
                         f"example of {header}", example + done.tail())


def meson_defaults_are_the_headers(result):
    """Each option has the same default with Meson and without."""
    header = (ROOT / "include" / "tlsf_config.h").read_text() + \
        (ROOT / "include" / "fmemory_port.h").read_text()
    defaults = dict(re.findall(r"#ifndef (\w+)\n#define \1 (\w+)\n", header))
    for option in with_macro():
        result.check(defaults.get(option.macro) == option.default_of_macro,
                     f"{option.name}={option.default} in meson_options.txt, {option.macro} "
                     f"{defaults.get(option.macro)}")


def own_bits_are_found_first(result):
    """-I names a folder with the user's own bits_arch.h, and no folder of arch/."""
    users = 0
    with folder_with() as folder:
        for source in SOURCES:
            done = run("gcc", "-O2", "-M", f"-I{ROOT}/include", f"-I{ROOT}/tests/core/own_bits",
                       source, cwd=folder)
            used = set(re.findall(r"\S*/bits_arch\.h", done.output))
            result.check(done.ok and used <= {f"{ROOT}/tests/core/own_bits/bits_arch.h"},
                         f"{source.name} uses no other", done.tail())
            users += len(used)
        result.check(users, "some source uses it")
        done = run("gcc", "-O2", f"-I{ROOT}/include", f"-I{ROOT}/tests/core/own_bits", "-c",
                   *SOURCES, cwd=folder)
        result.check(done.ok, "library with own bits", done.tail())


def subproject_gives_dependency(result):
    """A parent project uses dependency('fmemp') with options of its choice."""
    parent = BUILD / "subproject"
    shutil.rmtree(parent, ignore_errors=True)
    for name in ("arch", "include", "lib", "ports", "integrations"):
        shutil.copytree(ROOT / name, parent / "subprojects" / "fmemp" / name)
    for name in ("meson.build", "meson_options.txt"):
        shutil.copy(ROOT / name, parent / "subprojects" / "fmemp")
    (parent / "program.c").write_text(PROGRAM)
    (parent / "meson.build").write_text("""
project('parent', 'c')
fmemp = dependency('fmemp', default_options: ['granule=32', 'symbol_prefix=parent_'])
test('program', executable('program', 'program.c', dependencies: fmemp,
                           c_args: ['-DCALLER_NAME=caller', '-DEXPECT_GRANULE=32']))
""")
    done = run("meson", "setup", "build", cwd=parent)
    result.check(done.ok and "subproject" in done.output, "parent project is set up", done.tail())
    done = run("meson", "test", "-C", "build", "--num-processes", "1", cwd=parent)
    result.check(done.ok, "parent's program works", done.tail())
    symbols = run("nm", parent / "build" / "program").output
    result.check("parent_tlsf_create_sized_compact_granule_32_sl_bits_4" in symbols,
                 "parent's options are used", symbols)


def version_is_the_headers(result, pkgconfig):
    """Meson's version, the text and the number in tlsf.h, and the changelog agree."""
    installed = run("pkg-config", "--modversion", "fmemp", env={"PKG_CONFIG_PATH": str(pkgconfig)})
    found = re.search(r"^(\d+)\.(\d+)\.(\d+)$", installed.output, re.MULTILINE)
    if not result.check(found, "pkg-config knows the version", installed.tail()):
        return
    version, (major, minor, patch) = found.group(), map(int, found.groups())
    program = f'''#include "tlsf.h"
        _Static_assert(TLSF_VERSION == {major * 10000 + minor * 100 + patch}, "the number");
        int main(void) {{ return __builtin_strcmp(TLSF_VERSION_STRING, "{version}"); }}'''
    with folder_with(version_c=program) as folder:
        done = run("gcc", f"-I{ROOT}/include", "version.c", "-o", "version", cwd=folder)
        result.check(done.ok and run(folder / "version").ok,
                     f"Meson's version {version} is the header's", done.tail())
    result.check(f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(),
                 f"CHANGELOG.md has {version}")


def installed_library_is_found(result):
    """meson install; then a program is built by pkg-config alone."""
    build, prefix = BUILD / "install-build", BUILD / "install-prefix"
    shutil.rmtree(build, ignore_errors=True)
    shutil.rmtree(prefix, ignore_errors=True)
    done = run("meson", "setup", build, ROOT, f"--prefix={prefix}", "--libdir=lib",
               "-Ddefault_library=both", "-Dtests=disabled", "-Dbenchmarks=disabled",
               "-Dgranule=16", "-Dsl_bits=3", "-Dblock_layout=wide", "-Dsymbol_prefix=product_",
               "-Dlock=pthread")
    done = run("meson", "install", "-C", build) if done.ok else done
    if not result.check(done.ok, "meson install", done.tail()):
        return
    installed = {str(path.relative_to(prefix / "include" / "fmemp"))
                 for path in (prefix / "include").rglob("*.h")}
    expected = {str(header.relative_to(ROOT / "include")) for header in HEADERS}
    result.check(installed == expected, f"installed headers: {sorted(installed ^ expected)}")
    path = {"PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig"),
            "LD_LIBRARY_PATH": str(prefix / "lib")}
    with folder_with(program_c=PROGRAM) as folder:
        for static in ("", "--static "):
            linker = "-static " if static else ""
            done = run("sh", "-c", f"gcc {linker}-DCALLER_NAME=caller program.c -o program "
                       f"$(pkg-config {static}--cflags --libs fmemp)", cwd=folder, env=path)
            result.check(done.ok and run(folder / "program", env=path).ok,
                         f"program by pkg-config {static}", done.tail())
        version_is_the_headers(result, prefix / "lib" / "pkgconfig")
        symbols = run("nm", folder / "program").output
        result.check("product_FMempInit_wide_granule_16_sl_bits_3" in symbols,
                     "pkg-config carries the options", symbols)


def lock_ports_compile(result, seed=None):
    """Through Meson: freertos with the tests' FreeRTOS, interrupts for each processor that it
    knows; custom leaves two symbols undefined. seed: half of these."""
    defined, undefined = ["T FMempLock", "T FMempUnlock"], ["U FMempLock", "U FMempUnlock"]
    ports = [
        ("freertos", [f"-Dc_args=-I{ROOT}/tests/fmemp/mock_freertos"], defined),
        *[("interrupts", ["--cross-file", f"cross/{target}.ini"], defined) for target in
          ("cortex-m0", "cortex-m4", "riscv32-none", "riscv64-none", "aarch64-none")],
        ("interrupts", ["--cross-file", "cross/cortex-m4.ini", "-Dlock_basepri=80"], defined),
        ("custom", [], undefined)]
    for lock, options, marks in half(result, ports, seed):
        name = f"lock={lock} {' '.join(options)}".rstrip()
        build = BUILD / "lock-port"
        shutil.rmtree(build, ignore_errors=True)
        done = run("meson", "setup", build, ROOT, f"-Dlock={lock}", "-Dtests=disabled",
                   "-Dbenchmarks=disabled", "-Doptimization=0", "-Ddebug=false", *options)
        done = run("ninja", "-j1", "-C", build) if done.ok else done
        if result.check(done.ok, f"{name} builds", done.tail()):
            symbols = run("nm", build / "libfmemp.a").output
            for mark in marks:
                result.check(mark in symbols, f"{name}: {mark}", symbols)


FREERTOS_STUB = """
typedef unsigned long UBaseType_t;
#define taskENTER_CRITICAL_FROM_ISR() 0
#define taskEXIT_CRITICAL_FROM_ISR(mask) (void)(mask)
"""


def locks_that_would_mask_nothing_are_refused(result):
    """At compile time, with a message: an unknown processor, one without BASEPRI, a kernel whose
    mask is a constant on an unknown processor."""
    interrupts, freertos = (f"{ROOT}/ports/{name}/fmemory_lock.c"
                            for name in ("interrupts", "freertos"))
    cortex_m0 = "arm-none-eabi-gcc -mthumb -mcpu=cortex-m0"
    for command, message in {
            f"gcc {interrupts}": "no code for this processor",
            f"{cortex_m0} -DFMEMP_LOCK_BASEPRI=80 {interrupts}": "no BASEPRI",
            f"{cortex_m0} -DFMEMP_LOCK_BASEPRI=256 {interrupts}": "0 to 255",
            f"gcc -I. {freertos}": "masks nothing",
            f"clang -I. {freertos}": "masks nothing"}.items():
        with folder_with(FreeRTOS_h=FREERTOS_STUB, task_h="") as folder:
            done = run(*command.split(), "-fsyntax-only", "-DFMEMP_LOCK=1", f"-I{ROOT}/include",
                       cwd=folder)
        result.check(not done.ok and message in done.output, command, done.tail())
