# SPDX-License-Identifier: BSD-3-Clause
"""The overlay for the SDKs of Phytium, integrations/phytium: what installs it takes it out again,
and the SDK's kinds of consumers compile and run on it. The folders have the SDK's shape and our own
stubs (tests/sdk)."""

import re
import shutil
import tempfile
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from report import ROOT, run

OVERLAY = ROOT / "integrations" / "phytium" / "overlay"
STUBS = ROOT / "tests" / "sdk"
# {compiler: what runs its programs, what the SDK's configuration says}
TARGETS = {"aarch64-linux-gnu-gcc": ("qemu-aarch64", ""),
           "arm-linux-gnueabihf-gcc": ("qemu-arm", "CONFIG_TARGET_ARMV8_AARCH32=y"),
           # Only compiled: its uint32_t is an unsigned long. Not optimised, as the SDK's default.
           "arm-none-eabi-gcc -march=armv8-a":
           (None, "CONFIG_TARGET_ARMV8_AARCH32=y MORE_CFLAGS=-O0 objects")}
# What the overlay replaces. Each flavour keeps its own variable for sources.
INCLUDE = "BUILD_INC_PATH_DIR += $(SDK_DIR)/third-party/tlsf-3.1.0\n"
VENDOR = {
    "standalone": {"include.mk": INCLUDE,
                   "src.mk": "CSRCS_RELATIVE_FILES += third-party/tlsf-3.1.0/tlsf.c\n"},
    "freertos": {"include.mk": INCLUDE,
                 "src.mk": "ABSOLUTE_CFILES += $(SDK_DIR)/third-party/tlsf-3.1.0/tlsf.c\n"},
}
BROKEN = "#error the source of the vendor\n"


def write_vendor(folder, flavour, files):
    """Writes a folder as the vendor's, the other libraries of third-party beside it."""
    files = {"tlsf.c": BROKEN, "tlsf.h": BROKEN, "fslink_list.h": BROKEN, "fmemory_pool.h": BROKEN,
             "Kconfig": "config TLSF\n", "docs/read me": "text\n", **files}
    if flavour == "freertos":
        files["fmemory_pool.h"] = '#include "FreeRTOS.h"\n' + BROKEN
    for name, text in files.items():
        path = folder / "third-party" / "tlsf-3.1.0" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "third-party" / "other").mkdir()


@contextmanager
def sdk(flavour, name="sdk", files=None):
    """A folder of the SDK's shape."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / name
        shutil.copytree(STUBS, folder)
        write_vendor(folder, flavour, files or VENDOR[flavour])
        yield folder


def overlay(*words):
    return run(OVERLAY, *words)


# ---- consumers -------------------------------------------------------------------------------

def consumers_of(flavour):
    text = (STUBS / "consumers" / "main.c").read_text()
    if flavour == "standalone":
        text = re.sub(r"#ifdef INC_FREERTOS_H.*?#endif", "", text, flags=re.DOTALL)
    return re.findall(r'consumer_run\("(\w+)", \1\);', text)


def consumers_run(result, flavour, compiler, *options):
    runner, configuration = TARGETS[compiler]
    name = " ".join([f"{flavour}, {compiler}", *options])
    with sdk(flavour) as folder:
        done = overlay("install", folder)
        result.check(done.ok and flavour in done.output, f"{name}: install", done.tail())
        made = run("make", "-j2", f"CC={compiler}", f"FLAVOUR={flavour}",
                   *configuration.split(), *options, cwd=folder)
        if not result.check(made.ok, f"{name}: make", made.tail()):
            return
        objects = folder / "build" / ("absolute" if flavour == "freertos" else "third-party")
        found = [path.parent for path in objects.rglob("tlsf-3.1.0/tlsf.o")]
        result.check(found and (flavour == "freertos" or found == [objects / "tlsf-3.1.0"]),
                     f"{name}: sources by the path that the flavour wants", str(found))
        bits = "arch/arm" if configuration else "arch/aarch64"
        result.check(re.search(rf"-I\S*tlsf-3.1.0/{bits}\s", made.output), f"{name}: {bits}")
        if runner is None:
            return
        done = run(runner, folder / "build" / "program")
        for consumer in consumers_of(flavour):
            result.check(f"\n{consumer} passed\n" in done.output, f"{name}: {consumer}",
                         done.tail())


def consumers_run_on_overlay(result):
    """Every kind of consumer, in both flavours and with both sizes of a word, without a warning."""
    for flavour, compiler in product(VENDOR, TARGETS):
        consumers_run(result, flavour, compiler)
    # As older sources switch tags on.
    consumers_run(result, "standalone", "aarch64-linux-gnu-gcc", "MORE_CFLAGS=-DFMEMP_TAG_DEBUG=")
    # An SDK may name its files and choose its variable otherwise.
    one_file = {"tlsf.mk": INCLUDE + VENDOR["standalone"]["src.mk"]}
    with sdk("standalone", files=one_file) as folder:
        done = overlay("install", folder)
        names = sorted(path.name for path in (folder / "third-party/tlsf-3.1.0").glob("*.mk"))
        result.check(done.ok and names == ["tlsf.mk"], f"files keep their names: {names}")


# ---- install and remove ----------------------------------------------------------------------

def state(folder):
    """All that is below a folder."""
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.stat().st_mtime_ns,
                                            path.read_bytes() if path.is_file() else None)
            for path in folder.rglob("*") if path.name != "third-party"}


def overlay_comes_out_again(result):
    for flavour, name in product(VENDOR, ("sdk", "my SDK's folder")):
        with sdk(flavour, name) as folder:
            before = state(folder)
            steps = [overlay("remove", folder), overlay("install", folder)]
            installed = state(folder)
            steps.append(overlay("install", folder))
            result.check(installed.keys() == state(folder).keys(), f"{name}: a second install")
            steps += [overlay("remove", folder), overlay("remove", folder)]
            for step in steps:
                result.check(step.ok, f"{flavour} in '{name}'", step.tail())
            result.check(installed.keys() != before.keys(), f"{name}: install does something")
            result.check(state(folder) == before, f"{flavour} in '{name}': as it was")


def interrupted_overlay_recovers(result):
    """The vendor's folder was moved, and the new one not yet; or the other way round."""
    with sdk("standalone") as folder:
        before = state(folder)
        overlay("install", folder)
        third_party = folder / "third-party"
        (third_party / "tlsf-3.1.0").rename(third_party / ".tlsf-3.1.0.fmemp")
        done = overlay("remove", folder)
        result.check(done.ok and state(folder) == before, "interrupted: as it was", done.tail())


