# SPDX-License-Identifier: BSD-3-Clause
"""Packages of ecosystems, as tools/release lays them out: manifests, Kconfig, Zephyr and ESP-IDF.
Where an ecosystem's own tool is no package of Debian, a stand-in for the functions that a manifest
calls takes its place."""

import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from report import ROOT, run

sys.path.insert(0, str(ROOT / "tools"))

from packaging import manifests, product  # noqa: E402

HOME = "https://example.org/fmemp"
PROGRAM = """
#include "{header}"
static unsigned char region[16384];
static FMemp memp;
int main(void) {{
    if (FMempInit(&memp, region, region + sizeof region) != FMEMP_SUCCESS) return 1;
    void *block = FMempMalloc(&memp, 100);
    FMempFree(&memp, block);
    return block != NULL && TLSF_GRANULE == {granule} ? 0 : 2;
}}
"""

@contextmanager
def released(result, ecosystem, *options):
    """The folder of a package, made by the command."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "fmemp"
        done = run(ROOT / "tools" / "release", "--home", HOME, "--changed", *options, ecosystem,
                   package)
        if not done.ok:
            raise RuntimeError(done.tail())
        left = run("grep", "-rlI", "--exclude-dir=integrations", "--exclude-dir=t*s",
                   "fmemp.invalid", package).output.partition("\n")[2]
        result.check(not left, f"{ecosystem}: files without the home: {left}")
        yield package


# ---- manifests -----------------------------------------------------------------------------

LISTS = {"meson.build", "integrations/cmake/sources.cmake", "integrations/zephyr/CMakeLists.txt",
         "integrations/cmsis_pack/fmemp.fmemp.pdsc", "integrations/rt_thread/SConscript",
         "integrations/nuttx/Makefile"}
OPTIONS = {"integrations/cmake/options.cmake", "integrations/zephyr/Kconfig",
           "integrations/zephyr/CMakeLists.txt", "integrations/esp_idf/Kconfig",
           "integrations/esp_idf/CMakeLists.txt", "integrations/rt_thread/Kconfig",
           "integrations/rt_thread/SConscript", "integrations/nuttx/Kconfig",
           "integrations/nuttx/Makefile"}


@contextmanager
def changed_tree(change):
    """A copy of the tree with a change in it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("arch", "include", "lib", "ports", "integrations", "tools"):
            shutil.copytree(ROOT / name, Path(folder) / name,
                            ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("meson.build", "meson_options.txt", "LICENSE", "CHANGELOG.md"):
            shutil.copy(ROOT / name, folder)
        change(Path(folder))
        yield Path(folder)


def replace(path, old, new):
    text = path.read_text()
    if old not in text:
        raise LookupError(f"{path}: no {old}")
    path.write_text(text.replace(old, new))


def manifests_follow_the_tree(result):
    """tools/manifests check passes here. A source, a header, an option or a version more fails for
    each manifest that has a list of them, and update mends it."""
    done = run(ROOT / "tools" / "manifests", "check")
    result.check(done.ok, "manifests are current", done.tail())
    patch = re.search(r"#define TLSF_VERSION_PATCH \d+", (ROOT / "include/tlsf.h").read_text())[0]
    changes = {
        "a source": (LISTS, lambda tree: (tree / "lib/core/more.c").write_text("\n")),
        "a header": ({"meson.build", "integrations/cmake/sources.cmake"},
                     lambda tree: (tree / "include/more.h").write_text("\n")),
        "a version": (set(manifests.VERSIONS),
                      lambda tree: replace(tree / "include/tlsf.h", patch, patch + "7")),
        "an option": (OPTIONS, lambda tree: replace(
            tree / "meson_options.txt", "option('pending'", "option('more', type: 'boolean', "
            "value: true,\n       description: 'more')\noption('pending'"))}
    for name, (wanted, change) in changes.items():
        with changed_tree(change) as tree:
            done = run(tree / "tools" / "manifests", "check")
            failed = set(re.findall(r"^FAILED (\S+):", done.output, re.MULTILINE))
            result.check(not done.ok and failed == wanted, f"{name} more: {failed ^ wanted}",
                         done.tail())
            run(tree / "tools" / "manifests", "update")
            result.check(run(tree / "tools" / "manifests", "check").ok, f"{name} more: update")
    two_files_follow(result)


def two_files_follow(result):
    """ESP-IDF and Arduino have the library in two files, PlatformIO has folders."""
    with changed_tree(lambda tree: (tree / "lib/core/more.c").write_text("int more;\n")) as tree:
        for name, place in (("esp_idf", "fmemp.c"), ("arduino", "src/fmemp.c"),
                            ("platformio", "lib/core/more.c")):
            run(tree / "tools" / "manifests", "update")
            done = run(tree / "tools" / "release", name, tree / name)
            result.check(done.ok and "int more;" in (tree / name / place).read_text(),
                         f"{name} has a file more", done.tail())


def release_refuses(result):
    """A folder that is not empty, an ecosystem that is none, and manifests that are old."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "kept").write_text("")
        for words, named in ((["zephyr", folder], "not empty"), (["nothing", folder], "nothing")):
            done = run(ROOT / "tools" / "release", *words)
            result.check(not done.ok and named in done.output and "Traceback" not in done.output,
                         f"release {words}", done.tail())
        result.check(list(Path(folder).iterdir()) == [Path(folder, "kept")], "nothing is lost")
    with changed_tree(lambda tree: (tree / "lib/core/more.c").write_text("\n")) as tree:
        done = run(tree / "tools" / "release", "zephyr", tree / "out")
        result.check(not done.ok and "tools/manifests update" in done.output, "old manifests",
                     done.tail())


def manifests_and_release(result):
    manifests_follow_the_tree(result)
    release_refuses(result)


# ---- Kconfig -------------------------------------------------------------------------------

KCONFIGS = {"zephyr": "FMEMP", "esp_idf": "FMEMP", "rt_thread": "PKG_FMEMP",
            "nuttx": "SYSTEM_FMEMP"}
SWITCHES = {"zephyr": "FMEMP", "rt_thread": "PKG_USING_FMEMP", "nuttx": "SYSTEM_FMEMP"}


def configured(ecosystem, kernel=(), **chosen):
    """The values of Kconfig's symbols after a choice, as a .config has them: {symbol: value}.
    kernel: symbols of the kernel that are set."""
    import kconfiglib
    with tempfile.NamedTemporaryFile("w", suffix="Kconfig") as file:
        file.write("".join(f"config {symbol}\n\tdef_bool y\n" for symbol in kernel))
        file.write(f'source "{ROOT / "integrations" / ecosystem / "Kconfig"}"\n')
        file.flush()
        config = kconfiglib.Kconfig(file.name, warn=True, warn_to_stderr=False)
    prefix = KCONFIGS[ecosystem]
    if ecosystem in SWITCHES:
        config.syms[SWITCHES[ecosystem]].set_value("y")
    for name, value in chosen.items():
        config.syms[f"{prefix}_{name}"].set_value(value)
    values = {symbol.name: symbol.str_value for symbol in config.unique_defined_syms
              if symbol.config_string}
    return values, config.warnings


def kconfig_has_the_options(result):
    """Each symbol has the default of its option, and takes its other values, none beyond."""
    asked = manifests.asked(ROOT)
    result.check(len(asked) >= 10, "options that a firmware is asked for")
    for ecosystem, prefix in KCONFIGS.items():
        values, warnings = configured(ecosystem)
        result.check(not warnings, f"{ecosystem}: {warnings}")
        for option in asked:
            symbol = f"{prefix}_{option.name.upper()}"
            default = {"true": "y", "false": "n"}.get(option.default, option.default)
            found = values.get(symbol) or next(value for value in option.values if
                                               values.get(f"{symbol}_{value.upper()}") == "y")
            result.check(found == default, f"{ecosystem} {symbol}: {found}, not {default}")
        values, _ = configured(ecosystem, GRANULE_32="y", HARDENING="3", PENDING="n")
        result.check((values[f"{prefix}_GRANULE"], values[f"{prefix}_HARDENING"],
                      values[f"{prefix}_PENDING"]) == ("32", "3", "n"), f"{ecosystem}: choice")
        values, _ = configured(ecosystem, PRESET_BOUND="y")
        result.check(values[f"{prefix}_PENDING"] == "n", f"{ecosystem}: a preset gives defaults")
        values, _ = configured(ecosystem, PRESET_BOUND="y", PENDING="y")
        result.check(values[f"{prefix}_PENDING"] == "y", f"{ecosystem}: an option beats a preset")
        values, _ = configured(ecosystem, HARDENING="4")
        result.check(values[f"{prefix}_HARDENING"] != "4", f"{ecosystem}: beyond the range")


# ---- heaps of kernels, as their packages build them ------------------------------------------

RTOS = ROOT / "tests" / "rtos"


def heap_includes(system):
    """Where the model of a kernel and the cases for its heap find their headers."""
    return [RTOS / system, RTOS, ROOT / "tests"]


def heap_cases(system):
    """The sources of these cases, and of the model."""
    return [*sorted((RTOS / system).glob("*.c")), *sorted((RTOS / "common").glob("*.c"))]


def heap_serves(result, system, program):
    """The cases pass on the heap that the package has built into this program."""
    done = run("timeout", "20", program)
    cases = re.search(r"PASSED  \] (\d+) test", done.output)
    result.check(done.ok and cases and int(cases[1]) > 5, f"heap in the package of {system}",
                 done.tail())


# ---- Zephyr, ESP-IDF: CMake with stand-ins ---------------------------------------------------

ZEPHYR = """
cmake_minimum_required(VERSION 3.20)
project(model C)
{config}
set(ZEPHYR_CURRENT_MODULE_DIR {package})
macro(zephyr_library)
  add_library(fmemp_of_zephyr STATIC)
endmacro()
macro(zephyr_library_sources)
  target_sources(fmemp_of_zephyr PRIVATE ${{ARGN}})
endmacro()
macro(zephyr_library_sources_ifdef condition)
  if(${{condition}})
    target_sources(fmemp_of_zephyr PRIVATE ${{ARGN}})
  endif()
endmacro()
macro(zephyr_include_directories)
  target_include_directories(fmemp_of_zephyr PUBLIC ${{ARGN}})
endmacro()
macro(zephyr_compile_definitions)
  target_compile_definitions(fmemp_of_zephyr PUBLIC ${{ARGN}})
endmacro()
{more}
include({package}/zephyr/CMakeLists.txt)
add_executable(program {sources})
target_link_libraries(program fmemp_of_zephyr {libraries})
"""
IDF = """
cmake_minimum_required(VERSION 3.20)
project(model C)
{config}
set(COMPONENT_LIB __idf_fmemp)
function(idf_component_register)
  cmake_parse_arguments(C "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS;REQUIRES" ${{ARGN}})
  if(C_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown: ${{C_UNPARSED_ARGUMENTS}}")
  endif()
  list(TRANSFORM C_SRCS PREPEND {package}/)
  list(TRANSFORM C_INCLUDE_DIRS PREPEND {package}/)
  list(TRANSFORM C_PRIV_INCLUDE_DIRS PREPEND {package}/)
  add_library(__idf_fmemp STATIC ${{C_SRCS}})
  target_include_directories(__idf_fmemp PUBLIC ${{C_INCLUDE_DIRS}} PRIVATE
                             ${{C_PRIV_INCLUDE_DIRS}} ${{CMAKE_SOURCE_DIR}}/kernel)
endfunction()
include({package}/CMakeLists.txt)
add_executable(program program.c idf_heap.c)
target_link_libraries(program __idf_fmemp)
"""
# ESP-IDF's own heap: other signatures, and no return.
IDF_NAMES = ("tlsf_create", "tlsf_create_with_pool", "tlsf_get_pool", "tlsf_add_pool",
             "tlsf_remove_pool", "tlsf_malloc", "tlsf_memalign", "tlsf_memalign_offs",
             "tlsf_realloc", "tlsf_free", "tlsf_block_size", "tlsf_size", "tlsf_align_size",
             "tlsf_block_size_min", "tlsf_block_size_max", "tlsf_pool_overhead",
             "tlsf_alloc_overhead", "tlsf_walk_pool", "tlsf_check", "tlsf_check_pool",
             "tlsf_fit_size", "tlsf_find_containing_block")
IDF_HEAP = "".join(f"void {name}(void);\nvoid {name}(void) {{ __builtin_trap(); }}\n"
                   for name in IDF_NAMES)


def build_model(result, name, folder, text, package, values, target="program", **more):
    """Configures and builds a project that stands in for an ecosystem."""
    config = "\n".join(f"set(CONFIG_{symbol} {value})" for symbol, value in values.items()
                       if value != "n" and value)
    (folder / "CMakeLists.txt").write_text(text.format(config=config, package=package, **more))
    done = run("cmake", "-G", "Ninja", "-S", folder, "-B", folder / "build")
    done = run("ninja", "-j1", "-C", folder / "build", target) if done.ok else done
    return result.check(done.ok, f"model of {name}", done.tail())


def module_is_valid(result, package):
    import yaml
    module = yaml.safe_load((package / "zephyr" / "module.yml").read_text())
    known = {"name", "build", "tests", "samples", "boards", "blobs", "security",
             "package-managers", "runners"}
    build = {"cmake", "kconfig", "cmake-ext", "kconfig-ext", "depends", "settings"}
    result.check(set(module) <= known and set(module["build"]) <= build and
                 module["name"] == "fmemp", f"module.yml: {module}")
    result.check((package / module["build"]["cmake"] / "CMakeLists.txt").is_file() and
                 (package / module["build"]["kconfig"]).is_file(), "files of module.yml")


def zephyr_module_builds(result):
    with released(result, "zephyr") as package:
        module_is_valid(result, package)
        values, _ = configured("zephyr", GRANULE_32="y", BLOCK_LAYOUT_WIDE="y", LOCK="n",
                               SL_BITS="5")
        folder = package.parent
        (folder / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=32))
        if build_model(result, "Zephyr", folder, ZEPHYR, package, values, sources="program.c",
                       libraries="", more=""):
            done = run(folder / "build" / "program")
            names = run("nm", folder / "build" / "program").output
            result.check(done.ok and "wide_granule_32_sl_bits_5" in names, "program of Zephyr",
                         done.tail())
        zephyr_heap_serves(result, package, folder)


def zephyr_heap_serves(result, package, folder):
    """k_malloc, which the module adds where Kconfig gives it memory."""
    values, _ = configured("zephyr", K_MALLOC_SIZE="8192", LOCK="n")
    includes = " ".join(map(str, heap_includes("zephyr")))
    more = (f"include_directories({includes})\nadd_compile_definitions("
            f"CONFIG_FMEMP_K_MALLOC_SIZE={values['FMEMP_K_MALLOC_SIZE']})")
    if build_model(result, "Zephyr with k_malloc", folder, ZEPHYR, package, values, more=more,
                   sources=" ".join(map(str, heap_cases("zephyr"))), libraries="cmocka"):
        heap_serves(result, "Zephyr", folder / "build" / "program")


def idf_fields_are_valid(result, package):
    import yaml
    fields = yaml.safe_load((package / "idf_component.yml").read_text())
    known = {"version", "description", "license", "maintainers", "targets", "tags", "url",
             "repository", "repository_info", "documentation", "issues", "discussion", "examples",
             "files", "dependencies"}
    result.check(set(fields) <= known and fields["version"] == product.version(),
                 f"idf_component.yml: {fields}")
    result.check(all(re.fullmatch(r"[A-Za-z0-9_-]{3,32}", tag) for tag in fields["tags"]) and
                 len(set(fields["tags"])) == len(fields["tags"]), "tags")
    result.check(all((package / name).is_file() for name in ("LICENSE", "README.md",
                                                             "CHANGELOG.md")), "files for upload")


def idf_component_builds(result):
    """Beside a heap that owns ESP-IDF's names, and with the lock on a model of the kernel."""
    with released(result, "esp_idf") as package:
        idf_fields_are_valid(result, package)
        folder = package.parent
        (folder / "program.c").write_text(PROGRAM.format(header="fmemp.h", granule=16))
        (folder / "idf_heap.c").write_text(IDF_HEAP)
        shutil.copytree(ROOT / "tests" / "fmemp" / "mock_freertos", folder / "kernel" / "freertos")
        values, _ = configured("esp_idf", GRANULE_16="y", LOCK="n")
        if build_model(result, "ESP-IDF", folder, IDF, package, values):
            done = run(folder / "build" / "program")
            result.check(done.ok, "program of ESP-IDF", done.tail())
            listing = run("nm", "-g", folder / "build" / "lib__idf_fmemp.a").output
            public = set(re.findall(r"^[0-9a-f]+ [A-Z] (\w+)$", listing, re.MULTILINE))
            result.check(len(public) > 40 and all(name.startswith("fmemp_") for name in public),
                         f"names without the prefix: {[*public - set(IDF_NAMES)][:3]}", listing)
        values, _ = configured("esp_idf")
        build_model(result, "ESP-IDF with lock", folder, IDF, package, values, "__idf_fmemp")
