# SPDX-License-Identifier: BSD-3-Clause
"""CMake: one target in three ways, with the options asked for, and the same files as Meson."""

import json
import re
import shutil

from report import BUILD, ROOT, run
from use_checks import PROGRAM

CMAKE = ROOT / "integrations" / "cmake"
OPTIONS = {"granule": "16", "sl_bits": "3", "block_layout": "wide", "lock": "pthread",
           "symbol_prefix": "product_", "tag_debug": "true", "hardening": "2"}
WAYS = {
    "add_subdirectory": f"add_subdirectory({CMAKE} fmemp)",
    "FetchContent": "include(FetchContent)\n"
                    "FetchContent_Declare(fmemp SOURCE_SUBDIR integrations/cmake)\n"
                    "FetchContent_MakeAvailable(fmemp)",
    "find_package": "find_package(fmemp REQUIRED)"}
CONSUMER = """
cmake_minimum_required(VERSION 3.19)
project(consumer C)
{way}
add_executable(program program.c)
target_compile_definitions(program PRIVATE CALLER_NAME=caller)
target_link_libraries(program PRIVATE fmemp::fmemp_bounded fmemp::fmemp)
file(GENERATE OUTPUT definitions.txt CONTENT "$<TARGET_PROPERTY:program,COMPILE_DEFINITIONS>")
"""


def cmake_options(options):
    return [f"-DFMEMP_{name.upper()}={value}" for name, value in options.items()]


def cleared(name):
    folder = BUILD / "cmake-step" / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def install_both(result):
    """The library installed by CMake and by Meson, with the same options and flags: two prefixes;
    None: failed."""
    by_cmake, by_meson = cleared("by-cmake"), cleared("by-meson")
    done = [run("cmake", "-G", "Ninja", "-S", CMAKE, "-B", cleared("build-cmake"),
                "-DCMAKE_C_FLAGS=-O1", f"-DCMAKE_INSTALL_PREFIX={by_cmake}",
                "-DCMAKE_INSTALL_LIBDIR=lib", *cmake_options(OPTIONS)),
            run("ninja", "-j1", "-C", BUILD / "cmake-step" / "build-cmake", "install"),
            run("meson", "setup", cleared("build-meson"), ROOT, f"--prefix={by_meson}",
                "--libdir=lib", "--buildtype=plain", "-Dc_args=-O1", "-Dtests=disabled",
                "-Dbenchmarks=disabled", *[f"-D{name}={value}" for name, value in OPTIONS.items()]),
            run("ninja", "-j1", "-C", BUILD / "cmake-step" / "build-meson", "install")]
    ok = [result.check(one.ok, "install", one.tail()) for one in done]
    return (by_cmake, by_meson) if all(ok) else None


def files_in(prefix):
    return {str(path.relative_to(prefix)): path for path in prefix.rglob("*") if path.is_file()}


def pkg_config(prefix, name):
    """What pkg-config says of a library, without the order of words and the prefix."""
    done = run("pkg-config", "--cflags", "--libs", "--print-requires", name,
               env={"PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig")})
    words = done.output.partition("\n")[2].replace(
        str(prefix / "lib" / "pkgconfig" / ".." / ".."), "PREFIX").replace(str(prefix), "PREFIX")
    return sorted(set(words.split())) if done.ok else done.output


def functions(archive):
    """Names and sizes of all functions and tables, by member."""
    return re.sub(r"(?m)^\S*?(\w+)\.c(\.c)?\.o:|^[0-9a-f]{16} ",
                  lambda found: found[1].removeprefix("lib_core_").removeprefix("lib_fmemp_")
                  .removeprefix("lib_bounded_").removeprefix("lib_selftest_")
                  .removeprefix("ports_pthread_") if found[1] else "",
                  run("nm", "-S", "--defined-only", archive).output.partition("\n")[2])


def exported(library):
    return set(re.findall(r" [TWV] (\w+)$", run("nm", "-D", "--defined-only", library).output,
                          re.MULTILINE))


def installs_are_alike(result, by_cmake, by_meson):
    here, there = files_in(by_cmake), files_in(by_meson)
    result.check(len(here) > 15 and here.keys() == there.keys(),
                 f"files that one installs: {sorted(here.keys() ^ there.keys())}")
    for name in sorted(here.keys() & there.keys()):
        if name.endswith(".pc"):
            library = name.rpartition("/")[2].removesuffix(".pc")
            one, other = pkg_config(by_cmake, library), pkg_config(by_meson, library)
            result.check(isinstance(one, list) and one == other, f"{name}: {one}\n{other}")
        elif name.endswith(".so"):
            one, other = exported(here[name]), exported(there[name])
            result.check("malloc" in one and one == other, f"functions of {name}: {one ^ other}")
        elif name.endswith(".a"):
            one, other = functions(here[name]), functions(there[name])
            result.check(len(one) > 200 and one == other, f"functions of {name}")
        else:
            result.check(here[name].read_bytes() == there[name].read_bytes(), f"text of {name}")


