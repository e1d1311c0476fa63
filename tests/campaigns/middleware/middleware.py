# SPDX-License-Identifier: BSD-3-Clause
"""Runs real libraries on one pool each (integrations/middleware): their usual work, in a pool of
any size, and with each request made to fail. Prints what they need. Then it breaks their hooks,
which has to be found."""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "checks"))
from integration_readme import commands_run  # noqa: E402
from report import ROOT, Result, run  # noqa: E402

PLACE = ROOT / "integrations" / "middleware"
LIBRARIES = run(PLACE / "build", "--list").output.split("\n")[1:-1]
QUICK_SAMPLES = 20
SAMPLES = {"mbedtls": 2000}  # a handshake takes long: every request would take half an hour
NEEDS = {"calls": r"calls: (\d+)", "peak bytes": r"peak: (\d+) bytes",
         "smallest pool": r"smallest pool: (\d+) bytes", "worst call": r"worst call: (\d+ ns, .*)",
         "made to fail": r"made to fail: (\d+)"}
ROW = "{:10} {:>8} {:>12} {:>15} {:>14}   {}"
# (file, text of it, what takes its place): mistakes that a run has to notice.
CONTROLS = [
    ("lua/lua.c", "memory->used = others + bytes;", ""),
    ("lua/lua.c", "pool_free(ptr);", ""),
    ("sqlite/sqlite.c", "return (int)pool_block_size(ptr);", "return (void)ptr, 8;"),
    ("cjson/cjson.c", "cJSON_Delete(value);\n    return", "return"),
    ("expat/expat.c", "pool_realloc, pool_free}", "pool_realloc, free}"),
    ("jansson/jansson.c", "json_decref(message);\n    return outcome", "return outcome"),
    ("zlib/zlib.c", "return pool_calloc(items, size);", "return pool_calloc(items, size / 2);"),
    ("common/pool.c", "number == first_to_fail || (rest_fails && number > first_to_fail)",
     "number == SIZE_MAX && rest_fails"),
    ("common/pool.c", "FMempRealloc(&memp, ptr, bytes);\n    call",
     "(FMempFree(&memp, ptr), FMempMalloc(&memp, bytes));\n    call"),
]


def needs_of(result, name, output):
    """Prints a row of the table. Returns whether the output has all of it."""
    found = {what: re.search(pattern, output) for what, pattern in NEEDS.items()}
    if not all(found.values()):
        return False
    cells = {what: match[1] for what, match in found.items()}
    result.passed += int(cells["made to fail"])
    print(ROW.format(name, cells["calls"], cells["peak bytes"], cells["smallest pool"],
                     cells["made to fail"], cells["worst call"]), flush=True)
    return True


def libraries_run(result, names, samples, seed):
    """Runs the scenarios of these libraries, with all or so many of their requests made to fail."""
    if not names:
        return
    chosen = ["--samples", samples, "--seed", seed] if samples else []
    done = run(PLACE / "run", *chosen, *names)
    outputs = dict(re.findall(r"^== (\w+)\n((?:(?!== ).*\n)*)", done.output, re.MULTILINE))
    shown = [needs_of(result, name, outputs.get(name, "")) for name in names]
    for name, is_whole in zip(names, shown):
        result.check(is_whole, f"{name} runs in a pool", outputs.get(name, done.tail()))
    result.check(done.ok, f"{' '.join(names)} run in a pool", done.tail())


def failed_by_itself(ran):
    """Neither timeout nor the alarm of a trial (common/trial.c) ended it."""
    return not ran.ok and not ran.timed_out and "ended by a signal (14)" not in ran.output


