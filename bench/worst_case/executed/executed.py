# SPDX-License-Identifier: BSD-3-Clause
"""bench/executed: counts the executed instructions of single calls exactly, and compares them with
the static bounds."""

import argparse
import itertools
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / folder) for folder in
                ("worst_case/machine", "worst_case/bound", "support")]
import builds  # noqa: E402
import contract  # noqa: E402
import json_results  # noqa: E402
from longest_path.analyser import Analyser  # noqa: E402
from machines import MACHINES, ROOT, MachineError, program_build, run  # noqa: E402

DRIVERS = sorted(HERE.glob("*.c"))
FOLDER = ROOT / "build" / "bench-run"
OUTPUT = FOLDER / "results" / "executed.json"
LOAD_POOL = 64 << 20
CLOSE = 0.9  # below this share of a bound, the bound is loose or its path was not found
DEFAULT_LEVEL = 1  # of hardening
MISSED = 0.05  # of a count: a walk must not exceed the crafted states by more than this
REFUSED = "TLSF_HARDENING must be"

# The bounds in the analyser's answers. A realloc that fails copies nothing.
LABELS = {**contract.REQUESTS, "realloc_failed": "tlsf_realloc without copy"}
# Bounds that no execution comes close to: the least share that must be reached, and the reason.
LOOSE = {"realloc_failed": (0.4, "its bound counts a path that finds a block and copies nothing "
                                 "to it, which is never executed"),
         "realloc": (0.8, "its bound counts a path that finds the next block used in a check and "
                          "free when it absorbs it, which is never executed")}
# At hardening 1 a free asks each free neighbour's successor in its list, and clears the bits of a
# list that ends. No list does both.
LOOSE_AT_1 = {"free": (0.8, "it counts a list that goes on behind a block in a check and ends "
                            "there when the block is taken out")}
# At hardening 2 a call checks of each free block whether it is pending or listed, and first in its
# list or not. The longest path takes the longest answer for each block. No heap gives all these
# answers: at most one block is pending, and it is checked again before it goes to its list.
LOOSE_LEVEL = 2
LOOSE_SHARE = 0.7


@dataclass
class Row:
    """The maximum of one function, of one driver in one kind of heap."""
    function: str
    driver: str
    load: str
    live_blocks: int
    pool_bytes: int
    calls: int
    instructions: int
    cache_lines: int

    @staticmethod
    def read(line):
        words = line.removeprefix("maximum ").split("|")
        return Row(*words[:3], *map(int, words[3:]))

    def add(self, total):
        """Adds this row to that of an earlier visit of the same heap, if there was one."""
        if total is not self:
            total.calls += self.calls
            total.instructions = max(total.instructions, self.instructions)
            total.cache_lines = max(total.cache_lines, self.cache_lines)


@dataclass
class Study:
    """What was found in one build."""
    build: builds.Build
    rows: list = field(default_factory=list)
    bounds: dict = field(default_factory=dict)  # by function; those that have one
    failures: list = field(default_factory=list)
    notes: list = field(default_factory=list)  # crafted states that were not found
    refused: str = ""  # why there is no such build
    seconds: float = 0

    def rows_of(self, function):
        return [row for row in self.rows if row.function == function]

    def functions(self):
        return list(dict.fromkeys(row.function for row in self.rows))

    def share(self, function):
        """Of its bound, how much a function executes at most; 1 where it has none."""
        bound = self.bounds.get(function)
        most = max(row.instructions for row in self.rows_of(function))
        return most / bound if bound else 1.0


# ---- measuring -------------------------------------------------------------------------


def output_rows(output, load):
    """The rows that a program printed. A program that did not finish has none."""
    lines = output.splitlines()
    if "calibrated" not in lines or lines[-1] != "finished":
        raise MachineError("\n".join(lines[-10:]))
    rows = {}
    for row in [Row.read(line) for line in lines if line.startswith("maximum ")]:
        row.load = load.stem if load else ""
        row.add(rows.setdefault((row.function, row.driver, row.live_blocks, row.pool_bytes), row))
    return list(rows.values())


def bounds_of(analyser, objects):
    answers = {answer["label"]: answer for answer in analyser.ask(objects, contract.QUERIES)}
    return {function: answers[label]["instructions"] for function, label in LABELS.items()
            if "instructions" in answers.get(label, {})}


