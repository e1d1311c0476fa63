# SPDX-License-Identifier: BSD-3-Clause
"""bench/static-bound: finds the longest path of every request in the object code of every build."""

import argparse
import itertools
import shlex
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import budget
import builds
import contract
import fmemp
from builds import ROOT
from longest_path.analyser import Analyser

sys.path.insert(0, str(ROOT / "bench" / "support"))
import json_results  # noqa: E402

OUTPUT = ROOT / "build" / "bench-run" / "results" / "bound.json"
OWN_OUTPUT = ROOT / "build" / "bound-own.json"  # bench/run shows the others


LEGEND = f"""\
Longest path in instructions / bytes of stack, callees included; code of {contract.FOUR.label}
in bytes. h: hardening. A path counts even if the conditions of the code exclude it.
realloc, realloc_aligned: in place, the longest path that neither copies nor is another request
  (tlsf_malloc or tlsf_memalign for a NULL pointer, tlsf_free for 0 bytes).
stack: below the caller's stack pointer; on x86-64 with the return address.
Paths that report a fault do not count: no correct program takes them (--details has their length).
"""


@dataclass
class Study:
    """The findings in one build. answers: by label; none when it does not compile."""
    build: builds.Build
    answers: dict = field(default_factory=dict)
    violations: list = field(default_factory=list)


def study(build, analyser):
    try:
        with tempfile.TemporaryDirectory() as folder:
            core = build.compile(folder)
            answers = analyser.ask(core, contract.QUERIES) + fmemp.answers_of(build, analyser, core)
    except builds.BuildError as error:
        return Study(build, violations=[f"does not compile: {error}"])
    violations = [text for answer in answers for text in contract.violations(answer)]
    return Study(build, {answer["label"]: answer for answer in answers},
                 list(dict.fromkeys(violations)))


def studies_of(chosen, analyser, jobs=2):
    """Yields a Study for each build, in order."""
    with ThreadPoolExecutor(jobs) as workers:
        yield from workers.map(lambda build: study(build, analyser), chosen)


# ---- output ------------------------------------------------------------------------------


def table_head():
    return (f"{'target':11} {'comp.':5} {'opt':3} {'layout':7} h preset  "
            + " ".join(f"{name:>{max(7, len(name))}}" for name in contract.REQUESTS) + "    code")


def table_row(studied):
    if not studied.answers:
        return f"{studied.build}  no object code"
    cells = []
    for column, label in contract.REQUESTS.items():
        answer = studied.answers[label]
        cell = (f"{answer['instructions']}/{answer['stack_bytes']}" if "instructions" in answer
                else "none")
        cells.append(f"{cell:>{max(7, len(column))}}")
    code = studied.answers[contract.FOUR.label]["code_bytes"]
    return f"{studied.build}  {' '.join(cells)} {code:7}"


def print_fmemp(all_studies):
    """Instructions of FMemp's requests, where they are studied."""
    print("\nFMemp, in instructions: without a lock / with that of ports/interrupts / while held.\n"
          "calloc: the zeroing counts as one instruction; realloc: in place\n")
    print(" " * 28 + " ".join(f"{request:>16}" for request in fmemp.REQUESTS))
    for studied in all_studies:
        cells = ["/".join(map(str, fmemp.instructions_of(studied.answers, request)))
                 for request in fmemp.REQUESTS]
        if any(cells):
            print(f"{studied.build}  " + " ".join(f"{cell:>16}" for cell in cells))


def print_details(studied):
    """Prints every figure of a build, and why functions have no bound. Each figure is the largest
    on any path. Loads and stores are instructions that read or write memory."""
    print(f"\n{studied.build}")
    print(f"  {'function':50} {'instructions':>12} {'loads':>6} {'stores':>6} {'stack':>6} "
          f"{'code':>6}  until a fault is reported")
    for label, answer in studied.answers.items():
        figures = [answer.get(name, "none") for name in
                   ("instructions", "loads", "stores", "stack_bytes", "code_bytes")]
        until = answer.get("instructions_until_avoided", "") if " " not in label else ""
        print("  {:50} {:>12} {:>6} {:>6} {:>6} {:>6}  {}".format(label, *figures, until))
    for label, answer in studied.answers.items():
        for finding in answer["findings"]:
            print(f"  {label}: {finding['kind']} in {contract.place(finding)}")
    for label, answer in studied.answers.items():
        for call in answer["calls"]:
            print(f"  {label}: call of {call['callee']} in {contract.place(call)}")


def print_admitted(all_studies):
    """Prints the loops and calls that contracts admit, by function, for all builds together."""
    found = {}
    for studied in all_studies:
        for label, answer in studied.answers.items():
            if " " not in label:
                kinds = {finding["kind"] for finding in answer["findings"]}
                kinds |= {call["callee"] for call in answer["calls"]}
                found.setdefault(label, set()).update(kinds)
    print("\nAdmitted by contracts")
    for label, kinds in sorted(found.items()):
        entry = contract.admission_of(label)
        if kinds:
            print(f"  {label:50} {', '.join(sorted(kinds)):45} {entry[3] if entry else ''}")


def record_of(build, answer):
    return {"target": build.target, "compiler": build.compiler,
            "optimisation": build.optimisation, "layout": build.layout,
            "hardening": build.hardening, "function": answer["label"],
            "instructions": answer["instructions"], "loads": answer["loads"],
            "stores": answer["stores"], "stack_bytes": answer["stack_bytes"],
            "code_bytes": answer["code_bytes"]}


def write_json(all_studies, path):
    records = [record_of(studied.build, answer) for studied in all_studies
               for answer in studied.answers.values()
               if "instructions" in answer and studied.build.preset == "default"]
    json_results.write(path, [studied.build.compiler_version for studied in all_studies], records)


