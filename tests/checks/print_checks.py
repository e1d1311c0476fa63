# SPDX-License-Identifier: BSD-3-Clause
"""What prints needs no heap and no C library, is linked only where it is used, and can be left
out."""

import re
from itertools import product

import inside
from code_checks import SOURCES
from report import ROOT, run
from use_checks import folder_with

CORTEX_M4 = "arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -Os"
COMPILERS = {"gcc -O2": "x86", "clang -O2": "x86", CORTEX_M4: "arm"}
# What prints nothing. Without parentheses it must compile; with them no code makes text.
NOTHING = ["-DFMEMP_PRINT=", "-DFMEMP_WRITE=", "-DTLSF_WRITE=",
           "-DFMEMP_PRINT(...)=((void)0)", "-DFMEMP_PRINT(...)=", "-DFMEMP_WRITE(text, length)=",
           "-DFMEMP_WRITE(text, length)=do { } while (0)", "-DTLSF_WRITE(text, length)="]
WITHOUT_TEXT = NOTHING[3:]
TEXT = b"fmemp: "  # each line of FMemp's begins so

# Of tlsf.h, where printing is linked.
WALKS = {
    "a walker": "tlsf_walk_pool(tlsf_get_pool(t), count, t);",
    "no walker": "tlsf_walk_pool(tlsf_get_pool(t), NULL, NULL);",
    "a walker that is a variable": "tlsf_walker volatile w = count; tlsf_walk_pool(t, w, t);",
    "the walk that never prints": "tlsf_walker volatile w = count; tlsf_walk_blocks(t, w, t);",
}
WITH_PRINTING = ("no walker", "a walker that is a variable")
WALK = """
#include "tlsf.h"
static char region[4096];
static void count(void *ptr, size_t size, int used, void *user) {
    (void)ptr, (void)size, (void)used, (void)user;
}
int main(void) {
    tlsf_t t = tlsf_create_sized(region, sizeof region, 0);
    WALK
    return 0;
}
"""

# A caller that was compiled without tlsf.h.
PLAIN = """
#include <stddef.h>
void *tlsf_create_sized_compact_granule_8_sl_bits_4(void *mem, size_t bytes, size_t largest);
void *tlsf_get_pool(void *t);
void *tlsf_malloc(void *t, size_t bytes);
void tlsf_walk_pool(void *pool, void (*walker)(void *, size_t, int, void *), void *user);
static char region[4096];
static int blocks;
static void count(void *ptr, size_t size, int used, void *user) {
    (void)ptr, (void)size, (void)used, ++*(int *)user;
}
int main(void) {
    void *t = tlsf_create_sized_compact_granule_8_sl_bits_4(region, sizeof region, 0);
    void *block = tlsf_malloc(t, 100);
    tlsf_walk_pool(tlsf_get_pool(t), NULL, NULL);
    tlsf_walk_pool(tlsf_get_pool(t), count, &blocks);
    return block != NULL && blocks == 2 ? 0 : 1;
}
"""


def library_without_printing_compiles(result):
    """Each way to print nothing compiles without a warning, with tags and without. Where no code
    makes text, no text is in the object."""
    printing = [inside.find(name).path for name in ("FMemListAll", "tlsf_print_block")]
    for (compiler, arch), nothing, tags in product(COMPILERS.items(), NOTHING, (0, 1)):
        with folder_with() as folder:
            done = run(*compiler.split(), "-Wall", "-Wextra", "-Werror", nothing,
                       f"-DFMEMP_TAG_DEBUG={tags}", f"-I{ROOT}/include", f"-I{ROOT}/arch/{arch}",
                       "-c", *printing, cwd=folder)
            name = f"{compiler} {nothing}, tags {tags}"
            if result.check(done.ok, name, done.tail()) and nothing in WITHOUT_TEXT:
                result.check(TEXT not in (folder / "fmemory_pool.o").read_bytes(),
                             f"{name}: no text")


def archive_in(folder, compiler, arch, *options):
    done = run(*compiler.split(), *options, f"-I{ROOT}/include", f"-I{ROOT}/arch/{arch}", "-c",
               *SOURCES, cwd=folder)
    return done if not done.ok else run("ar", "rcs", "libfmemp.a",
                                        *[f"{source.stem}.o" for source in SOURCES], cwd=folder)


def symbols_of(result, folder, name, command):
    """The symbols of a linked image, or None."""
    done = run(*command, "-o", "image", cwd=folder)
    if not result.check(done.ok, name, done.tail()):
        return None
    return set(re.findall(r" [A-Za-z] (\w+)$", run("nm", folder / "image").output,
                          re.MULTILINE))


