# SPDX-License-Identifier: BSD-3-Clause
"""Packages of ecosystems, as tools/release lays them out: PlatformIO, Arduino, CMSIS-Pack,
RT-Thread, NuttX, Conan, vcpkg, Meson and Debian."""

import json
import os
import re
import shutil
import tempfile
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

from package_checks import (PROGRAM, configured, heap_cases, heap_includes, heap_serves, product,
                            released)
from packaging import options
from report import ROOT, run

CORTEX_M4 = "arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb"


# ---- PlatformIO ----------------------------------------------------------------------------

FIELDS = {"name", "version", "description", "keywords", "license", "homepage", "repository",
          "authors", "frameworks", "platforms", "headers", "build"}


def platformio_library_compiles(result):
    """As library.json says: each source of its filter, with its include folder and no flags."""
    with released(result, "platformio") as package:
        fields = json.loads((package / "library.json").read_text())
        result.check(set(fields) == FIELDS and fields["version"] == product.version() and
                     re.fullmatch(r"[a-z0-9-]{1,50}", fields["name"]) and
                     len(fields["description"]) <= 255 and fields["keywords"].islower(),
                     f"library.json: {fields}")
        build = fields["build"]
        sources = [path for part in re.findall(r"\+<(\S+)>", build["srcFilter"])
                   for path in (package / build["srcDir"]).glob(part)]
        result.check(len(sources) == len(product.sources("core", "fmemp")), "sources of the filter")
        include = f"-I{package / build['includeDir']}"
        for header in fields["headers"]:
            result.check((package / build["includeDir"] / header).is_file(), f"header {header}")
        work = package.parent
        (work / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=8))
        done = run("gcc", include, "program.c", *sources, "-o", "program", cwd=work)
        result.check(done.ok and run(work / "program").ok, "program with the library", done.tail())
        done = run(*CORTEX_M4.split(), include, "-c", *sources, cwd=work)
        result.check(done.ok, "the library for a Cortex-M4", done.tail())


# ---- Arduino -------------------------------------------------------------------------------

PROPERTIES = {"name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url",
              "architectures", "includes"}


def arduino_library_builds(result):
    """Its properties; and its sketch by arduino-builder, for an AVR, with the options file."""
    with released(result, "arduino") as package:
        lines = (package / "library.properties").read_text().splitlines()
        fields = dict(line.partition("=")[::2] for line in lines)
        result.check(set(fields) == PROPERTIES and all(fields.values()) and
                     fields["version"] == product.version(), f"library.properties: {fields}")
        words = (package / "keywords.txt").read_text().splitlines()
        result.check(words and all(re.fullmatch(r"\w+\t(KEYWORD[12]|LITERAL1)", line)
                                   for line in words), "keywords.txt")
        libraries, build = package.parent / "libraries", package.parent / "build"
        libraries.mkdir()
        build.mkdir()
        package = package.rename(libraries / "fmemp")
        options = package / "src" / "fmemp_options.h"
        options.write_text(options.read_text() + "#define TLSF_LAYOUT TLSF_WIDE\n")
        # Debian's core takes DECIMAL_DIG for granted, which its compiler's C++11 lacks.
        done = run("arduino-builder", "-compile",
                   "-prefs=compiler.cpp.extra_flags=-DDECIMAL_DIG=__DECIMAL_DIG__",
                   "-hardware", "/usr/share/arduino-builder",
                   "-hardware", "/usr/share/arduino/hardware", "-tools", "/usr/bin",
                   "-libraries", libraries, "-fqbn", "arduino:avr:mega:cpu=atmega2560",
                   "-build-path", build, package / "examples" / "Pool" / "Pool.ino")
        result.check(done.ok, "sketch by arduino-builder", done.tail())
        symbols = run("nm", build / "Pool.ino.elf").output
        result.check("FMempStartsAtFirstCall_wide_granule_8_" in symbols,
                     "sketch has the library, with its options", symbols[:2000])


# ---- CMSIS-Pack ----------------------------------------------------------------------------