def loads_for(build, wanted):
    """The loads that a build serves: with --quick, one for the default level alone."""
    if wanted.quick:
        return wanted.loads[:1] if build.hardening == DEFAULT_LEVEL else []
    return wanted.loads


def count_every(build):
    """One call in so many of a load is counted. Emulation is slow on the host: there the default
    build counts every call, and the others one in sixteen."""
    is_default = build.hardening == DEFAULT_LEVEL and build.layout == "compact"
    return 1 if is_default or build.target != "x86-64" else 16


def measure(study, analyser, wanted, folder):
    objects = study.build.compile(folder, wanted.sources, wanted.options)
    study.bounds = bounds_of(analyser, objects)
    program = program_build(study.build, DRIVERS, objects, folder, wanted.options)
    machine = MACHINES[study.build.target]
    study.rows = output_rows(machine.run(program, wanted.heap_settings, None), None)
    for load in loads_for(study.build, wanted):
        settings = [f"load_pool={LOAD_POOL}", f"count_every={count_every(study.build)}",
                    "step_every=4096"]
        study.rows += output_rows(machine.run(program, settings, load), load)
    study.failures = failures_of(study)


def study_build(build, analyser, wanted):
    study, begin = Study(build), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            measure(study, analyser, wanted, Path(folder))
        except (builds.BuildError, MachineError) as error:
            if REFUSED in str(error):
                study.refused = str(error)
            else:
                study.failures = [str(error)]
    study.seconds = time.monotonic() - begin
    return study


# ---- judging ---------------------------------------------------------------------------


def failures_of(study):
    failures = []
    for function in study.functions():
        rows = study.rows_of(function)
        crafted = {row.instructions for row in rows if row.driver == "crafted"}
        most = max(rows, key=lambda row: row.instructions)
        where = (f"({most.driver} {most.load}, {most.live_blocks} live blocks, "
                 f"{most.pool_bytes} bytes)")
        bound = study.bounds.get(function)
        if bound is None:
            failures.append(f"{function}: has no static bound")
        elif most.instructions > bound:
            failures.append(f"{function}: {most.instructions} instructions exceed the bound "
                            f"{bound} {where}")
        if len(crafted) > 1:
            failures.append(f"{function}: the worst case differs between heaps: "
                            f"{', '.join(map(str, sorted(crafted)))}")
        missed = most.instructions - max(crafted) if crafted else 0
        if missed > 0:
            text = (f"{function}: {most.instructions} instructions, and no more than "
                    f"{max(crafted)} in any crafted state {where}")
            (failures if missed > MISSED * most.instructions else study.notes).append(text)
    return failures


# ---- output ----------------------------------------------------------------------------


def bytes_text(number):
    unit = next(unit for unit in (30, 20, 10, 0) if number >= 1 << unit)
    return f"{number >> unit} {({30: 'GiB', 20: 'MiB', 10: 'KiB', 0: 'B'})[unit]}"


def span(numbers, text=str):
    low, high = text(min(numbers)), text(max(numbers))
    return low if low == high else f"{low}..{high}"


HEAD = (f"{'target':10} {'layout':8} h {'function':15} {'live blocks':>12} {'pool':>13} "
        f"{'calls':>9} {'crafted':>8} {'walk':>5} {'loads':>5} {'bound':>6} {'share':>6} "
        f"{'lines':>5}")


def most_of(rows, driver):
    most = max((row.instructions for row in rows if row.driver == driver), default=None)
    return "-" if most is None else most


def summary_line(study, function):
    rows, build, bound = study.rows_of(function), study.build, study.bounds.get(function)
    heaps = [row for row in rows if row.driver != "recorded load"]
    share = max(row.instructions for row in rows) / bound if bound else 0
    lines = max(row.cache_lines for row in rows) or "-"
    return (f"{build.target:10} {build.layout:8} {build.hardening} {function:15} "
            f"{span([row.live_blocks for row in heaps]):>12} "
            f"{span([row.pool_bytes for row in heaps], bytes_text):>13} "
            f"{sum(row.calls for row in rows):>9} {most_of(rows, 'crafted'):>8} "
            f"{most_of(rows, 'random walk'):>5} {most_of(rows, 'recorded load'):>5} "
            f"{bound or 'none':>6} {share:>6.1%} {lines:>5}"
            + ("" if share >= CLOSE or not bound else "  below 90 %"))


