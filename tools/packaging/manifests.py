# SPDX-License-Identifier: BSD-3-Clause
"""What manifests say about the product is written by this module, between two markers:

    # generated: cmake_list FMEMP_SOURCES core fmemp
    ...
    # end of generated

The words behind "generated:" are a function below and its arguments. A file that has no comments
has its version alone, in a place of VERSIONS."""

import re

from . import options, product

BEGIN = re.compile(r"^(?P<indent> *)(?P<open>#|<!--) generated: (?P<words>.*?)(?: -->)?$")
END = re.compile(r"^ *(#|<!--) end of generated( -->)?$")
FOLDERS = ("integrations", "meson.build")
VERSIONS = {
    "integrations/platformio/library.json": r'"version": "([^"]*)"',
    "integrations/vcpkg/vcpkg.json": r'"version-semver": "([^"]*)"',
    "integrations/rt_thread/package.json": r'"version": "v([^"]*)"',
    "integrations/arduino/library.properties": r"^version=(.*)$",
    "integrations/esp_idf/idf_component.yml": r'^version: "([^"]*)"$',
    "integrations/cmsis_pack/fmemp.fmemp.pdsc": r'(?:<release version|Cversion)="([^"]*)"',
    "integrations/debian/changelog": r"^fmemp \((.*)-1\)",
    "integrations/rust/Cargo.toml": r'^name = "fmemp"\nversion = "([^"]*)"',
    "integrations/rust/Cargo.lock": r'^name = "fmemp"\nversion = "([^"]*)"'}
# Options that a firmware's configuration asks for; the lock is its kernel's.
NOT_ASKED = ("memory_checker", "trace", "host_malloc", "bits", "symbol_prefix", "lock",
             "lock_basepri", "typed_handles", "malloc_align_zeroes")
PRESET_DEFAULT = re.compile(r"^#if TLSF_PRESET == TLSF_PRESET_(\w+) && !defined\((\w+)\)\n"
                            r"#define \2 (\w+)$", re.MULTILINE)
ASKS_FOR_PRESET = re.compile(r"^ *# *(?:el)?if.*\bTLSF_PRESET == ", re.MULTILINE)


class ManifestError(Exception):
    """A manifest cannot be written."""


# ---- lists of files ------------------------------------------------------------------------

def wrapped(head, words, tail, separator=" ", width=98):
    """Words in lines, those behind the first below the end of the head."""
    lines, line = [], head
    for number, word in enumerate(words):
        piece = word + (separator.rstrip() if number + 1 < len(words) else tail)
        if len(line) + len(piece) > width and line.strip():
            lines.append(line.rstrip())
            line = " " * len(head)
        line += piece + " "
    return [*lines, line.rstrip()]


def files_of(words, root):
    """What "core", "bounded", "headers" or "host_malloc" stands for."""
    if words == ["host_malloc"]:
        return sorted(str(path.relative_to(root)) for path in
                      (root / "integrations" / "host_malloc").glob("*.c"))
    return product.headers(root) if words == ["headers"] else product.sources(*words, root=root)


def cmake_list(root, name, *words):
    return [f"set({name}", *(f"    {path}" for path in files_of(list(words), root)), ")"]


def meson_files(root, name, part):
    return wrapped(f"{name} = files(", [f"'{path}'" for path in files_of([part], root)], ")", ", ")


def meson_headers(root):
    names = {"fmemp": [name for name in product.headers(root) if "/" not in name],
             "fmemp/standalone": [name for name in product.headers(root) if "/" in name]}
    return [line for folder, some in names.items()
            for line in wrapped("install_headers(", [*(f"'include/{name}'" for name in some),
                                                     f"subdir: '{folder}'"], ")", ", ")]


def make_list(root, name, *parts):
    return [f"{name} += {path.rpartition('/')[2]}" for path in files_of(list(parts), root)]


def python_list(root, name, *parts):
    return [f"{name} = [", *(f"    '{path}'," for path in files_of(list(parts), root)), "]"]


def pack_files(root, part):
    return [f'<file category="source" name="{path}"/>' for path in files_of([part], root)]


def pack_headers(root):
    return [f'<file category="header" name="include/{name}"/>' for name in product.headers(root)]


# ---- options -------------------------------------------------------------------------------

def cmake_options(root):
    lines, booleans = [], []
    for option in options.options(root):
        kind, default = "STRING", option.default
        if option.kind == "boolean":
            kind, default = "BOOL", {"true": "ON", "false": "OFF"}[option.default]
            booleans.append(option.variable)
        lines.append(f'set({option.variable} "{default}" CACHE {kind}')
        lines += [f'    "{line}' for line in [option.text.replace('"', "'") + '")']]
        if option.kind in ("combo", "feature"):
            lines.append(f"fmemp_one_of({option.variable} {' '.join(option.values)})")
        elif option.values:
            lines.append(f"fmemp_number({option.variable} {option.values[0]} {option.values[-1]})")
    return [*split(lines), "set(FMEMP_BOOLEANS", *(f"    {name}" for name in booleans), ")"]


def split(lines, width=98):
    """Breaks long strings of CMake: a backslash at the end of a line continues them."""
    for line in lines:
        while len(line) > width:
            place = line.rfind(" ", 0, width) + 1
            yield line[:place] + "\\"
            line = line[place:]
        yield line


def asked(root):
    return [option for option in options.options(root) if option.name not in NOT_ASKED]


