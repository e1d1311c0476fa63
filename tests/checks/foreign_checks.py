# SPDX-License-Identifier: BSD-3-Clause
"""The library as callers use it that were compiled without its headers: by plain names."""

import re
import sys
from pathlib import Path

from report import ROOT, run
from code_checks import SOURCES
from use_checks import folder_with, make_library

HEADERS = ("tlsf.h", "fmemory_pool.h")

# What a prebuilt object knows of the library: names, and how they are called.
PREBUILT = """
#include <stddef.h>
#include <stdint.h>

#define NAMED_(prefix, name) prefix##name
#define NAMED(prefix, name) NAMED_(prefix, name)
#define N(name) NAMED(PREFIX, name)

void *N(tlsf_create)(void *mem);
void *N(tlsf_create_with_pool)(void *mem, size_t bytes);
void *N(tlsf_create_sized)(void *mem, size_t bytes, size_t largest_pool);
void *N(tlsf_add_pool)(void *t, void *mem, size_t bytes);
void *N(tlsf_malloc)(void *t, size_t bytes);
void N(tlsf_free)(void *t, void *ptr);
int N(tlsf_check)(void *t);
size_t N(tlsf_size)(void);
uint32_t N(FMempInit)(void *memp, void *begin, void *end);
uint32_t N(FMempInitSized)(void *memp, void *begin, void *end, size_t largest_region);
void *N(FMempMalloc)(void *memp, size_t bytes);
void N(FMempFree)(void *memp, void *ptr);

static uint64_t memory[5][8192];
static uint64_t memp[2][32]; /* as zeros, an FMemp that is not ready */

static int serves(void *t) {
    char *block = N(tlsf_malloc)(t, 100);
    if (block == NULL || (uintptr_t)block % 8 != 0) return 0;
    for (int i = 0; i < 100; i++) block[i] = 1;
    N(tlsf_free)(t, block);
    return N(tlsf_check)(t) == 0;
}

static int fmemp_serves(void *m) {
    void *block = N(FMempMalloc)(m, 100);
    N(FMempFree)(m, block);
    return block != NULL;
}

int main(void) {
    void *plain = N(tlsf_create)(memory[0]);
    if (N(tlsf_size)() > sizeof memory[0] / 2) return 1;
    if (N(tlsf_add_pool)(plain, memory[0] + 4096, sizeof memory[0] / 2) == NULL) return 2;
    if (!serves(plain)) return 3;
    if (!serves(N(tlsf_create_with_pool)(memory[1], sizeof memory[1]))) return 4;
    if (!serves(N(tlsf_create_sized)(memory[2], sizeof memory[2], 0))) return 5;
    if (N(FMempInit)(memp[0], memory[3], memory[4]) != 0 || !fmemp_serves(memp[0])) return 6;
    if (N(FMempInitSized)(memp[1], memory[4], memory[4] + 8192, 0) != 0) return 7;
    return fmemp_serves(memp[1]) ? 0 : 8;
}
"""

# The same from Python, by the names of a shared library.
CTYPES = """
import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
memory = (ctypes.c_uint64 * 8192)()
for create, *more in (("tlsf_create_with_pool",), ("tlsf_create_sized", 0)):
    made = getattr(lib, create)
    made.restype = lib.tlsf_malloc.restype = ctypes.c_void_p
    heap = ctypes.c_void_p(made(memory, ctypes.c_size_t(ctypes.sizeof(memory)),
                                *map(ctypes.c_size_t, more)))
    block = ctypes.c_void_p(lib.tlsf_malloc(heap, ctypes.c_size_t(100)))
    assert block.value and block.value % 8 == 0
    ctypes.memset(block, 1, 100)
    lib.tlsf_free(heap, block)
    assert lib.tlsf_check(heap) == 0
"""