def row_line(row):
    return (f"    {row.function:15} {row.driver + ' ' + row.load:22} {row.live_blocks:>8} live "
            f"{bytes_text(row.pool_bytes):>8} {row.calls:>8} calls {row.instructions:>5} "
            f"instructions {row.cache_lines or '-':>4} lines")


def study_print(study, with_rows):
    name = f"{study.build.target} {study.build.layout}, hardening {study.build.hardening}"
    if study.refused:
        print(f"{name}: not built, the configuration refuses it: {study.refused}")
    for function in study.functions():
        print(summary_line(study, function))
        if with_rows:
            print("\n".join(map(row_line, study.rows_of(function))))
    for failure in study.failures:
        print(f"  FAILED {name}: {failure}")
    for note in study.notes:
        print(f"  not found by the search, {name}: {note}")
    sys.stdout.flush()


def record(study, row):
    entry = {"target": study.build.target, "function": row.function, "driver": row.driver,
             "live_blocks": row.live_blocks, "pool_bytes": row.pool_bytes, "calls": row.calls,
             "max_instructions": row.instructions, "bound": study.bounds.get(row.function),
             "hardening": study.build.hardening, "layout": study.build.layout}
    if row.load:
        entry["load"] = row.load
    if row.cache_lines:
        entry["max_cache_lines"] = row.cache_lines
    return entry


def json_write(studies, path):
    json_results.write(path, [study.build.compiler_version for study in studies],
                       [record(study, row) for study in studies for row in study.rows])


def verdict_print(studies):
    """Says whether the maxima are equal, and which bounds are not reached."""
    built = [study for study in studies if study.rows]
    rows = [row for study in built for row in study.rows if row.driver != "recorded load"]
    if rows and not any(study.failures for study in studies):
        kind = "crafted maximum" if any(study.notes for study in studies) else "maximum"
        print(f"\nThe {kind} of each function is the same for "
              f"{span([row.live_blocks for row in rows])} live blocks and pools of "
              f"{span([row.pool_bytes for row in rows], bytes_text)}, and exceeds no bound.")
    lines = [row.cache_lines for study in built for row in study.rows if row.cache_lines]
    if lines:
        print(f"No call touched more than {max(lines)} cache lines of data, including the stack.")
    loose = {}
    for study, function in ((study, function) for study in built for function in study.functions()):
        if study.share(function) < CLOSE:
            loose.setdefault((function, study.build.hardening), set()).add(study.build.target)
    for (function, level), targets in sorted(loose.items()):
        print(f"Below 90 % of its bound at hardening {level}: {function} "
              f"({', '.join(sorted(targets))}): {looseness(function, level)}.")


def looseness(function, level):
    """The reason why a bound is not reached."""
    if function in LOOSE:
        return LOOSE[function][1]
    if level == 1 and function in LOOSE_AT_1:
        return LOOSE_AT_1[function][1]
    if level >= LOOSE_LEVEL:
        return "it counts answers of checks that exclude each other"
    return "not explained"


def share_check(study):
    """Fails a study for each bound that is not reached without a known reason."""
    for function in study.functions():
        least = LOOSE.get(function, (CLOSE, ""))[0]
        if study.build.hardening == 1:
            least = min(least, LOOSE_AT_1.get(function, (CLOSE, ""))[0])
        if study.build.hardening >= LOOSE_LEVEL:
            least = min(least, LOOSE_SHARE)
        if study.share(function) < least:
            study.failures.append(f"{function} executes {study.share(function):.1%} of its bound, "
                                  f"less than {least:.0%}: find the path, or say why there is none")


# ---- command ---------------------------------------------------------------------------


def loads_find(folder):
    """The recorded loads. Records them if there are none."""
    if not list(folder.glob("*.load")):
        recorder = FOLDER / "executed" / "recorder.so"
        recorder.parent.mkdir(parents=True, exist_ok=True)
        run("gcc", "-O2", "-D_GNU_SOURCE", "-fPIC", "-shared", "-pthread", "-fno-builtin",
            *sorted((ROOT / "bench" / "loads" / "record").glob("*.c")), "-o", recorder)
        run(ROOT / "bench" / "loads" / "record" / "record_programs", recorder, folder)
    return sorted(folder.glob("*.load"))


