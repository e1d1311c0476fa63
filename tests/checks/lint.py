# SPDX-License-Identifier: BSD-3-Clause
"""Looks at every C and C++ file with clang-format and clang-tidy, at every folder with cppcheck,
and at the library with cppcheck's MISRA addon. No line of a source is longer than 100 columns.
Exceptions and their reasons stand in .clang-tidy, cppcheck.suppressions and docs/misra.md."""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import inside
import misra
import second_view
from report import BUILD, ROOT, Result, run
from suites import configure

FOLDERS = ["arch", "bench", "examples", "include", "integrations", "lib", "ports", "tests"]
# For files that no build on this machine compiles.
INCLUDES = ["-Iinclude", "-Iarch/x86", "-Ilib/core", "-Ilib/fmemp", "-Itests",
            "-Iexamples/bare_metal"]
PLAIN_ARGS = ["-std=c11", *INCLUDES, "-DFMEMP_LOCK=1"]
CPLUSPLUS = ROOT / "bench" / "worst_case" / "bound" / "longest_path"  # a project of its own
NEEDS_HEADERS_OF_OTHERS = {"ports/freertos/fmemory_lock.c": "FreeRTOS.h",
                           "tests/checks/images/interrupts/kernel_model.c": "FreeRTOS.h",
                           "tests/checks/images/interrupts/heap_freertos.c": "FreeRTOS.h",
                           "tests/checks/images/interrupts/wrong_lock.c": "FreeRTOS.h",
                           "tests/checks/own_heap.c": "the library, by the macro of its check",
                           "tests/sdk/freertos/kernel.c": "fmempory_pool.h of an installed overlay"}
# For files that an SDK compiles: its headers are stubs, and each unit of it holds several sources.
SDK_FOLDERS = ["integrations/phytium/", "tests/sdk/"]
SDK_ARGS = ["--checks=-bugprone-suspicious-include"]
SDK_INCLUDES = ["-I.", "-Iintegrations/phytium/freertos", "-Itests/sdk/common",
                "-Itests/sdk/freertos", "-Iinclude/standalone"]
# For files of an image with newlib.
NEWLIB_FOLDERS = ["integrations/c_library/", "tests/checks/images/c_library/"]
NEWLIB_ARGS = ["--target=thumbv7em-none-eabi", "-isystem", "/usr/include/newlib",
               "-Iintegrations/c_library", "-Itests/checks/images/c_library",
               "-DHEAP_BEGIN=_end", "-DHEAP_END=_estack"]
# For files of an image with a kernel of FreeRTOS, or with its model.
KERNEL = "tests/checks/images/freertos_tasks/"
KERNEL_FOLDERS = ["examples/freertos_tasks/", KERNEL]
KERNEL_ARGS = ["--target=thumbv7m-none-eabi", "-ffreestanding", "-isystem", "/usr/include/newlib",
               "-Iexamples/freertos_tasks", f"-I{KERNEL}kernel/include",
               f"-I{KERNEL}kernel/portable/GCC/ARM_CM3"]
# For C++ of an image with newlib.
OWNERS = "tests/checks/images/owners/owners.cpp"
NEWLIB = "/usr/lib/arm-none-eabi/include"
OWNERS_ARGS = ["--target=thumbv7em-none-eabi", "-std=gnu++17", "-fno-exceptions",
               *(f"-isystem{folder}" for version in sorted(Path(NEWLIB, "c++").glob("*"))
                 for folder in (version, version / "arm-none-eabi/thumb/v7e-m/nofp")),
               f"-isystem{NEWLIB}", "-Iinclude", "-Itests", "-Itests/checks/images/owners/kernel",
               "-Iintegrations/c_library", "-Iintegrations/freertos", "-DFMEMP_CALL_SITES=1",
               '-DDUMP=""']
# For C++ that no build on this machine lists. In a test that fails, main may throw, and a request
# that had to fail is not freed.
CPP_ARGS = ["-std=c++17", "-fsized-deallocation", "-Iinclude", "-Iintegrations/cpp"]
CPP_SOURCES = ["integrations/cpp/fmemp_new.cpp", "tests/checks/images/cpp/promises.cpp",
               "examples/cpp_cortex_m/main.cpp", OWNERS]