def consume(result, name, way, *words):
    """Builds and runs a program of another project. Returns the definitions that it got."""
    folder = cleared(f"consumer-{name.replace(' ', '-')}")
    folder.mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text(CONSUMER.format(way=way))
    (folder / "program.c").write_text('#include "tlsf_bounded.h"\n' + PROGRAM)
    done = run("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build", *words)
    done = run("ninja", "-j1", "-C", folder / "build", "program") if done.ok else done
    if not result.check(done.ok and run(folder / "build" / "program").ok, f"program by {name}",
                        done.tail()):
        return None
    symbols = run("nm", folder / "build" / "program").output
    result.check("product_FMempInit_wide_granule_16_sl_bits_3_lock_1_tags_1" in symbols,
                 f"{name}: options are used", symbols)
    return " ".join(sorted(set((folder / "build" / "definitions.txt").read_text().split(";"))))


def three_ways_give_one_target(result, by_cmake, by_meson):
    options = cmake_options(OPTIONS)
    seen = {
        "add_subdirectory": consume(result, "add_subdirectory", WAYS["add_subdirectory"],
                                    *options),
        "FetchContent": consume(result, "FetchContent", WAYS["FetchContent"],
                                f"-DFETCHCONTENT_SOURCE_DIR_FMEMP={ROOT}", *options)}
    for name, prefix in (("find_package", by_cmake), ("find_package of Meson", by_meson)):
        moved = prefix.with_name(prefix.name + "-moved")
        shutil.rmtree(moved, ignore_errors=True)
        prefix.rename(moved)  # a prefix may be moved
        seen[name] = consume(result, name, WAYS["find_package"], f"-DCMAKE_PREFIX_PATH={moved}")
    result.check(len(set(seen.values())) == 1, f"definitions of callers: {seen}")


def one_target_in_three_ways(result):
    prefixes = install_both(result)
    if prefixes:
        installs_are_alike(result, *prefixes)
        three_ways_give_one_target(result, *prefixes)
        versions_are_compared(result, BUILD / "cmake-step" / "by-cmake-moved")


# ---- versions, options, presets ----------------------------------------------------------

def versions_are_compared(result, prefix):
    """find_package takes the version itself and older ones of its series, and no other."""
    header = (ROOT / "include" / "tlsf.h").read_text()
    major, minor, patch = map(int, re.findall(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)",
                                              header))
    cases = {"": True, f"{major}.{minor}": True, f"{major}.{minor}.{patch} EXACT": True,
             f"{major}.{minor}.{patch + 1}": False, f"{major + 1}": False,
             f"{major}.{minor + 1}": False}
    script = "set(CMAKE_SIZEOF_VOID_P {0})\nset(PACKAGE_FIND_VERSION {1})\n" \
             "include({2}/lib/cmake/fmemp/fmempConfigVersion.cmake)\n" \
             "message(\"${{PACKAGE_VERSION_COMPATIBLE}} ${{PACKAGE_VERSION_UNSUITABLE}}\")\n"
    folder = cleared("versions")
    folder.mkdir(parents=True)
    for wanted, fits in cases.items():
        (folder / "ask.cmake").write_text(script.format(8, wanted.split(" ")[0] or '""', prefix))
        done = run("cmake", "-P", folder / "ask.cmake")
        result.check(done.ok and ("TRUE " in done.output) == fits, f"version '{wanted}'",
                     done.tail())
    (folder / "ask.cmake").write_text(script.format(2, '""', prefix))
    result.check("TRUE TRUE" in run("cmake", "-P", folder / "ask.cmake").output,
                 "a library for other pointers is unsuitable")


def wrong_options_are_refused(result):
    for words, named in ((["-DFMEMP_GRANULE=12"], "FMEMP_GRANULE"),
                         (["-DFMEMP_HARDENING=4"], "FMEMP_HARDENING"),
                         (["-DFMEMP_HARDENING=high"], "FMEMP_HARDENING"),
                         (["-DFMEMP_LOCK=semaphore"], "FMEMP_LOCK"),
                         (["-DFMEMP_BITS=nowhere"], "FMEMP_BITS")):
        done = run("cmake", "-G", "Ninja", "-S", CMAKE, "-B", cleared("refused"), *words)
        result.check(not done.ok and named in done.output, f"{words} is refused", done.tail())


def presets_build(result):
    presets = json.loads((CMAKE / "CMakePresets.json").read_text())
    names = [preset["name"] for preset in presets["configurePresets"] if not preset.get("hidden")]
    result.check(len(names) >= 3, "presets")
    for name in names:
        folder = cleared(f"preset-{name}")
        done = run("cmake", "-G", "Ninja", "--preset", name, "-B", folder, cwd=CMAKE)
        done = run("ninja", "-j1", "-C", folder, "fmemp") if done.ok else done
        result.check(done.ok and (folder / "libfmemp.a").exists(), f"preset {name}", done.tail())


def options_and_presets(result):
    wrong_options_are_refused(result)
    presets_build(result)