def pack_has_what_it_lists(result):
    """The elements that the format requires; each file exists, in the folder and in the archive;
    each source is compiled with the folders of category include."""
    with released(result, "cmsis_pack") as package:
        root = xml.parse(package / "fmemp.fmemp.pdsc").getroot()
        for name in ("name", "vendor", "description", "url", "releases", "license"):
            result.check(root.find(name) is not None, f"pdsc has {name}")
        version = product.version()
        result.check(root.get("schemaVersion") and
                     root.find("releases/release").get("version") == version, "pdsc: version")
        conditions = {one.get("id") for one in root.iter("condition")}
        names = set()
        for component in root.iter("component"):
            result.check(component.get("Cclass") and component.get("Cgroup") and
                         component.get("Cversion") == version and
                         component.find("description") is not None and
                         component.get("condition") in conditions | {None},
                         f"component {component.get('Csub')}")
            names |= {(file.get("category"), file.get("name")) for file in component.iter("file")}
        for _, name in sorted(names):
            result.check((package / name).exists(), f"pdsc: {name}")
        sources = {name for category, name in names if category == "source"}
        result.check(sources == {*product.sources(), "ports/interrupts/fmemory_lock.c"},
                     "pdsc: sources")
        include = [f"-I{package / name}" for category, name in names if category == "include"]
        done = run(*CORTEX_M4.split(), "-DFMEMP_LOCK=1", *include, "-fsyntax-only",
                   *(package / name for name in sorted(sources)))
        result.check(done.ok, "sources of the pack", done.tail())
        with zipfile.ZipFile(package / f"fmemp.fmemp.{version}.pack") as archive:
            packed = set(archive.namelist())
        result.check("fmemp.fmemp.pdsc" in packed and sources <= packed and "LICENSE" in packed,
                     "the archive")


# ---- RT-Thread -----------------------------------------------------------------------------

BUILDING = """
from SCons.Script import *
VALUES = {values!r}
def GetCurrentDir(): return Dir('.').srcnode().abspath
def GetDepend(name): return VALUES.get(name) not in (None, 'n', '')
def GetConfigValue(name): return VALUES[name]
def DefineGroup(name, src, depend, **parameters):
    if not all(GetDepend(one) for one in depend):
        return []
    environment = Environment(**parameters)
    return environment.Object(src)
"""
CONSTRUCT = """
import sys
sys.path.insert(0, '{folder}')
objects = SConscript('{package}/SConscript')
Program('program', ['program.c'] + [one for one in objects],
        CPPPATH=['{package}/include'], CPPDEFINES=['TLSF_GRANULE=32'])
"""


def rtthread_package_builds(result):
    with released(result, "rt_thread") as package:
        fields = json.loads((package / "index" / "package.json").read_text())
        result.check({"name", "description", "enable", "category", "author", "license",
                      "repository", "site"} <= set(fields) and
                     {"name", "email"} <= set(fields["author"]) and
                     fields["enable"] == "PKG_USING_FMEMP" and
                     fields["site"][0]["version"] == f"v{product.version()}" and
                     fields["site"][0]["filename"], f"package.json: {fields}")
        values, _ = configured("rt_thread", GRANULE_32="y", LOCK="n")
        folder = package.parent
        (folder / "building.py").write_text(BUILDING.format(values=values))
        (folder / "SConstruct").write_text(CONSTRUCT.format(folder=folder, package=package))
        (folder / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=32))
        done = run("scons", "-Q", cwd=folder)
        result.check(done.ok and run(folder / "program").ok, "model of RT-Thread", done.tail())
        built = {path.stem for path in package.rglob("*.o")}
        result.check(built == {Path(name).stem for name in product.sources("core", "fmemp")},
                     f"sources of the SConscript: {built}")
        rtthread_heap_serves(result, package, folder)


HEAP_CONSTRUCT = """
import sys
sys.path.insert(0, '{folder}')
objects = SConscript('{package}/SConscript', exports=[])
Program('heap', {sources} + [one for one in objects], CPPPATH={includes} + ['{package}/include'],
        LIBS=['cmocka'])
"""


def rtthread_heap_serves(result, package, folder):
    """rt_malloc, which the package adds where the kernel leaves it to the user."""
    values, _ = configured("rt_thread", kernel=["RT_USING_USERHEAP"], LOCK="n")
    includes = [str(path) for path in heap_includes("rt_thread")]
    building = BUILDING.format(values=values).replace(
        "Environment(**parameters)", f"Environment(**parameters)\n"
        f"    environment.Append(CPPPATH={includes!r})")
    (folder / "building.py").write_text(building)
    sources = [str(path) for path in heap_cases("rt_thread")]
    (folder / "SConstruct").write_text(HEAP_CONSTRUCT.format(
        folder=folder, package=package, includes=includes, sources=sources))
    done = run("scons", "-Q", cwd=folder)
    if result.check(done.ok, "model of RT-Thread with rt_malloc", done.tail()):
        heap_serves(result, "RT-Thread", folder / "heap")