def changes_are_not_lost(result):
    with sdk("standalone") as folder:
        before = state(folder)
        overlay("install", folder)
        installed = folder / "third-party" / "tlsf-3.1.0"
        for name in ("fmemory_pool.h", "my notes"):
            original = (installed / name).read_bytes() if (installed / name).exists() else None
            (installed / name).write_text("mine")
            for command in ("install", "remove"):
                done = overlay(command, folder)
                result.check(not done.ok and f"./{name}" in done.output and
                             (installed / name).read_text() == "mine",
                             f"{command}: {name} is kept, and named", done.tail())
            if original is not None:
                (installed / name).write_bytes(original)
        (installed / "tlsf.o").write_text("an object is no change")
        done = overlay("remove", folder, "--drop-changes")
        result.check(done.ok and state(folder) == before, "changes are dropped", done.tail())


def others_are_refused(result):
    """A folder that is no SDK gets a message with the reason, and is left as it was."""
    source = "CSRCS_RELATIVE_FILES += tlsf.c\n"
    for files, reason in (({"include.mk": INCLUDE}, "CSRCS_RELATIVE_FILES"),
                          ({"src.mk": source}, "BUILD_INC_PATH_DIR"),
                          ({"a.mk": "# BUILD_INC_PATH_DIR\n" + source}, "BUILD_INC_PATH_DIR"),
                          (None, "no tlsf.h")):
        with sdk("standalone", files=files) as folder:
            if files is None:
                (folder / "third-party" / "tlsf-3.1.0" / "tlsf.h").unlink()
            refused(result, folder, reason)
    with sdk("standalone") as folder:
        place = folder / "third-party" / "tlsf-3.1.0"
        place.rename(folder / "elsewhere")
        place.symlink_to(folder / "elsewhere")
        refused(result, folder, "symbolic link")
    with tempfile.TemporaryDirectory() as empty:
        refused(result, Path(empty), "no third-party/tlsf-3.1.0")
        refused(result, Path(empty) / "missing", "no folder")
    for words in ((), ("install",), ("delete", "."), ("install", ".", "--force")):
        done = overlay(*words)
        result.check(not done.ok and "usage:" in done.output, f"overlay {words}", done.tail())


def refused(result, folder, reason):
    before = state(folder)
    for command in ("install", "remove"):
        done = overlay(command, folder)
        result.check(not done.ok and reason in done.output and state(folder) == before,
                     f"{command} is refused: {reason}", done.tail())


def overlay_installs_and_removes(result):
    overlay_comes_out_again(result)
    interrupted_overlay_recovers(result)
    changes_are_not_lost(result)
    others_are_refused(result)
