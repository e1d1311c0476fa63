# SPDX-License-Identifier: BSD-3-Clause
"""The public headers in every standard of C and C++ that callers use, and the sources of the
library as C11 and as C++17: alone, and all in one unit."""

import re
import subprocess
from itertools import product

import variants
from code_checks import SOURCES
from options import with_macro
from report import ROOT, run
from sampling import half
from use_checks import HEADERS, folder_with, make_library

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-pedantic-errors", "-Wconversion",
            "-Wsign-conversion", "-Wundef", "-Werror"]
STANDARDS = {
    "gcc": ("c99", "gnu99", "c11", "gnu11", "c17", "c2x"),
    "clang": ("c99", "gnu99", "c11", "gnu11", "c17", "c2x"),
    "g++": ("c++11", "gnu++11", "c++14", "c++17", "c++20", "c++2b"),
    "clang++": ("c++11", "gnu++11", "c++14", "c++17", "c++20", "c++2b"),
}
STANDARDS_OF_SOURCES = {"gcc": ("gnu99", "c11"), "clang": ("gnu99", "c11"), "g++": ("c++17",),
                        "clang++": ("c++17",)}
CASTS = {"g++": ["-Wold-style-cast", "-Wuseless-cast"], "clang++": ["-Wold-style-cast"]}

# Headers of ports that callers include; each by its name, in a folder of the include path.
PORTS = [ROOT / "ports" / "espressif" / "tlsf_espressif.h"]

# What the public headers look at.
OPTIONS_OF_CALLERS = {
    "FMEMP_LOCK": (0, 1), "FMEMP_TAG_DEBUG": (0, ""), "TLSF_TYPED_HANDLES": (0, 1),
    "TLSF_LAYOUT": ("TLSF_COMPACT", "TLSF_WIDE"), "TLSF_PREFIX": ("", "acme_"),
}

# What the macros of fmemory_pool.h get in a test of them.
ARGUMENTS = {"memp": "memp", "ptr": "block"}

# Programs for handles as other TLSFs have them: opaque, void pointers.
HANDLES_IN_CXX = """
#include "tlsf.h"

#include <cstddef>

class Heap {
  public:
    Heap(void *mem, std::size_t bytes) : heap_(tlsf_create_with_pool(mem, bytes)) {}
    ~Heap() { tlsf_destroy(heap_); }
    Heap(const Heap &) = delete;
    Heap &operator=(const Heap &) = delete;
    void *get(std::size_t bytes) { return tlsf_malloc(heap_, bytes); }
    void put(void *block) { tlsf_free(heap_, block); }
    char *pool() { return static_cast<char *>(tlsf_get_pool(heap_)); }
    bool grow(void *mem, std::size_t bytes) {
        added_ = tlsf_add_pool(heap_, mem, bytes);
        return added_ != nullptr;
    }
    bool shrink() { return tlsf_remove_pool(heap_, added_) == 0; }
    int broken() const { return tlsf_check(heap_); }

  private:
    void *heap_;
    void *added_ = nullptr;
};

static unsigned char memory[2][16384];

int main() {
    Heap heap(memory[0], sizeof memory[0]);
    void *block = heap.get(100);
    char *pool = heap.pool();
    const bool lies_in_pool = pool <= static_cast<char *>(block);
    const bool grew = heap.grow(memory[1], sizeof memory[1]) && heap.shrink();
    heap.put(block);
    return block != nullptr && lies_in_pool && grew && heap.broken() == 0 ? 0 : 1;
}
"""
HANDLES_IN_C = """
#include "tlsf.h"

static unsigned char memory[2][16384];

int main(void) {
    void *heap = tlsf_create_with_pool(memory[0], sizeof memory[0]);
    void *pool = tlsf_add_pool(heap, memory[1], sizeof memory[1]);
    char *first = tlsf_get_pool(heap);
    void *block = tlsf_malloc(heap, 100);
    const int served = first != NULL && block != NULL && tlsf_check_pool(pool) == 0;
    tlsf_free(heap, block);
    return served && tlsf_remove_pool(heap, pool) == 0 && tlsf_check(heap) == 0 ? 0 : 1;
}
"""


STARTED = """static unsigned char memory[64];
extern FMemp started;
FMemp started = FMEMP_STATIC_INIT(memory, memory + sizeof memory);
"""

# A static FMemp that serves the C library's calls before main. In C++20 the compiler says whether
# its initialiser is constant; in every standard a program that has to initialise it has a function
# for that, whose name holds "GLOBAL__".
STATIC_INIT = """
#include "fmemory_pool.h"

#if defined __cplusplus && __cplusplus >= 202002L
#define CONSTANT constinit
#else
#define CONSTANT
#endif

static unsigned char memory[16384];
CONSTANT FMemp memp = FMEMP_STATIC_INIT(memory, memory + sizeof memory);
static void *early;

__attribute__((constructor)) static void before_main(void) { early = FMempMalloc(&memp, 100); }

int main(void) {
    FMempFree(&memp, early);
    return early != NULL && memp.is_ready == FT_COMPONENT_IS_READY ? 0 : 1;
}
"""