# ---- NuttX ---------------------------------------------------------------------------------

APPLICATION = """
OBJECTS = $(CSRCS:.c=.o)
all: $(OBJECTS)
\tar rcs libfmemp.a $(OBJECTS)
clean:
\trm -f $(OBJECTS) libfmemp.a
"""


def nuttx_makefile_builds(result):
    with released(result, "nuttx") as package:
        values, _ = configured("nuttx", GRANULE_16="y", LOCK="n", STATISTICS="n")
        apps = package.parent / "apps"
        apps.mkdir()
        lines = [f"CONFIG_{name}={value}" for name, value in values.items() if value != "n"]
        (apps / "Make.defs").write_text("\n".join(lines) + "\n")
        (apps / "Application.mk").write_text(APPLICATION)
        done = run("make", "-C", package, f"APPDIR={apps}", "all")
        if result.check(done.ok, "model of NuttX", done.tail()):
            result.check("-DTLSF_STATISTICS=0" in done.output and "-DTLSF_HARDENING=1" in
                         done.output, "options of the Makefile", done.tail())
            (apps / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=16))
            done = run("gcc", "-DTLSF_GRANULE=16", f"-I{package}/include", "program.c",
                       package / "libfmemp.a", "-o", "program", cwd=apps)
            result.check(done.ok and run(apps / "program").ok, "program of NuttX", done.tail())
        nuttx_heap_serves(result, package, apps)
        (apps / "apps.mk").write_text(f"include {package}/Make.defs\n"
                                      "all:\n\t@echo applications $(CONFIGURED_APPS)\n")
        for words, named in ((["CONFIG_SYSTEM_FMEMP=y"], True), ([], False)):
            done = run("make", "-f", apps / "apps.mk", "APPDIR=here", *words)
            result.check(done.ok and ("here/system/fmemp" in done.output) == named,
                         f"Make.defs with {words}", done.tail())


def nuttx_heap_serves(result, package, apps):
    """mm_malloc, which the package adds where the kernel leaves it to the user."""
    values, _ = configured("nuttx", kernel=["MM_CUSTOMIZE_MANAGER"], LOCK="n")
    includes = [f"-I{path}" for path in heap_includes("nuttx")]
    lines = [f"CONFIG_{name}={value}" for name, value in values.items() if value != "n"]
    (apps / "Make.defs").write_text("\n".join([*lines, f"CFLAGS += {' '.join(includes)}", ""]))
    run("make", "-C", package, f"APPDIR={apps}", "clean")
    done = run("make", "-C", package, f"APPDIR={apps}", "all")
    if result.check(done.ok, "model of NuttX with mm_malloc", done.tail()):
        done = run("gcc", *includes, f"-I{package}/include", *heap_cases("nuttx"),
                   package / "libfmemp.a", "-lcmocka", "-o", apps / "heap")
        if result.check(done.ok, "cases on the package of NuttX", done.tail()):
            heap_serves(result, "NuttX", apps / "heap")


# ---- Conan, vcpkg --------------------------------------------------------------------------

