# SPDX-License-Identifier: BSD-3-Clause
"""Owners of blocks that came through malloc, new and pvPortMalloc: the listing, the report of a
fault and tools/heap name the function that asked, in an image with FMEMP_CALL_SITES 1."""

import json
import re

from integration_checks_c_library import HOOKS, M4, ran
from integration_checks_c_library import IMAGES as C_IMAGES
from report import BUILD, ROOT, run

IMAGES = ROOT / "tests" / "checks" / "images"
PROGRAM = IMAGES / "owners" / "owners.cpp"
NAMES = set(re.findall(r"^ASKS\((\w+)", PROGRAM.read_text(), re.MULTILINE))
RAM = 0x20000000
STOPPED = 3  # status of Fault_Handler
LISTED = re.compile(r"^ +0x\w+ used +\d+ +for (0x\w+)$", re.MULTILINE)
CULPRIT = re.compile(r"^fmemp: likely overrun of +0x\w+ used +\d+ +for (0x\w+)$", re.MULTILINE)
# Link-time optimisation would inline the functions that keep a call site.
OPTIONS = ["-g", "-O2", "-flto", "-Wall", "-Wextra", "-Werror", "-DFMEMP_CALL_SITES=1",
           "-DFMEMP_NEW_FROM_MALLOC", f"-I{ROOT}/include", f"-I{ROOT}/tests",
           f"-I{IMAGES}/owners/kernel", f"-I{ROOT}/integrations/c_library",
           f"-I{ROOT}/integrations/freertos", "-nostartfiles", "--specs=rdimon.specs"]
SYSTEM = [C_IMAGES / "reset.c", IMAGES / "cpp" / "runtime.c"]
C_SOURCES = [*sorted(ROOT.glob("lib/core/*.c")), *sorted(ROOT.glob("lib/fmemp/*.c")), HOOKS,
             ROOT / "integrations/freertos/heap_fmemp.c"]


def built(result, folder):
    """Returns the image, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    image, dump = folder / "owners.elf", f'-DDUMP="{folder}/ram.bin"'
    done = run(*M4, "-std=c11", *OPTIONS, "-c", *C_SOURCES, cwd=folder)
    if done.ok:
        done = run(*M4, "-std=c11", *OPTIONS, "-fno-lto", "-c", *SYSTEM, cwd=folder)
    if done.ok:
        done = run("arm-none-eabi-g++", *M4[1:], "-std=gnu++17", *OPTIONS, dump, PROGRAM,
                   ROOT / "integrations/cpp/fmemp_new.cpp",
                   *(folder / f"{source.stem}.o" for source in [*C_SOURCES, *SYSTEM]), "-T",
                   C_IMAGES / "stm32cube.ld", "-o", image)
    return image if result.check(done.ok, "build of owners", done.tail()) else None


def functions_at(image, addresses):
    """The functions that contain the calls which return to these addresses."""
    calls = [hex((int(address, 16) & ~1) - 1) for address in addresses]
    return run("arm-none-eabi-addr2line", "-f", "-e", image, *calls).output.splitlines()[1::2]


def tool_names(result, image, pool):
    """The functions that own live blocks of a heap, as tools/heap says."""
    done = run(ROOT / "tools" / "heap", "--json", "blocks", "--elf", image, "--raw",
               f"{RAM:#x}:{image.parent}/ram.bin", "--heap", pool)
    if not result.check(done.ok, f"tools/heap reads {pool}", done.tail()):
        return []
    values = done.output.split("\n", 1)[1]  # behind the command
    return [block["owner"].get("function") for block in json.loads(values)["blocks"]
            if "owner" in block]


def each_is_named_once(result, what, names):
    for name in sorted(NAMES):
        result.check(names.count(name) == 1, f"{what} names {name}", str(names))


def owners_are_named(result):
    image = built(result, BUILD / "owners")
    if image is None:
        return
    done = ran("cortex_m", image)
    each_is_named_once(result, "the listing", functions_at(image, LISTED.findall(done.output)))
    each_is_named_once(result, "tools/heap", tool_names(result, image, "malloc_sites")
                       + tool_names(result, image, "freertos_sites"))
    culprit = functions_at(image, CULPRIT.findall(done.output))
    result.check(done.status == STOPPED and culprit == ["asks_and_overruns"],
                 "the report names the culprit", done.tail())