def printing_is_linked_where_it_is_used(result):
    """A program that passes a walker links no printing; one that passes NULL does."""
    for compiler in ("gcc -O1", "clang -O2", f"{CORTEX_M4} --specs=nosys.specs"):
        arch = "arm" if "arm" in compiler else "x86"
        with folder_with() as folder:
            made = archive_in(folder, compiler, arch)
            if not result.check(made.ok, f"{compiler}: library", made.tail()):
                continue
            for walk, statement in WALKS.items():
                (folder / "walk.c").write_text(WALK.replace("WALK", statement))
                symbols = symbols_of(result, folder, f"{compiler}: {walk}",
                                     [*compiler.split(), f"-I{ROOT}/include", "walk.c",
                                      "libfmemp.a"])
                if symbols is not None:
                    printing = symbols & {"tlsf_print_block", "tlsf_write"}
                    expected = 2 if walk in WITH_PRINTING else 0
                    result.check(len(printing) == expected and "main" in symbols,
                                 f"{compiler}: {walk} links {sorted(printing)}")


def default_image_has_no_printf(result):
    """FMemp for a Cortex-M4 with newlib prints by default, and links neither printf nor malloc."""
    program = '#include "fmemory_pool.h"\nint main(void) { FMemListAll(NULL); return 0; }\n'
    with folder_with(**{"program.c": program}) as folder:
        made = archive_in(folder, CORTEX_M4, "arm")
        if not result.check(made.ok, "library", made.tail()):
            return
        symbols = symbols_of(result, folder, "image with FMemListAll", [
            *CORTEX_M4.split(), f"-I{ROOT}/include", "--specs=nosys.specs", "-nostartfiles",
            "-Wl,--entry=main", "program.c", "libfmemp.a"])
        if symbols is not None:
            strange = {name for name in symbols if re.search("printf|alloc_r|fwrite|impure", name)}
            result.check(not strange and {"FMemListAll", "tlsf_write"} <= symbols,
                         f"the image has {sorted(strange)}")


def plain_name_walks_and_prints(result):
    """tlsf_walk_pool for callers without the header: NULL prints."""
    with folder_with(**{"plain.c": PLAIN}) as folder:
        made = archive_in(folder, "gcc -O2", "x86")
        done = run("gcc", "-Wall", "-Wextra", "-Werror", "plain.c", "libfmemp.a", "-o", "plain",
                   cwd=folder)
        if result.check(made.ok and done.ok, "a caller without tlsf.h", made.tail() + done.tail()):
            ran = run(folder / "plain")
            result.check(ran.ok and re.search(r"^  0x[0-9a-f]+ used 1\d\d\n  0x[0-9a-f]+ free \d+$",
                                              ran.output, re.MULTILINE),
                         "it walks, and prints for NULL", ran.tail())


def own_heap_is_reported_on(result):
    """Where malloc is the FMemp that prints: no allocation and no lock in the lock. A printf that
    allocates may list, as the lock is free then."""
    program = ROOT / "tests" / "checks" / "own_heap.c"
    report = (r"^fmemp: region 0x\w+\n(?:  0x\w+ (?:used|free) \d+\n)+fmemp: used: \d+ blocks, .*\n"
              r"fmemp: check: sound\nfmemp: fault: double free: block 0x\w+, \d+ bytes")
    variants = {"by default": ("0", []),
                "by printf": ("1", ["-DFMEMP_PRINT(...)=printf(__VA_ARGS__)",
                                    "-DFMEMP_FLUSH()=fflush(stdout)"])}
    for (name, (may_allocate, options)), tags in product(variants.items(), (0, 1)):
        with folder_with() as folder:
            done = run("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-builtin",
                       "-DFMEMP_LOCK=1", "-DTLSF_GRANULE=16", f"-DFMEMP_TAG_DEBUG={tags}",
                       f"-DMAY_ALLOCATE={may_allocate}", *options,
                       f'-DLIBRARY="{ROOT}/lib/fmemp/fmemory_pool.c"', f"-I{ROOT}/include",
                       f"-I{ROOT}/lib/fmemp", f"-I{ROOT}/arch/x86", program,
                       *(source for source in SOURCES if source.stem != "fmemory_pool"), "-o",
                       "own_heap", cwd=folder)
            if result.check(done.ok, f"own heap {name}, tags {tags}", done.tail()):
                ran = run("timeout", "20", folder / "own_heap")
                result.check(ran.ok and re.search(report, ran.output, re.MULTILINE),
                             f"own heap {name}, tags {tags}: status {ran.status}", ran.tail())