CONAN = {
    "conan/__init__.py": """
class ConanFile:
    pass
""",
    "conan/tools/__init__.py": "",
    "conan/tools/files.py": """
import shutil, pathlib
def load(recipe, path):
    return pathlib.Path(path).read_text()
def copy(recipe, pattern, source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    for path in source.glob(pattern):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(path, place, dirs_exist_ok=True) if path.is_dir() else \\
            shutil.copy(path, place)
""",
    "conan/tools/build.py": "def can_run(recipe): return True\n",
    "conan/tools/cmake.py": """
import subprocess, pathlib
def cmake_layout(recipe):
    recipe.source_folder = recipe.export_sources_folder
    recipe.build_folder = recipe.export_sources_folder + '/build'
class CMakeToolchain:
    def __init__(self, recipe):
        self.recipe, self.cache_variables = recipe, {}
    def generate(self):
        self.recipe.cached = self.cache_variables
class CMake:
    def __init__(self, recipe):
        self.recipe = recipe
    def configure(self, build_script_folder=''):
        recipe = self.recipe
        subprocess.run(['cmake', '-G', 'Ninja', '-S', recipe.source_folder + '/' +
                        build_script_folder, '-B', recipe.build_folder,
                        '-DCMAKE_INSTALL_LIBDIR=lib',
                        *[f'-D{k}={v}' for k, v in recipe.cached.items()]], check=True)
    def build(self):
        subprocess.run(['ninja', '-j1', '-C', self.recipe.build_folder], check=True)
    def install(self):
        subprocess.run(['cmake', '--install', self.recipe.build_folder, '--prefix',
                        self.recipe.package_folder], check=True)
""",
    "drive.py": """
import importlib.util, json, sys, types
spec = importlib.util.spec_from_file_location('recipe', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
recipe = module.FmempConan()
recipe.recipe_folder, work = sys.argv[2], sys.argv[3]
recipe.export_sources_folder, recipe.package_folder = work + '/exported', work + '/package'
recipe.options = types.SimpleNamespace(**recipe.default_options)
recipe.options.granule = 16
recipe.cpp_info = types.SimpleNamespace(set_property=lambda name, value: None)
recipe.set_version()
recipe.export_sources()
recipe.layout()
recipe.generate()
recipe.build()
recipe.package()
recipe.package_info()
print('version', recipe.version, 'libs', *recipe.cpp_info.libs)
print('OPTIONS', json.dumps([module.FmempConan.options, recipe.default_options]))
"""}


def conan_recipe_builds(result):
    """The recipe, driven by a stand-in for Conan; then test_package on what it packaged."""
    recipe = ROOT / "integrations" / "conan"
    with tempfile.TemporaryDirectory() as folder:
        for name, text in CONAN.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = run("/usr/bin/python3", "-B", f"{folder}/drive.py", recipe / "conanfile.py", recipe,
                   folder, env={"PYTHONPATH": folder})
        result.check(done.ok and f"version {product.version()} " in done.output, "recipe",
                     done.tail())
        result.check(Path(folder, "package", "licenses", "LICENSE").is_file(), "licence")
        conan_has_the_options(result, done)
        consumer = run("cmake", "-G", "Ninja", "-S", recipe / "test_package", "-B",
                       f"{folder}/test", f"-DCMAKE_PREFIX_PATH={folder}/package")
        consumer = run("ninja", "-C", f"{folder}/test") if consumer.ok else consumer
        result.check(consumer.ok and run(f"{folder}/test/program").ok, "test_package",
                     consumer.tail())
        symbols = run("nm", f"{folder}/test/program").output
        result.check("granule_16" in symbols, "options of the recipe", symbols[:500])
        done = run("/usr/bin/python3", "-B", "-c", "import ast, sys; ast.parse(open(sys.argv[1])"
                   ".read())", recipe / "test_package" / "conanfile.py")
        result.check(done.ok, "test_package/conanfile.py", done.tail())


def conan_has_the_options(result, done):
    """The recipe's options have the values and the defaults of meson_options.txt."""
    values, defaults = json.loads(re.search("OPTIONS (.*)", done.output)[1])
    known = {option.name: option for option in options.options()}
    for name, some in values.items():
        option = known[name]
        result.check(str(defaults[name]) == option.default and
                     (tuple(map(str, some)) == option.values or some == ["ANY"]),
                     f"option {name} of the recipe: {some}, {defaults[name]}")