RUST = """
use std::ffi::c_void;
extern "C" {
    fn tlsf_create_with_pool(mem: *mut c_void, bytes: usize) -> *mut c_void;
    fn tlsf_malloc(t: *mut c_void, bytes: usize) -> *mut c_void;
    fn tlsf_free(t: *mut c_void, ptr: *mut c_void);
    fn tlsf_check(t: *mut c_void) -> i32;
}
fn main() {
    let mut memory = vec![0u64; 8192];
    unsafe {
        let heap = tlsf_create_with_pool(memory.as_mut_ptr() as *mut c_void, 65536);
        let block = tlsf_malloc(heap, 100) as *mut u8;
        assert!(!block.is_null() && block as usize % 8 == 0);
        block.write_bytes(1, 100);
        tlsf_free(heap, block as *mut c_void);
        assert_eq!(tlsf_check(heap), 0);
    }
}
"""


def public_functions(tags):
    """The functions that the headers promise. What a header defines itself is not the library's."""
    found = set()
    for header in HEADERS:
        done = run("gcc", "-E", "-P", "-fdirectives-only", f"-DFMEMP_TAG_DEBUG={tags}",
                   f"-I{ROOT}/include", ROOT / "include" / header)
        text = done.output.split("\n", 1)[1]
        own = re.sub(r"^#.*$|\{[^{}]*\}", "", text, flags=re.MULTILINE)
        found |= set(re.findall(r"\b((?:tlsf_|FMem)\w+)\([^();]*\);", own))
    return found


def every_function_has_its_plain_name(result):
    """With the prefix, if there is one, and then none without it."""
    for tags, prefix, compiler in ((0, "", "gcc"), (1, "", "clang"), (0, "acme_", "clang"),
                                   (1, "acme_", "gcc")):
        functions = public_functions(tags)
        options = [f"-DFMEMP_TAG_DEBUG={tags}", *([f"-DTLSF_PREFIX={prefix}"] if prefix else [])]
        name = f"{compiler} {' '.join(options)}"
        with folder_with() as folder:
            if not make_library(result, folder, *options, compiler=compiler):
                continue
            listing = run("nm", "-g", "--defined-only", "libfmemp.a", cwd=folder).output
        symbols = set(re.findall(r"^[0-9a-f]+ \w (\S+)$", listing, re.MULTILINE))
        result.check(len(functions) > 45, f"{name}: functions of the headers", str(functions))
        for function in sorted(functions):
            result.check(prefix + function in symbols, f"{name}: {prefix}{function}", listing)
        bare = {symbol for symbol in symbols if not symbol.startswith(prefix)}
        result.check(not bare, f"{name}: without the prefix: {' '.join(sorted(bare))}")


def callers_without_headers_work(result):
    """A prebuilt object that declares the functions itself, Python, and Rust where it is installed.
    None of them knows the options of the library."""
    for library in ("", "-DTLSF_LAYOUT=TLSF_WIDE -DTLSF_GRANULE=16 -DTLSF_SL_BITS=5",
                    "-DTLSF_TYPED_HANDLES=1 -DFMEMP_TAG_DEBUG=1 -DTLSF_HARDENING=3",
                    "-DTLSF_PREFIX=acme_"):
        prefix = "acme_" if "acme_" in library else ""
        with folder_with(prebuilt_c=PREBUILT) as folder:
            if not make_library(result, folder, *library.split()):
                continue
            done = run("gcc", "-O1", f"-DPREFIX={prefix}", "prebuilt.c", "-L.", "-lfmemp", "-o",
                       "prebuilt", cwd=folder)
            ended = run(folder / "prebuilt").status if done.ok else None
            result.check(ended == 0, f"prebuilt object, library '{library}': {ended}", done.tail())
    with folder_with(caller_py=CTYPES, caller_rs=RUST) as folder:
        made = run("gcc", "-shared", "-fPIC", "-O1", f"-I{ROOT}/include", f"-I{ROOT}/arch/generic",
                   *SOURCES, "-o", "libfmemp.so", cwd=folder)
        done = run(sys.executable, "caller.py", folder / "libfmemp.so", cwd=folder) if made.ok \
            else made
        result.check(done.ok, "Python's ctypes", done.tail())
        if run("rustc", "--version").ok:
            done = run("rustc", "-L", folder, "-l", "fmemp", "caller.rs", cwd=folder)
            env = {"LD_LIBRARY_PATH": str(folder)}
            result.check(done.ok and run(Path(folder) / "caller", env=env).ok, "Rust", done.tail())
        else:
            result.note("rustc is not installed: the prebuilt object stands for it")
