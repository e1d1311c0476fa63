# SPDX-License-Identifier: BSD-3-Clause
"""bench/cost: what fmemp costs on a Cortex-M4, from linked images, object code and an emulator.

bench/worst_case/cost.json holds the figures, which depend on no machine. A change of the library
that changes them fails until bench/cost --update writes them anew.
    compiler   the version that they hold for
    flash      {optimisation: {program: bytes}} of linked images: code, constants and initial
               values, with the memory functions of newlib-nano, without unused functions
    kept       {function that makes the heap: {bytes of the region: bytes}}, which the largest
               possible block of a fresh heap does not hold
    block      overhead: bytes that a block costs; smallest: the least that it holds
    bounds     {optimisation: {request: {...}}}, longest path in instructions, from the object code
                   instructions, stack_bytes: of a request of the core, or of FMemp without a lock
                   with_lock: FMemp with the lock of ports/interrupts
                   while_locked: from the call of FMempLock to the return from FMempUnlock
               calloc counts zeroing as one instruction; realloc is that in place
    locked     {optimisation: {instructions, microseconds}}, the longest of while_locked; at
               168 MHz, if an instruction takes one cycle
    row        a Markdown table: head, rule, a row an optimisation. Flash: of the core with
               malloc and free, and of FMemp without printing; RAM: that FMempInit keeps; malloc and
               free: of the core

All options have their defaults."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT / "bench" / "worst_case" / folder) for folder in ("machine", "bound")]
import builds  # noqa: E402
import contract  # noqa: E402
import fmemp  # noqa: E402
from longest_path.analyser import Analyser  # noqa: E402
from machines import BARE_METAL, CORTEX_M4, WARNINGS, MachineError, run  # noqa: E402

FILE = ROOT / "bench" / "worst_case" / "cost.json"
OPTIMISATIONS = ("-Os", "-O2")
MEGAHERTZ = 168
OPTIONS_NAME = "_compact_granule_8_sl_bits_4"  # of the functions that make a heap
CORE_TWO = [f"tlsf_create_with_pool{OPTIONS_NAME}", "tlsf_malloc", "tlsf_free"]
CORE_FIVE = [*CORE_TWO, "tlsf_calloc", "tlsf_memalign", "tlsf_realloc"]
FMEMP_FIVE = [f"FMempInit{OPTIONS_NAME}_lock_0_tags_0", *fmemp.REQUESTS]
# Functions that a program uses, and which library it links.
PROGRAMS = {
    "core, malloc and free": (CORE_TWO, "silent"),
    "core, five requests": (CORE_FIVE, "silent"),
    "FMemp without printing": (FMEMP_FIVE, "silent"),
    "FMemp": (FMEMP_FIVE, "default"),
    "FMemp with newlib-nano's printf": (FMEMP_FIVE, "printf"),
    "newlib-nano's printf alone": (["printf"], "silent"),
}
PRINTING = {"silent": ["-DFMEMP_WRITE(text, length)="], "default": [],
            "printf": ["-DFMEMP_PRINT(...)=printf(__VA_ARGS__)"]}


def build_of(optimisation):
    return builds.Build("cortex-m4", "gcc", optimisation, "compact", 1)


# ---- measuring -------------------------------------------------------------------------


def program_flash(build, functions, objects, folder):
    image = Path(folder) / "image"
    run(*build.command, "--specs=nano.specs", "--specs=nosys.specs", "-nostartfiles",
        "-Wl,--gc-sections", f"-Wl,--entry={functions[-1]}",
        *[f"-Wl,--require-defined={function}" for function in functions], *objects, "-o", image)
    code, data = run("arm-none-eabi-size", image).splitlines()[-1].split()[:2]
    return int(code) + int(data)


def flash(optimisation):
    build, libraries = build_of(optimisation), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, options in PRINTING.items():
            place = Path(folder) / name
            place.mkdir()
            libraries[name] = build.compile(place, [*builds.SOURCES, *fmemp.SOURCES], [
                *options, "-ffunction-sections", "-fdata-sections"])
        return {program: program_flash(build, functions, libraries[library], folder)
                for program, (functions, library) in PROGRAMS.items()}


def kept_and_block():
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image"
        run(*build_of("-O2").command, "-O2", *WARNINGS, "--specs=nano.specs",
            "-include", BARE_METAL / "console.h", f"-I{ROOT}/include", f"-I{ROOT}/arch/arm",
            HERE / "kept.c", *builds.SOURCES, *fmemp.SOURCES, *CORTEX_M4.base_words(), "-o", image)
        output = CORTEX_M4.run(image, [], None)
    found = {name: int(number) for name, number in map(str.split, output.splitlines())}
    kept = {}
    for name in found:
        if "." in name:
            maker, region = name.split(".")
            kept.setdefault(maker, {})[region] = found[name]
    return kept, {"overhead": found["overhead"], "smallest": found["usable"]}


def bounds(optimisation, analyser):
    build = build_of(optimisation)
    with tempfile.TemporaryDirectory() as folder:
        core = build.compile(folder)
        answers = {answer["label"]: answer for answer in analyser.ask(core, contract.QUERIES)
                   + fmemp.answers_of(build, analyser, core)}
    figures = {request: {"instructions": answers[label]["instructions"],
                         "stack_bytes": answers[label]["stack_bytes"]}
               for request, label in contract.REQUESTS.items()}
    for request in fmemp.REQUESTS:
        alone, with_lock, while_locked = (answers[label] for label in fmemp.labels(request))
        figures[request] = {"instructions": alone["instructions"],
                            "stack_bytes": alone["stack_bytes"],
                            "with_lock": with_lock["instructions"],
                            "while_locked": while_locked["instructions"]}
    return figures


def longest_locked(figures):
    instructions = max(of_one["while_locked"] for of_one in figures.values()
                       if "while_locked" in of_one)
    return {"instructions": instructions, "microseconds": round(instructions / MEGAHERTZ, 1)}


def measure():
    analyser = Analyser()
    found = {"compiler": build_of("-Os").compiler_version,
             "flash": {optimisation: flash(optimisation) for optimisation in OPTIMISATIONS}}
    found["kept"], found["block"] = kept_and_block()
    found["bounds"] = {optimisation: bounds(optimisation, analyser)
                       for optimisation in OPTIMISATIONS}
    found["locked"] = {optimisation: longest_locked(figures)
                       for optimisation, figures in found["bounds"].items()}
    found["row"] = {"head": f"| {' | '.join(COLUMNS)} |", "rule": "|" + "---|" * len(COLUMNS),
                    **{optimisation: row(found, optimisation) for optimisation in OPTIMISATIONS}}
    return found


# ---- the row ---------------------------------------------------------------------------


COLUMNS = ("Cortex-M4", "flash, core / FMemp", "RAM kept of 4 / 32 / 256 KiB", "a block",
           "malloc / free, at most", "lock held, at most")


def row(found, optimisation):
    sizes, requests = found["flash"][optimisation], found["bounds"][optimisation]
    locked = found["locked"][optimisation]
    cells = (f"gcc {optimisation}",
             f"{sizes['core, malloc and free']:,} / {sizes['FMemp without printing']:,} bytes",
             " / ".join(f"{size:,}" for size in found["kept"]["FMempInit"].values()) + " bytes",
             f"{found['block']['overhead']} bytes",
             f"{requests['malloc']['instructions']} / {requests['free']['instructions']} "
             "instructions",
             f"{locked['instructions']} instructions, {locked['microseconds']} µs")
    return f"| {' | '.join(cells)} |"


# ---- output ----------------------------------------------------------------------------


def print_all(found):
    print("Flash in bytes, linked" + " " * 12 + "".join(f"{name:>8}" for name in found["flash"]))
    for program in PROGRAMS:
        print(f"  {program:32}" + "".join(f"{sizes[program]:>8,}"
                                          for sizes in found["flash"].values()))
    for maker, sizes in found["kept"].items():
        print(f"{maker} keeps " + ", ".join(f"{size:,} of {int(region):,} bytes"
                                          for region, size in sizes.items()))
    print(f"A block costs {found['block']['overhead']} bytes and holds at least "
          f"{found['block']['smallest']}.")
    for optimisation, requests in found["bounds"].items():
        print(f"\nLongest path in instructions, {optimisation}; with the lock; while it is held")
        for request, figures in requests.items():
            print(f"  {request:20}" + "".join(f"{figures.get(name, ''):>8}" for name in
                                              ("instructions", "with_lock", "while_locked")))
    print(f"\nOne row for each optimisation; {MEGAHERTZ} MHz, one instruction a cycle:")
    print("\n".join(found["row"].values()))


def differences(found, kept, where=""):
    """Where two trees of figures differ, as texts."""
    if isinstance(found, dict) and isinstance(kept, dict):
        return [text for key in found | kept
                for text in differences(found.get(key), kept.get(key), f"{where} {key}")]
    return [] if found == kept else [f"{where.strip()}: {found}, {FILE.name} has {kept}"]


def report(found, kept):
    """Prints how `found` compares with the figures that are kept. Returns the number of
    failures."""
    if kept["compiler"] != found["compiler"]:
        print(f"\nnot comparable: {FILE.name} holds for {kept['compiler']}")
        return 0
    texts = differences(found, kept)
    for text in texts:
        print(f"  FAILED {text}")
    if texts:
        print(f"bench/cost --update writes {FILE.name} anew")
    return len(texts)


def main():
    parser = argparse.ArgumentParser(prog="bench/cost", description="""
        Prints what fmemp costs on a Cortex-M4: flash, memory that it keeps, longest paths, and all
        as a row of a table. Status 0: bench/worst_case/cost.json has the same figures.""")
    parser.add_argument("--update", action="store_true", help="write that file anew")
    wanted = parser.parse_args()
    found = measure()
    print_all(found)
    if wanted.update:
        FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    return 1 if report(found, json.loads(FILE.read_text())) else 0


if __name__ == "__main__":
    sys.exit(main())