VCPKG = """
set(CURRENT_PACKAGES_DIR {folder}/package)
function(vcpkg_check_linkage)
endfunction()
function(vcpkg_cmake_configure)
  cmake_parse_arguments(A "" "SOURCE_PATH" "OPTIONS" ${{ARGN}})
  execute_process(COMMAND cmake -G Ninja -S ${{A_SOURCE_PATH}} -B {folder}/build ${{A_OPTIONS}}
                  -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX=${{CURRENT_PACKAGES_DIR}}
                  COMMAND_ERROR_IS_FATAL ANY)
endfunction()
function(vcpkg_cmake_install)
  execute_process(COMMAND ninja -j1 -C {folder}/build install COMMAND_ERROR_IS_FATAL ANY)
endfunction()
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(A "" "PACKAGE_NAME;CONFIG_PATH" "" ${{ARGN}})
  file(COPY ${{CURRENT_PACKAGES_DIR}}/${{A_CONFIG_PATH}}/
       DESTINATION ${{CURRENT_PACKAGES_DIR}}/share/${{A_PACKAGE_NAME}})
endfunction()
function(vcpkg_fixup_pkgconfig)
endfunction()
function(vcpkg_install_copyright)
  cmake_parse_arguments(A "" "" "FILE_LIST" ${{ARGN}})
  file(COPY ${{A_FILE_LIST}} DESTINATION ${{CURRENT_PACKAGES_DIR}}/share/fmemp)
endfunction()
include({port}/portfile.cmake)
"""


def vcpkg_port_installs(result):
    port = ROOT / "integrations" / "vcpkg"
    fields = json.loads((port / "vcpkg.json").read_text())
    result.check({"name", "version-semver", "description", "license", "dependencies"} <=
                 set(fields) and all(one["host"] is True for one in fields["dependencies"]),
                 f"vcpkg.json: {fields}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "port.cmake").write_text(VCPKG.format(folder=folder, port=port))
        done = run("cmake", "-P", f"{folder}/port.cmake")
        found = {str(path.relative_to(folder)) for path in Path(folder, "package").rglob("*")}
        result.check(not any(name.endswith(".so") for name in found), "a static library alone")
        result.check(done.ok and {"package/share/fmemp/fmempConfig.cmake",
                                  "package/share/fmemp/LICENSE", "package/lib/libfmemp.a"} <= found,
                     "port", done.tail())


# ---- Meson wrap ----------------------------------------------------------------------------

PARENT = """
project('parent', 'c')
fmemp = dependency('fmemp', default_options: ['granule=32'])
test('program', executable('program', 'program.c', dependencies: fmemp))
"""


def wrap_gives_the_library(result):
    """A project that has the wrap and the archive, and nothing else."""
    with released(result, "meson") as package:
        parent = package.parent / "parent"
        parent.mkdir()
        (parent / "meson.build").write_text(PARENT)
        (parent / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=32))
        shutil.copytree(package, parent / "subprojects")
        done = run("meson", "setup", "--wrap-mode=forcefallback", "build", cwd=parent)
        done = run("meson", "test", "-C", "build", cwd=parent) if done.ok else done
        result.check(done.ok, "project with the wrap", done.tail())
        wrap = package / "fmemp.wrap"
        result.check(f"fmemp-{product.version()}.tar.gz" in wrap.read_text(), "wrap: version")


# ---- Debian --------------------------------------------------------------------------------

def debian_package_builds(result):
    """dpkg-buildpackage, lintian without errors and warnings, and a program with its files."""
    with released(result, "debian") as package:
        tree = next(package.glob("fmemp-*"))
        done = run("dpkg-buildpackage", "-us", "-uc", "-b", cwd=tree,
                   env={"DEB_BUILD_OPTIONS": "parallel=1"})
        packages = list(package.glob("libfmemp-dev_*.deb"))
        if not result.check(done.ok and len(packages) == 1, "dpkg-buildpackage", done.tail()):
            return
        done = run("lintian", "--allow-root", "--fail-on", "error,warning", "--suppress-tags",
                   "initial-upload-closes-no-bugs,bogus-mail-host", *packages)
        result.check(done.ok, "lintian", done.tail())
        place = package / "unpacked"
        run("dpkg-deb", "-x", packages[0], place)
        library = next(place.rglob("libfmemp.a"), None)
        result.check(library is not None, "library of the package")
        if library:
            (package / "program.c").write_text(PROGRAM.format(header="fmemory_pool.h", granule=8))
            flags = run("pkg-config", "--cflags", "--libs", "fmemp", env={
                "PKG_CONFIG_PATH": str(library.parent / "pkgconfig"),
                "PKG_CONFIG_SYSROOT_DIR": str(place)}).output.partition("\n")[2].split()
            done = run("gcc", "program.c", *flags, "-o", "program", cwd=package)
            result.check(done.ok and run(package / "program").ok, "program with the package",
                         done.tail())
        result.check(os.access(tree / "debian" / "tests" / "program", os.X_OK), "autopkgtest")