def kconfig(root, prefix):
    """Symbols PREFIX_GRANULE and so on."""
    lines = []
    for option in asked(root):
        symbol = f"{prefix}_{option.name.upper()}"
        title = option.name.replace("_", " ")
        if option.kind == "boolean":
            lines += [f"config {symbol}", f'\tbool "{title}"',
                      *preset_defaults(root, prefix, option),
                      f"\tdefault {'y' if option.default == 'true' else 'n'}"]
        elif option.kind == "integer":
            lines += [f"config {symbol}", f'\tint "{title}"',
                      *preset_defaults(root, prefix, option),
                      f"\tdefault {option.default}",
                      f"\trange {option.values[0]} {option.values[-1]}"]
        else:
            lines += kconfig_choice(symbol, title, option)
            continue
        lines += [*kconfig_help(option.text), ""]
    return lines[:-1]


def preset_defaults(root, prefix, option):
    """The defaults that presets give an option, as tlsf_config.h says."""
    text = (root / "include" / "tlsf_config.h").read_text()
    found = PRESET_DEFAULT.findall(text)
    if len(found) != len(ASKS_FOR_PRESET.findall(text)):
        raise ManifestError("tlsf_config.h: a preset gives a default in a form that is not read")
    for preset, macro, value in found:
        if macro == macro_of(option):
            value = {"0": "n", "1": "y"}[value] if option.kind == "boolean" else value
            yield f"\tdefault {value} if {prefix}_PRESET_{preset}"


def kconfig_help(text):
    return ["\thelp", *("\t  " + line for line in wrapped("", text.split(), "", width=84))]


def kconfig_choice(symbol, title, option):
    lines = [f"choice {symbol}_CHOICE", f'\tprompt "{title}"',
             f"\tdefault {symbol}_{option.default.upper()}", *kconfig_help(option.text), ""]
    for value in option.values:
        lines += [f"config {symbol}_{value.upper()}", f'\tbool "{value}"', ""]
    lines += ["endchoice", ""]
    if option.values[0].isdigit():
        lines += [f"config {symbol}", "\tint", *(f"\tdefault {value} if {symbol}_{value}"
                                                for value in option.values), ""]
    return lines


def macro_of(option):
    fmemp = ("tag_debug", "diagnosis", "call_sites")
    return ("FMEMP_" if option.name in fmemp else "TLSF_") + \
        option.name.replace("block_layout", "layout").upper()


def defined(root):
    """The options whose macros follow from Kconfig. There a preset has given its defaults already.
    """
    return [option for option in asked(root) if option.name != "preset"]


def cmake_definitions(root, prefix):
    """The macros, from symbols of Kconfig."""
    lines = ["set(FMEMP_DEFINITIONS"]
    for option in defined(root):
        symbol = f"CONFIG_{prefix}_{option.name.upper()}"
        value = {"block_layout": f"$<BOOL:${{{symbol}_WIDE}}>"}.get(
            option.name, f"$<BOOL:${{{symbol}}}>" if option.kind == "boolean"
            else f"${{{symbol}}}")
        lines.append(f"    {macro_of(option)}={value}")
    return [*lines, ")"]


def make_definitions(root, prefix):
    """The macros, from symbols of Kconfig, for make: a boolean that is off has no value."""
    lines = []
    for option in defined(root):
        symbol = f"CONFIG_{prefix}_{option.name.upper()}"
        if option.name == "block_layout":
            symbol += "_WIDE"
        value = f"$({symbol})" if option.kind in ("integer", "combo") and \
            option.name != "block_layout" else f"$(if $({symbol}),1,0)"
        lines.append(f"FMEMP_FLAGS += -D{macro_of(option)}={value}")
    return lines


def python_definitions(root, prefix):
    """Triples: the macro, the symbol of Kconfig, whether that is a number."""
    lines = ["DEFINITIONS = ["]
    for option in defined(root):
        symbol = f"{prefix}_{option.name.upper()}"
        is_layout = option.name == "block_layout"
        is_number = option.kind != "boolean" and not is_layout
        lines.append(f"    ('{macro_of(option)}', '{symbol}{'_WIDE' if is_layout else ''}', "
                     f"{is_number}),")
    return [*lines, "]"]


# ---- files ---------------------------------------------------------------------------------

def rendered(root, words):
    name, *arguments = words.split()
    function = globals().get(name)
    if name not in WRITERS or function is None:
        raise ManifestError(f"nothing writes '{words}'")
    return function(root, *arguments)


WRITERS = ("cmake_list", "meson_files", "meson_headers", "make_list", "python_list", "pack_files",
           "pack_headers", "cmake_options", "kconfig", "cmake_definitions", "make_definitions",
           "python_definitions")


def written_text(root, name, text):
    """The manifest as it should be, and how many places of it are generated."""
    lines, places, is_inside = [], 0, False
    for line in text.splitlines():
        if is_inside and END.match(line):
            is_inside = False
        if is_inside:
            continue
        lines.append(line)
        if begin := BEGIN.match(line):
            is_inside, places = True, places + 1
            lines += [(begin["indent"] + made).rstrip() for made in rendered(root, begin["words"])]
    if is_inside:
        raise ManifestError(f"{name}: no end of generated")
    made = "\n".join(lines) + "\n"
    if name in VERSIONS:
        found = list(re.finditer(VERSIONS[name], made, re.MULTILINE))
        for place in reversed(found):
            made = made[:place.start(1)] + product.version(root) + made[place.end(1):]
        places += len(found)
        if not found:
            raise ManifestError(f"{name}: no version")
    return made, places


def manifests(root=product.ROOT):
    """Triples of each manifest with something generated: its path, its text, and what it should
    be."""
    paths = [root / "meson.build", *sorted((root / "integrations").rglob("*"))]
    for path in paths:
        name = str(path.relative_to(root))
        if not path.is_file() or path.suffix in (".md", ".c", ".h"):
            continue
        text = path.read_text(encoding="utf-8")
        made, places = written_text(root, name, text)
        if places:
            yield path, text, made
    for name in VERSIONS:
        if not (root / name).is_file():
            raise ManifestError(f"{name} is missing")