def parse():
    parser = argparse.ArgumentParser(prog="bench/executed", description="""
        Counts the executed instructions of single calls in crafted worst cases, random walks and
        recorded loads, on this machine and in bare-metal images, with gcc -O2. Status 0 means that
        counting is calibrated, that no count exceeds its static bound, and that the worst case of
        each function is the same for every number of live blocks and every size of the pool.""")
    parser.add_argument("--quick", action="store_true",
                        help="compact layout, hardening 1 unless chosen, three heaps, fewer states "
                             "and steps, one load")
    for option, values in (("target", MACHINES), ("layout", builds.LAYOUTS),
                           ("hardening", builds.LEVELS)):
        parser.add_argument(f"--{option}", action="append", type=type(list(values)[0]),
                            choices=list(values), help="only these; may be repeated")
    parser.add_argument("--rows", action="store_true", help="print every driver, load and heap")
    parser.add_argument("--seed", type=int, default=1, help="of states and walks; default 1")
    parser.add_argument("--samples", type=int, help="states in the first heap, a tenth in others")
    parser.add_argument("--steps", type=int, help="calls of the walk in each heap")
    parser.add_argument("--largest-pool", type=int, default=1 << 30, help="in bytes")
    parser.add_argument("--loads", type=Path, default=FOLDER / "loads", help="folder of *.load")
    parser.add_argument("--no-loads", action="store_true")
    parser.add_argument("--define", action="append", default=[], metavar="OPTION=VALUE",
                        help="of tlsf_config.h, as TLSF_STATISTICS=0; may be repeated")
    parser.add_argument("--lib", type=Path, help="other sources than lib/")
    parser.add_argument("--json", type=Path, default=OUTPUT, help=f"default: {OUTPUT}")
    return parser.parse_args()


def settings_of(wanted):
    """Completes the arguments with the settings of programs and compiler."""
    samples = wanted.samples or (40000 if wanted.quick else 60000)
    steps = wanted.steps or (5000 if wanted.quick else 100000)
    wanted.heap_settings = [f"seed={wanted.seed}", f"samples={samples}", f"steps={steps}",
                            f"pool={wanted.largest_pool}", f"quick={int(wanted.quick)}",
                            "step_every=4096"]
    wanted.options = [f"-D{define}" for define in wanted.define]
    wanted.sources = builds.SOURCES
    if wanted.lib:
        wanted.sources = sorted(path.resolve() for path in wanted.lib.glob("core/*.c"))
    loads = [] if wanted.no_loads else loads_find(wanted.loads)
    wanted.loads = sorted(loads, key=lambda load: load.stat().st_size)


def chosen_builds(wanted):
    layouts = wanted.layout or (("compact",) if wanted.quick else builds.LAYOUTS)
    targets = wanted.target or (builds.QUICK_TARGETS if wanted.quick else MACHINES)
    levels = wanted.hardening or ((DEFAULT_LEVEL,) if wanted.quick else builds.LEVELS)
    return [builds.Build(target, "gcc", "-O2", layout, level)
            for layout, level, target in itertools.product(layouts, levels, targets)]


def main():
    wanted, begin = parse(), time.monotonic()
    settings_of(wanted)
    analyser = Analyser()
    print(f"The most instructions that one call executed; seed {wanted.seed}. h: hardening; lines: "
          "cache lines of data.\n\n" + HEAD, flush=True)
    studies = []
    with ThreadPoolExecutor(2) as workers:
        for study in workers.map(lambda build: study_build(build, analyser, wanted),
                                 chosen_builds(wanted)):
            studies.append(study)
            if not wanted.define:  # the crafted states are made for the default options
                share_check(study)
            study_print(study, wanted.rows)
    verdict_print(studies)
    json_write(studies, wanted.json)
    failed = sum(len(study.failures) for study in studies)
    built = sum(bool(study.rows) for study in studies)
    print(f"\n{built} builds, {failed} failed, {time.monotonic() - begin:.0f} s; {wanted.json} "
          "has every figure")
    return 1 if failed or not built else 0


if __name__ == "__main__":
    sys.exit(main())