def mistake_is_found(result, file, old, new):
    """A mistake in a hook or in the pool makes a run fail."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "integrations" / "middleware"
        shutil.copytree(PLACE, copy)
        for name in ("lib", "include", "arch", "ports", "tools"):
            (Path(folder) / name).symlink_to(ROOT / name)
        text = (copy / file).read_text()
        (copy / file).write_text(text.replace(old, new))
        name = file.split("/")[0].replace("common", "sqlite")
        program = Path(folder) / "program"
        built = run(copy / "build", name, program)
        ran = run("timeout", "60", program, 60) if built.ok else None
        result.check(old in text and ran is not None and failed_by_itself(ran),
                     f"{file}: {new!r} for {old!r} is found",
                     built.tail() if ran is None else ran.tail())


# ---- recipes for libraries that Debian does not ship -------------------------------------------

RECIPES = PLACE / "recipes"
HERE = Path(__file__).resolve().parent
RECIPE_MISTAKES = [
    ("lvgl.c", "FMempRealloc(&memp, p, new_size)",
     "((void)p, FMempMalloc(&memp, new_size))"),
    ("lvgl.c", "mon_p->used_cnt = survey.used_blocks", "mon_p->used_cnt = survey.free_blocks"),
    ("lvgl.c", "FMempRemoveRegion(&memp, pool)", "pool"),
    ("fatfs.c", "FMempMalloc(&ff_memp, msize)", "(void)msize, FMempMalloc(&ff_memp, 1)"),
]


COMPILE = ["gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include"]


def compiled_library(result, folder):
    """The core and FMemp, as one object for all programs."""
    sources = [*sorted(ROOT.glob("lib/core/*.c")), *sorted(ROOT.glob("lib/fmemp/*.c"))]
    unit, library = folder / "library.c", folder / "library.o"
    unit.write_text("".join(f'#include "{path}"\n' for path in sources))
    built = run(*COMPILE, "-c", unit, "-o", library)
    result.check(built.ok, "library for the recipes", built.tail())
    return library


def recipes_run(folder, recipes, library):
    """Builds the hooks in `recipes` with our own declarations of the libraries, and calls them."""
    program = folder / "recipes"
    built = run(*COMPILE, f"-I{HERE}/stubs", f"-I{recipes}", "-DLFS_DEFINES=lfs_fmemp.h",
                HERE / "recipes.c", library, *sorted(recipes.glob("*.c")), "-o", program)
    return built, run("timeout", "20", program) if built.ok else built


def recipes_hold(result, wanted):
    """And each mistake in them is found: in a short run one of them."""
    commands_run(result, "middleware/recipes")
    chosen = RECIPE_MISTAKES
    if wanted.quick:
        chosen = [RECIPE_MISTAKES[wanted.seed % len(RECIPE_MISTAKES)]]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        library = compiled_library(result, folder)
        _, ran = recipes_run(folder, RECIPES, library)
        result.check(ran.ok, "recipes keep their promises", ran.tail())
        for file, old, new in chosen:
            shutil.rmtree(folder / "copy", ignore_errors=True)
            shutil.copytree(RECIPES, folder / "copy")
            text = (RECIPES / file).read_text()
            (folder / "copy" / file).write_text(text.replace(old, new))
            built, ran = recipes_run(folder, folder / "copy", library)
            result.check(old in text and built.ok and failed_by_itself(ran),
                         f"recipes/{file}: {new!r} for {old!r} is found", ran.tail())


def every_library_has_a_page(result):
    """A README of five lines and one command, which is what runs here."""
    for name in LIBRARIES:
        page = PLACE / name / "README.md"
        text = page.read_text() if page.exists() else ""
        result.check(f"```sh\nintegrations/middleware/run {name}\n```" in text,
                     f"README of {name}")


def main():
    parser = argparse.ArgumentParser(prog="tests/run middleware", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="few requests of each library fail, and one mistake is made")
    parser.add_argument("--only", metavar="REGEX", default="", help="the libraries of these names")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of the samples")
    wanted = parser.parse_args()
    names = [name for name in LIBRARIES if re.search(wanted.only, name)]
    if not names:
        parser.error(f"no library is named {wanted.only}: {', '.join(LIBRARIES)}")
    result = Result()
    every_library_has_a_page(result)
    print(f"seed {wanted.seed}\n" + ROW.format("library", "calls", "peak bytes", "smallest pool",
                                               "made to fail", "worst call"))
    if wanted.quick:
        libraries_run(result, names, QUICK_SAMPLES, wanted.seed)
    else:
        libraries_run(result, [name for name in names if name not in SAMPLES], None, 0)
        for name in SAMPLES:
            libraries_run(result, [name] * (name in names), SAMPLES[name], wanted.seed)
    recipes_hold(result, wanted)
    chosen = [CONTROLS[wanted.seed % len(CONTROLS)]] if wanted.quick else CONTROLS
    for control in chosen:
        mistake_is_found(result, *control)
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
