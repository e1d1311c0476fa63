# SPDX-License-Identifier: BSD-3-Clause
"""The library as callers use it that were compiled without its headers: by plain names."""

import re
import sys

from code_checks import SOURCES
from report import ROOT, run
from use_checks import folder_with, make_library

HEADERS = ("tlsf.h", "tlsf_bounded.h", "tlsf_selftest.h", "fmemory_pool.h")
FUNCTION = re.compile(r"\b((?:tlsf_|FMem)\w+)\([^();]*\)\s*([;@])")

# tests/core/test_plain_names.c is the same in C, as a prebuilt object has it.
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


def functions_in(text):
    """Pairs of a function's name and ";", or "@" if the text has its body."""
    text = re.sub(r"^#.*(?:\\\n.*)*$", "", text, flags=re.MULTILINE)
    while "{" in text:
        text = re.sub(r"\{[^{}]*\}", "@", text)
    return set(FUNCTION.findall(text))


def public_functions(tags):
    """The functions that the headers declare, and those that they define as inline; but not an
    inline one that does nothing in place of a function that another option declares."""
    paths = [ROOT / "include" / header for header in HEADERS]
    seen = set().union(*(functions_in(run("gcc", "-E", "-P", "-fdirectives-only",
                                          f"-DFMEMP_TAG_DEBUG={tags}", f"-I{ROOT}/include",
                                          path).output) for path in paths))
    aside = re.compile(r"/\*.*?\*/|^#ifdef __cplusplus\n.*?^#endif\n", re.DOTALL | re.MULTILINE)
    declared = set().union(*(functions_in(aside.sub("", path.read_text()))
                             for path in (ROOT / "include").glob("*.h")))
    return {name for name, end in seen if end == ";" or (name, ";") not in declared}


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


def other_languages_call_the_library(result):
    """Python, and Rust where it is installed, by plain names of a shared library whose options they
    do not know."""
    for options in ("", "-DTLSF_LAYOUT=TLSF_WIDE -DTLSF_GRANULE=16 -DTLSF_HARDENING=3"):
        with folder_with(caller_py=CTYPES, caller_rs=RUST) as folder:
            done = run("gcc", "-shared", "-fPIC", "-O1", *options.split(), f"-I{ROOT}/include",
                       f"-I{ROOT}/arch/generic", *SOURCES, "-o", "libfmemp.so", cwd=folder)
            if not result.check(done.ok, f"shared library {options}", done.tail()):
                continue
            done = run(sys.executable, "caller.py", folder / "libfmemp.so", cwd=folder)
            result.check(done.ok, f"Python's ctypes {options}", done.tail())
            if not run("rustc", "--version").ok:
                result.note("rustc is not installed: Python stands for it")
                continue
            done = run("rustc", "-L", folder, "-l", "fmemp", "caller.rs", cwd=folder)
            env = {"LD_LIBRARY_PATH": str(folder)}
            result.check(done.ok and run(folder / "caller", env=env).ok, f"Rust {options}",
                         done.tail())