def source_text(place):
    try:
        return Path(place["file"]).read_text().splitlines()[place["line"] - 1].strip()
    except (OSError, IndexError):
        return ""


def print_path(build, analyser, wanted, with_instructions):
    """Prints the longest path of one function, by source line."""
    queries = [query for query in contract.QUERIES if query.label == wanted] or [
        contract.Query(wanted, (wanted,), contract.REPORTS, contract.COPIES + contract.FILLS)]
    sources = [*builds.SOURCES, *(fmemp.SOURCES if wanted in fmemp.REQUESTS else [])]
    answer = build.study(analyser, queries, sources, with_path=True)[0]
    if "instructions" not in answer:
        print(f"{wanted} has no longest path:", *contract.violations(answer), sep="\n  ")
        return 1
    print(f"{build}: {wanted}, {answer['instructions']} instructions")
    for (file, line, _), places in itertools.groupby(
            answer["path"], lambda place: (place["file"], place["line"], place["function"])):
        places = list(places)
        where = f"{Path(file).name}:{line}" if line else ""
        print(f"{len(places):4}  {where:22} {places[0]['source_function']:24} "
              f"{source_text(places[0]) if line else ''}")
        if with_instructions:
            for place in places:
                print(f"          {place['address']:6x} {place['instruction'].strip()}")
    return 0


# ---- command -----------------------------------------------------------------------------


def parse():
    parser = argparse.ArgumentParser(prog="bench/static-bound", description="""
        Compiles core and FMemp, finds the longest path of every request in the object code, and
        compares it with bench/worst_case/budget.txt. Status 0 means that there is no loop and no
        call but what contracts admit, and that no bound exceeds its budget.""")
    parser.add_argument("--quick", action="store_true",
                        help="gcc -O2 for " + ", ".join(builds.QUICK_TARGETS) + " alone")
    for option, values in (("target", builds.TARGETS), ("compiler", builds.COMPILERS),
                           ("optimisation", builds.OPTIMISATIONS), ("layout", builds.LAYOUTS),
                           ("hardening", builds.LEVELS), ("preset", builds.PRESETS)):
        parser.add_argument(f"--{option}", action="append", type=type(list(values)[0]),
                            choices=list(values), help="only these; may be repeated")
    parser.add_argument("--cc", metavar="COMMAND",
                        help="your own compiler with its flags, in one word, instead of all these: "
                             "'arm-none-eabi-gcc -mcpu=cortex-m33 -mthumb -O2'")
    parser.add_argument("--define", action="append", default=[], metavar="OPTION=VALUE",
                        help="an option of the library; nothing is compared with the budget then, "
                             "which holds for the defaults")
    parser.add_argument("--details", action="store_true",
                        help="print loads, stores, stack and code of every function, and what "
                             "has no bound")
    parser.add_argument("--path", metavar="FUNCTION",
                        help="print the longest path by source line: tlsf_malloc, FMempFree, "
                             "'tlsf_realloc in place', ... (gcc -O2 compact 0, unless chosen)")
    parser.add_argument("--instructions", action="store_true", help="with --path: print each")
    parser.add_argument("--update", action="store_true", help="write the budget anew")
    parser.add_argument("--json", type=Path,
                        help=f"default: {OUTPUT}, with --cc {OWN_OUTPUT}")
    wanted = parser.parse_args()
    if wanted.cc and wanted.update:
        parser.error("--update: the budget has no place for your own compiler")
    if wanted.cc and not shutil.which(wanted.cc.split()[0]):
        parser.error(f"--cc: there is no {wanted.cc.split()[0]}")
    wanted.json = wanted.json or (OWN_OUTPUT if wanted.cc else OUTPUT)
    return wanted


def is_chosen(build, wanted):
    return all(getattr(wanted, option) is None or getattr(build, option) in getattr(wanted, option)
               for option in ("target", "compiler", "optimisation", "layout", "hardening",
                              "preset"))


def chosen_builds(wanted):
    if wanted.cc:
        return [builds.OwnBuild(words=tuple(shlex.split(wanted.cc)),
                                defines=tuple(wanted.define))]
    return [replace(build, defines=tuple(wanted.define)) for build in candidates(wanted)
            if is_chosen(build, wanted)]


def candidates(wanted):
    return builds.quick_builds() if wanted.quick else builds.all_builds()


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for | head
    wanted = parse()
    analyser = Analyser()
    chosen = chosen_builds(wanted)
    if wanted.path:
        usual = sorted(chosen, key=lambda build: (build.compiler != "gcc", build.optimisation,
                                                  build.layout, build.hardening,
                                                  build.preset != "default"))
        return print_path(usual[0], analyser, wanted.path, wanted.instructions)
    begin = time.monotonic()
    print(LEGEND)
    print(table_head(), flush=True)
    all_studies = []
    for studied in studies_of(chosen, analyser):
        all_studies.append(studied)
        print(table_row(studied), flush=True)
        for text in studied.violations:
            print(f"  FAILED {text}", flush=True)
    print_fmemp(all_studies)
    if wanted.details:
        for studied in all_studies:
            print_details(studied)
    print_admitted(all_studies)
    failed = sum(len(studied.violations) for studied in all_studies)
    if wanted.cc:
        print(f"\n{chosen[0].compiler_version}: no budget holds")
    elif wanted.define:
        print(f"\nwith {', '.join(wanted.define)}: no budget holds")
    else:
        failed += budget.report(all_studies, wanted.update)
    write_json(all_studies, wanted.json)
    print(f"\n{len(all_studies)} builds, {failed} failed, {time.monotonic() - begin:.0f} s; "
          f"{wanted.json} has every figure")
    return 1 if failed or not all_studies else 0


if __name__ == "__main__":
    sys.exit(main())