# For files of operating systems, whose headers are models; by the name of the folder.
RTOS_ARGS = {folder: [f"-Itests/rtos/{folder}", "-Itests/rtos", f"-Iintegrations/{folder}", *more]
             for folder, more in {
                 "freertos": ["-DconfigTOTAL_HEAP_SIZE=8192",
                              "-DconfigFMEMP_SUSPENDS_SCHEDULER=0"],
                 "zephyr": ["-DCONFIG_FMEMP_K_MALLOC_SIZE=8192"],
                 "rt_thread": [], "nuttx": [], "threadx": [], "common": []}.items()}
# For files that use a library of Debian.
LIBRARY_FOLDERS = ["integrations/middleware/", "tests/campaigns/middleware/"]
LIBRARY_ARGS = ["-isystem", "/usr/include/lua5.4", "-isystem", "/usr/include/lwip",
                "-Itests/campaigns/middleware/stubs", "-Iintegrations/middleware/recipes",
                "-DLFS_DEFINES=lfs_fmemp.h"]
# For files of another processor.
AARCH64 = "--target=aarch64-linux-gnu"
ONLY_AARCH64 = ["ports/interrupts/fmemory_lock.c", "tests/checks/images/interrupts/aarch64.c"]
CPPCHECK = ["cppcheck", "--quiet", "--error-exitcode=1", "--inline-suppr", "--std=c11", "-j2",
            "--enable=warning,style,performance,portability",
            f"--suppressions-list={ROOT / 'tests/checks/cppcheck.suppressions'}",
            *INCLUDES]


# States that clang's analyser looks at in a function; 225,000 if it is told nothing. Behind the
# first it walks the same code by ever more paths.
QUICK_STATES, QUICK_STATES_OF_TESTS = 22500, 5000

NEED_THE_CORE = ["tests/campaigns/proofs/sizes.c", "tests/campaigns/proofs/all_words.c"]

COLUMNS_MAX = 100
# Sources by their names; a script has no suffix, and begins with "#!".
SOURCES = ("*.c", "*.h", "*.in", "*.cpp", "*.hpp", "*.s", "*.ld", "*.py", "*.js", "*.css", "meson*",
           "*.ini", ".clang-*")


def sources(*patterns):
    return sorted(path for folder in FOLDERS for pattern in patterns
                  for path in (ROOT / folder).rglob(pattern))


def is_formatted(path):
    return "clang-format", path, run("clang-format", "--dry-run", "--Werror", path)


def analyser(path):
    """The options of a quick look at a file."""
    states = QUICK_STATES_OF_TESTS if path.is_relative_to(ROOT / "tests") else QUICK_STATES
    words = ("-Xclang", "-analyzer-config", "-Xclang", f"max-nodes={states}")
    return [f"--extra-arg={word}" for word in words]


def is_tidy(path, compiled, database, is_quick):
    name = str(path.relative_to(ROOT))
    depth = analyser(path) if is_quick else []
    more = [AARCH64] if name in ONLY_AARCH64 else []
    how = ["-p", database, path] if path in compiled else [path, "--", *PLAIN_ARGS, *more]
    if name.startswith(tuple(SDK_FOLDERS)):
        how = [*SDK_ARGS, path, "--", *SDK_INCLUDES, *PLAIN_ARGS]
    how = next(([path, "--", *PLAIN_ARGS, *args] for folder, args in RTOS_ARGS.items()
                if name.startswith((f"integrations/{folder}/", f"tests/rtos/{folder}/"))), how)
    if name.startswith(tuple(NEWLIB_FOLDERS)):
        how = [path, "--", *NEWLIB_ARGS, *PLAIN_ARGS]
    if name.startswith(tuple(KERNEL_FOLDERS)):
        how = [path, "--", *KERNEL_ARGS, *PLAIN_ARGS]
    if name.startswith(tuple(LIBRARY_FOLDERS)):
        how = [path, "--", *LIBRARY_ARGS, *PLAIN_ARGS]
    if name in NEED_THE_CORE:
        how = ["--checks=-bugprone-suspicious-include", *how, *inside.include_core()]
    return "clang-tidy", path, run("clang-tidy", "--quiet", *depth, *how)