def is_cxx(compiler):
    return "++" in compiler


def program(folder, compiler, text, *words):
    """Compiles a program with every warning, and runs it. Returns the failed Run, or the last."""
    file = folder / f"program.{'cc' if is_cxx(compiler) else 'c'}"
    file.write_text(text)
    done = run(*compiler.split(), *WARNINGS, f"-I{ROOT}/include", file, *words, "-o", "program",
               cwd=folder)
    return run(folder / "program") if done.ok else done


# ---- callers -----------------------------------------------------------------------------

def choices():
    """Eight choices of the callers' options, in which each two values of two options meet."""
    for a, b, c in product((0, 1), repeat=3):
        picked = zip(OPTIONS_OF_CALLERS.items(), (a, b, c, a ^ b, b ^ c))
        yield [f"-D{macro}={values[number]}" for (macro, values), number in picked]


def uses_of_macros():
    """A function that uses each macro of fmemory_pool.h which takes an FMemp."""
    header = (ROOT / "include" / "fmemory_pool.h").read_text()
    macros = dict(re.findall(r"#define (FMEMP_\w+)\((memp\b.*?)\)", header))
    lines = []
    for name, parameters in macros.items():
        arguments = ", ".join(ARGUMENTS.get(word, "8") for word in parameters.split(", "))
        result = "" if "FREE" in name else "block = "
        lines.append(f"    {result}{name}({arguments});")
    return "void *used(FMemp *memp, void *block);\nvoid *used(FMemp *memp, void *block) {\n" + \
        "\n".join(lines) + "\n    return block;\n}\n"


def headers_compile_in_every_standard(result, compilers=tuple(STANDARDS), seed=None):
    """Each public header alone and twice; and all of them with the options that they look at, in
    front of a caller. seed: in half of the standards."""
    names = [str(header.relative_to(ROOT / "include")) for header in HEADERS] + \
        [port.name for port in PORTS]
    files = {name: f'#include "{name}"\n' * 2 + "extern int nothing;\n" for name in names}
    caller = "".join(f'#include "{name}"\n' for name in names) + uses_of_macros() + STARTED
    result.check(caller.count("FMEMP_") >= 6, "macros are used", caller)
    pairs = ((compiler, standard) for compiler in compilers for standard in STANDARDS[compiler])
    for compiler, standard in half(result, pairs, seed):
        suffix = "cc" if is_cxx(compiler) else "c"
        words = [compiler, f"-std={standard}", *WARNINGS, "-Wshadow", *CASTS.get(compiler, []),
                 f"-I{ROOT}/include", *[f"-I{port.parent}" for port in PORTS], "-fsyntax-only"]
        with folder_with(**{f"caller_{suffix}": caller}) as folder:
            for name, text in files.items():
                (folder / f"alone.{suffix}").write_text(text)
                done = run(*words, f"alone.{suffix}", cwd=folder)
                result.check(done.ok, f"{compiler} -std={standard}: {name}", done.tail())
            for choice in choices():
                done = run(*words, *choice, f"caller.{suffix}", cwd=folder)
                result.check(done.ok, f"{compiler} -std={standard} {' '.join(choice)}",
                             done.tail())


def static_init_is_constant(result):
    """FMEMP_STATIC_INIT needs no code before main, and serves calls from there."""
    with folder_with() as folder:
        if not make_library(result, folder):
            return
        for compiler in ("gcc -std=c99", "clang -std=c11", "g++ -std=c++11 -Wold-style-cast",
                         "clang++ -std=c++11 -Wold-style-cast", "g++ -std=c++20",
                         "clang++ -std=c++20"):
            done = program(folder, compiler, STATIC_INIT, "-O0", "-L.", "-lfmemp")
            result.check(done.ok, f"static init: {compiler}", done.tail())
            listing = run("nm", "program", cwd=folder)
            result.check("memory" in listing.output and "GLOBAL__" not in listing.output,
                         f"static init: {compiler}: constant", listing.tail())


def opaque_handles_are_void_pointers(result):
    """Programs that keep heaps and pools as void pointers, and cast them to others."""
    for compiler, text in (("gcc -std=gnu99", HANDLES_IN_C), ("clang -std=c11", HANDLES_IN_C),
                           ("g++ -std=c++11", HANDLES_IN_CXX),
                           ("clang++ -std=c++17", HANDLES_IN_CXX)):
        with folder_with() as folder:
            if make_library(result, folder, "-DTLSF_TYPED_HANDLES=1"):
                done = program(folder, compiler, text, "-L.", "-lfmemp")
                result.check(done.ok, f"{compiler}: handles are void pointers", done.tail())
            if is_cxx(compiler):
                done = program(folder, compiler, text, "-DTLSF_TYPED_HANDLES=1", "-L.", "-lfmemp")
                result.check(not done.ok and "tlsf_t" in done.output,
                             f"{compiler}: typed handles are no void pointers", done.tail())


# ---- the sources -------------------------------------------------------------------------