def is_tidy_cpp(path):
    return "clang-tidy", path, run("clang-tidy", "--quiet", "--checks=-bugprone-exception-escape,"
                                   "-clang-analyzer-cplusplus.NewDeleteLeaks", path, "--",
                                   *(OWNERS_ARGS if path == ROOT / OWNERS else CPP_ARGS))


def has_no_finding(folder, is_quick):
    few = ["--max-configs=2"] if is_quick and folder == "tests" else []
    return "cppcheck", ROOT / folder, run(*CPPCHECK, *few, folder)


def is_source(path):
    return any(path.match(pattern) for pattern in SOURCES) or \
        not path.suffix and path.read_bytes().startswith(b"#!")


def lines_are_short(result, root=ROOT):
    """clang-format leaves comments as they are, and there are other languages."""
    everything = [*root.glob("*"), *(path for folder in (".ci", "cross", "tools", *FOLDERS)
                                     for path in (root / folder).rglob("*"))]
    for path in sorted(path for path in everything if path.is_file() and is_source(path)):
        wide = [f"{number}: {len(line)} columns"
                for number, line in enumerate(path.read_text().splitlines(), 1)
                if len(line) > COLUMNS_MAX]
        result.check(not wide, f"long lines in {path.relative_to(root)}", "\n".join(wide))


def cplusplus_database(result):
    """Returns the build folder of the C++ project. None: failed."""
    folder = BUILD / "lint-longest_path"
    done = run("meson", "setup", *(["--wipe"] if folder.exists() else []), folder, CPLUSPLUS,
               env={"CXX": "clang++"})
    return folder if result.check(done.ok, "meson setup longest_path", done.tail()) else None


def main():
    parser = argparse.ArgumentParser(prog="tests/run lint", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer steps of clang's analyser, and "
                        "for the tests fewer configurations of cppcheck")
    parser.add_argument("--misra", action="store_true", help="only the MISRA addon, and what the "
                        "compilers and their analyser say of lib/ beside it")
    parser.add_argument("--update", action="store_true",
                        help="with --misra: take the findings over into misra_findings.txt")
    wanted = parser.parse_args()
    if wanted.update and not wanted.misra:
        parser.error("--update needs --misra")
    BUILD.mkdir(parents=True, exist_ok=True)
    result = Result()
    misra.check(result, wanted.update)
    second_view.check(result, wanted.quick)
    if wanted.misra:
        return result.end()
    lines_are_short(result)
    database = configure(result, "lint", ["-Dtests=enabled", "-Dbenchmarks=enabled",
                                           "-Dhost_malloc=enabled"], cc="clang")
    cplusplus = cplusplus_database(result)
    if database and cplusplus:
        run("ninja", "-C", database, "build.ninja")  # after a change of a meson.build
        listed = json.loads((database / "compile_commands.json").read_text())
        compiled = {(database / entry["file"]).resolve() for entry in listed}
        tidied = [path for path in sources("*.c")
                  if str(path.relative_to(ROOT)) not in NEEDS_HEADERS_OF_OTHERS]
        with ThreadPoolExecutor(2) as workers:
            # Folders of headers alone are checked through the files that include them.
            runs = [workers.submit(has_no_finding, folder, wanted.quick) for folder in FOLDERS
                    if any((ROOT / folder).rglob("*.c"))]
            runs += [workers.submit(is_tidy, path, compiled, database, wanted.quick)
                     for path in tidied]
            runs += [workers.submit(is_tidy, path, {path}, cplusplus, wanted.quick)
                     for path in sorted(CPLUSPLUS.glob("*.cpp"))]
            runs += [workers.submit(is_tidy_cpp, ROOT / name) for name in CPP_SOURCES]
            runs += [workers.submit(is_formatted, path)
                     for path in sources("*.[ch]", "*.cpp", "*.hpp")]
            for tool, path, done in (job.result() for job in runs):
                result.check(done.ok, f"{tool} {path.relative_to(ROOT)}", done.tail())
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