def unit_of(sources):
    return '#include "tlsf.h"\n' + "".join(f'#include "{source}"\n' for source in sources)


def configurations():
    """Choices of all options, in which each has each of its values."""
    values = {option.macro: option.values_of_macro for option in with_macro()}
    values["FMEMP_LOCK"] = (0, 1)
    for number in range(max(map(len, values.values()))):
        chosen = {}
        for place, (macro, some) in enumerate(values.items()):
            step = 1 if len(some) > 2 else 1 + place % 2
            chosen[macro] = some[number // step % len(some)]
        if chosen["TLSF_LAYOUT"] == "TLSF_WIDE" and chosen["TLSF_GRANULE"] == "4":
            chosen["TLSF_LAYOUT"] = "TLSF_COMPACT"
        if chosen["TLSF_HARDENING"] == "3":
            chosen["TLSF_ROUND_TO_CLASS"] = "0"
        yield [f"-D{macro}={value}" for macro, value in chosen.items()]


def sources_compile_in_both_languages(result, compilers=tuple(STANDARDS), seed=None):
    """Each source alone, and all of them in one unit, in either order, as C11 and as C++17. Who
    compiles a program as gnu99 compiles the sources as gnu99, too. seed: half of the choices of
    options and languages."""
    headers = [f"-I{ROOT}/{name}" for name in ("include", "arch/x86", "ports/address_sanitizer",
                                               "ports/trace/ring")]
    units = {"one_c": unit_of(SOURCES), "backwards_c": unit_of(reversed(SOURCES))}
    languages = [(compiler, standard) for compiler in compilers
                 for standard in STANDARDS_OF_SOURCES[compiler]]
    pairs = product(configurations(), languages)
    for configuration, (compiler, standard) in half(result, pairs, seed):
        words = [compiler, "-x", "c++" if is_cxx(compiler) else "c", f"-std={standard}", *WARNINGS,
                 "-Wshadow", *configuration, *headers, "-fsyntax-only"]
        with folder_with(**units) as folder:
            done = run(*words, "one.c", "backwards.c", *SOURCES, cwd=folder)
        result.check(done.ok, " ".join([compiler, standard, *configuration]), done.tail())


def sources_are_included_in_a_program(result):
    """A program that has included tlsf.h includes the sources of the core, and needs no library."""
    core = unit_of(source for source in SOURCES if source.parent.name == "core")
    for compiler, text in (("gcc -std=c11", HANDLES_IN_C), ("clang -std=c11", HANDLES_IN_C),
                           ("g++ -std=c++17", HANDLES_IN_CXX),
                           ("clang++ -std=c++17", HANDLES_IN_CXX)):
        with folder_with() as folder:
            done = program(folder, compiler, core + text, "-O1", f"-I{ROOT}/arch/generic")
            result.check(done.ok, f"{compiler}: program with all sources in it", done.tail())


def suites_pass_on_other_languages(result, seed=None):
    """The suites, on the library as C++17, and on all of it in one unit of C++17 and of C11. seed:
    on half of these."""
    suites = variants.built(result, "shipped", [])
    if suites is None:
        return
    library = suites.library("libfmemp")
    folder = variants.work_folder("languages")
    unit = folder / "unit.c"
    unit.write_text(unit_of(SOURCES))
    words = library.units[0].command("gcc", ROOT)[1:-1]
    cxx = ["g++", *words, "-x", "c++", "-std=c++17", "-O1", "-c"]
    ways = {"C++17": [[*cxx, source] for source in SOURCES], "one unit of C++17": [[*cxx, unit]],
            "one unit of C11": [["gcc", *words, "-O1", "-c", unit]]}
    for name, commands in half(result, ways.items(), seed):
        objects = [folder / f"{number}.o" for number in range(len(commands))]
        made = [run(*command, "-o", file, cwd=suites.folder)
                for command, file in zip(commands, objects)]
        made.append(run(*library.link_command("g++", objects, folder / "variant.so"),
                        cwd=suites.folder))
        if not result.check(all(done.ok for done in made), f"library as {name}",
                            "".join(done.tail() for done in made if not done.ok)):
            continue
        environment = variants.test_environment(LD_PRELOAD=str(folder / "variant.so"))
        for executable in library.executables:
            done = subprocess.run([executable.path], cwd=ROOT, env=environment, text=True,
                                  capture_output=True, errors="replace", check=False)
            result.check(done.returncode == 0, f"{executable.name} on {name}",
                         done.stdout[-2000:] + done.stderr[-1000:])


def one_source_is_included_in_a_program(result):
    """A C++ program includes one source of the core, and links the library for all others."""
    core = [source for source in SOURCES if source.parent.name == "core"]
    with folder_with() as folder:
        if not make_library(result, folder):
            return
        for compiler, source in product(("g++ -std=c++17", "clang++ -std=c++17"), core):
            done = program(folder, compiler, f'#include "{source}"\n' + HANDLES_IN_CXX, "-O1",
                           f"-I{ROOT}/arch/generic", "-L.", "-lfmemp")
            result.check(done.ok, f"{compiler}: program with {source.name} in it", done.tail())
