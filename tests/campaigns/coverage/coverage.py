# SPDX-License-Identifier: BSD-3-Clause
"""Coverage of lib/ by the suites, measured by clang. The suites have to take every branch both
ways, and to show for every condition that it decides the outcome by itself (MC/DC).

What counts
  * Code of lib/ as the library compiles it counts. Suites that include lib/ are not instrumented,
    except those that test a header by itself (bit operations, size classes).
  * Many units compile a function in a header. Its instances count as one function: a way is taken
    if one instance takes it, and a condition is shown if one instance shows it.
  * Impossible ways do not count. `if (HARDENING_CORRUPTION)` has only one way where it is a
    constant, and so do conditions in other functions that follow from it. No list names them.
    Instead the compiler proves them impossible: the campaign marks each untaken way with a call of
    a function that does not exist, compiles the library with optimization, and links only what the
    public functions need. If a mark is gone, its way does not exist.
  * A condition with one way is no branch. In a decision with one outcome no condition can
    decide."""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field

import variants
from report import ROOT, Result, run

CLANG, LLVM = "clang-19", "-19"
INSTRUMENTED = ["-O1", "-fprofile-instr-generate", "-fcoverage-mapping", "-fcoverage-mcdc"]
EXPANSION = 1  # a kind of region in the export of llvm-cov

# The libraries of a build to measure. The others differ only in their lock.
PLAIN = ("libfmemp", "libfmemp_mock", "libfmemp_default_port", "libfmemp_bounded")
TAGGED = ("libfmemp_tagged",)
PUBLIC_HEADERS = ("tlsf.h", "tlsf_bounded.h", "fmemory_pool.h")

# name, options of the build, its libraries, the measured files. The first configuration ships.
CONFIGURATIONS = [
    ("shipped", [], PLAIN, "lib/"),
    ("tags", [], TAGGED, "lib/fmemp/"),
    ("hardening-0", ["-Dhardening=0"], PLAIN, "lib/"),
    ("hardening-2", ["-Dhardening=2"], PLAIN, "lib/"),
    ("hardening-3", ["-Dhardening=3"], PLAIN, "lib/"),
    ("wide-2", ["-Dblock_layout=wide", "-Dhardening=2", "-Dlook_ahead=4"], PLAIN, "lib/"),
    ("plain", ["-Dhardening=0", "-Dpending=false", "-Dstatistics=false", "-Dlook_ahead=3",
               "-Dround_to_class=true", "-Dbits=generic", "-Dgranule=16"], PLAIN, "lib/"),
]


@dataclass
class Condition:
    """A branch or a condition of lib/: how often all instances took each way."""
    true: int = 0
    false: int = 0

    def ways(self):
        return {"true": self.true, "false": self.false}


@dataclass
class Measure:
    """The counts of one configuration. Places are (file, line, column, line, column)."""
    files: str  # prefix of the paths of the measured files
    conditions: dict = field(default_factory=dict)
    functions: dict = field(default_factory=dict)  # place of the body: calls
    decides: dict = field(default_factory=dict)  # (file, line, column) of a condition: it decides
    decisions: dict = field(default_factory=dict)  # the same: the place of its decision


# ---- measuring ---------------------------------------------------------------------------


def command(words, folder=ROOT, environment=None):
    """Runs a command that has to succeed. Returns its output."""
    done = run(*words, cwd=folder, env=environment)
    if not done.ok:
        raise RuntimeError(done.tail())
    return done.output


def compiled(unit, folder, number, *flags, tree=ROOT, compiler=CLANG):
    output = folder / f"{number}-{unit.source.name}.o"
    command([*unit.command(compiler, tree, *flags), "-c", "-o", output], unit.folder)
    return output


def instrumented(target, folder):
    """Compiles a library, or a suite that stands alone, with counters. Returns the file."""
    objects = [compiled(unit, folder, number, *INSTRUMENTED)
               for number, unit in enumerate(target.units)]
    output = folder / target.name
    command([*target.link_command(CLANG, objects, output), "-fprofile-instr-generate"])
    return output


def run_suites(result, executables, folder, preloaded=None):
    """Runs suites. Each suite writes its counts into the folder."""
    environment = variants.test_environment(LLVM_PROFILE_FILE=f"{folder}/%p.profraw",
                                            LD_PRELOAD=str(preloaded or ""))
    for path in executables:
        done = subprocess.run([path], cwd=ROOT, env=environment, capture_output=True, text=True,
                              errors="replace")
        if done.returncode != 0:
            result.fail(f"{path.name} failed", (done.stdout + done.stderr)[-2000:])


def counts_of(folder):
    counts = folder / "all.profdata"
    command([f"llvm-profdata{LLVM}", "merge", "-o", counts, *folder.glob("*.profraw")])
    return counts


def llvm_cov(action, binary, counts, *options):
    done = subprocess.run([f"llvm-cov{LLVM}", action, binary, "-instr-profile", counts, *options],
                          capture_output=True, text=True, check=True)
    return done.stdout


def functions_of(binary, counts):
    return json.loads(llvm_cov("export", binary, counts))["data"][0]["functions"]


def add_decisions(measure, text):
    """Adds for each condition of each decision whether it has a pair of outcomes that differ in
    this condition alone. The export does not name these conditions, but the text does. The text
    omits conditions that the language makes constant."""
    file, decision, conditions = None, None, {}
    for line in text.splitlines():
        if header := re.match(r"/.*(?=:$)", line):
            file = header[0].removeprefix(f"{ROOT}/")
        elif found := re.match(r".*MC/DC Decision Region \((\d+):(\d+)\) to \((\d+):(\d+)\)", line):
            decision = (file, *map(int, found.groups()))
        elif found := re.match(r"  \|     Condition (C\d+) --> \((\d+):(\d+)\)", line):
            conditions[found[1]] = (file, int(found[2]), int(found[3]))
        elif pair := re.match(r"  \|  (C\d+)-Pair: (not covered|covered)", line):
            begin = conditions[pair[1]]
            measure.decides[begin] = pair[2] == "covered" or measure.decides.get(begin, False)
            measure.decisions[begin] = decision


def place_in(function, file, region):
    return (function["filenames"][file].removeprefix(f"{ROOT}/"), *region[:4])


def use_of(function, file, region):
    """Returns the place of a region in the function itself: where its macro is used."""
    while file != 0:
        file, region = next((region[5], region) for region in function["regions"]
                            if region[7] == EXPANSION and region[6] == file)
    return place_in(function, file, region)


def place_of(function, branch):
    """Returns the place of a condition: in its macro if that is in lib/, else where it is used."""
    written = place_in(function, branch[6], branch)
    return written if written[0].startswith("lib/") else use_of(function, branch[6], branch)


def contains(outer, inner):
    return outer[0] == inner[0] and outer[1:3] <= inner[1:3] and inner[3:5] <= outer[3:5]


def add_function(measure, function):
    """Adds one instance of a function."""
    body = place_in(function, 0, function["regions"][0])
    if not body[0].startswith(measure.files):
        return
    measure.functions[body] = measure.functions.get(body, 0) + function["count"]
    for branch in function["branches"]:
        condition = measure.conditions.setdefault(place_of(function, branch), Condition())
        condition.true += branch[4]
        condition.false += branch[5]


def measure_target(result, measure, target, executables, folder):
    folder = variants.work_folder(folder / target.name)
    binary = instrumented(target, folder)
    if executables is None:
        run_suites(result, [binary], folder)
    else:
        run_suites(result, [executable.path for executable in executables], folder, binary)
    counts = counts_of(folder)
    for function in functions_of(binary, counts):
        add_function(measure, function)
    add_decisions(measure, llvm_cov("show", binary, counts, "--show-mcdc"))


# ---- what the compiler proves ------------------------------------------------------------


def is_macro_name(place):
    """Returns whether a place is the name of a macro with arguments that contains a condition."""
    file, _, _, line, column = place
    return (ROOT / file).read_text().split("\n")[line - 1][column - 1:].startswith("(")


def untaken(measure):
    """Yields the untaken ways that can be marked, as (place, way). The way of a function is
    "called"."""
    for place, calls in measure.functions.items():
        if not calls:
            yield place, "called"
    for place, condition in measure.conditions.items():
        for way, count in condition.ways().items():
            if not count and not is_macro_name(place):
                yield place, way
    for begin, is_shown in measure.decides.items():
        if not is_shown and measure.decisions[begin][0].startswith(measure.files):
            yield measure.decisions[begin], "true"
            yield measure.decisions[begin], "false"


def mark_edits(names):
    """Returns insertions that mark the ways in `names`: file -> [(line, column, order, text)]. If
    several share a place, the outermost begins first and ends last."""
    edits = {}
    for place in {place for place, _ in names}:
        file, begin_line, begin_column, end_line, end_column = place
        size = (end_line - begin_line, end_column - begin_column)
        called = names.get((place, "called"))
        if called:
            edits.setdefault(file, []).append((begin_line, begin_column + 1, (0, 0, 0),
                                               f"{called}();"))
        ways = [f"({names[place, way]}(), {value})" if (place, way) in names else value
                for way, value in (("true", "1"), ("false", "0"))]
        if not called:
            edits.setdefault(file, []).append(
                (begin_line, begin_column, (1, -size[0], -size[1]), "(("))
            edits[file].append((end_line, end_column, (0, size[0], size[1]),
                                ") ? {} : {})".format(*ways)))
    return edits


def insert_marks(tree, edits):
    for file, insertions in edits.items():
        lines = (tree / file).read_text().split("\n")
        for line, column, _, text in sorted(insertions, reverse=True):
            old = lines[line - 1]
            lines[line - 1] = old[:column - 1] + text + old[column - 1:]
        (tree / file).write_text("\n".join(lines))


def public_names(unit, header):
    """Returns the linker names of the functions that a public header declares in this unit."""
    words = unit.command("gcc", ROOT, "-E", "-P", "-x", "c")[:-1]
    text = command([*words, ROOT / "include" / header], unit.folder)
    return re.findall(r"\b(\w+)\s*\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*;", text)


def needed_marks(library, tree, folder, names):
    """Returns the marks that are left in a library of its public functions and what they need."""
    declared = folder / "marks.h"
    declared.write_text("".join(f"void {name}(void);\n" for name in names.values()))
    objects = [compiled(unit, folder, number, "-O2", "-flto", "-include", declared, tree=tree,
                        compiler="gcc")
               for number, unit in enumerate(library.units)]
    public = [name for header in PUBLIC_HEADERS for name in public_names(library.units[0], header)]
    script = folder / "public.map"
    script.write_text("{ global: " + " ".join(f"{name};" for name in public) + " local: *; };\n")
    output = folder / "marked.so"
    command([*library.link_command("gcc", objects, output), "-O2", "-flto",
             f"-Wl,--version-script={script}"])
    return set(re.findall(r"\bfmemp_way_\d+\b", command(["nm", "-D", "-u", output])))


def impossible_ways(measure, libraries, folder):
    """Returns the untaken ways that exist in no library of the configuration."""
    names = {way: f"fmemp_way_{number}" for number, way in enumerate(sorted(set(untaken(measure))))}
    if not names:
        return set()
    tree = variants.copy_tree(folder / "marked")
    insert_marks(tree, mark_edits(names))
    needed = set()
    for library in libraries:
        needed |= needed_marks(library, tree, variants.work_folder(folder / "marks"), names)
    return {way for way, name in names.items() if name not in needed}


# ---- the gate ----------------------------------------------------------------------------


def text_of(place):
    file, line, column, end_line, end_column = place
    lines = (ROOT / file).read_text().split("\n")
    text = lines[line - 1][column - 1:end_column - 1 if line == end_line else None]
    return f"{file}:{line}: {text.strip()}"


def gate(result, measure, impossible):
    """Makes one check for each way of a branch, and one for each condition of MC/DC. Returns the
    numbers of branch ways and of conditions, each as taken and in all."""
    gone = {place for place, way in impossible if way == "called"}
    one_way = {place for place, way in impossible if way != "called"}
    for place, calls in sorted(measure.functions.items()):
        if place not in gone:
            result.check(calls > 0, f"not called: {text_of(place)}")
    ways, shown = [0, 0], [0, 0]
    for place, condition in sorted(measure.conditions.items()):
        if place in one_way or any(contains(body, place) for body in gone):
            continue
        for way, count in condition.ways().items():
            ways[0] += result.check(count > 0, f"never {way}: {text_of(place)}")
            ways[1] += 1
        if place[:3] in measure.decides and measure.decisions[place[:3]] not in one_way:
            shown[0] += result.check(measure.decides[place[:3]],
                                     f"decides nothing: {text_of(place)}")
            shown[1] += 1
    return ways, shown


def measure_configuration(result, name, options, libraries, files):
    """Measures one configuration and checks it. Returns a line of figures."""
    suites = variants.built(result, "shipped" if name == "tags" else name, options)
    if suites is None:
        return f"{name}: not built"
    folder = variants.work_folder(f"coverage-{name}")
    measure = Measure(files)
    measured = [suites.library(library) for library in libraries]
    for library in measured:
        measure_target(result, measure, library, library.executables, folder)
    for executable in suites.standing_alone:
        measure_target(result, measure, executable, None, folder)
    impossible = impossible_ways(measure, measured, folder)
    ways, shown = gate(result, measure, impossible)
    return (f"{name:12} {ways[0]} of {ways[1]} ways of branches, {shown[0]} of {shown[1]} "
            f"conditions (MC/DC); {len(impossible)} ways are not in this build")


def main():
    arguments = argparse.ArgumentParser(prog="tests/run coverage")
    arguments.add_argument("--quick", action="store_true", help="only the shipped configuration")
    arguments.add_argument("--only", default="", help="only configurations whose name matches this")
    wanted = arguments.parse_args()
    passed = failed = 0
    for name, *how in CONFIGURATIONS[:1] if wanted.quick else CONFIGURATIONS:
        if re.search(wanted.only, name):
            result = Result()
            line = measure_configuration(result, name, *how)
            for failure in result.failures:
                print(f"FAILED {name}: {failure}")
            print(line, flush=True)
            passed += result.passed
            failed += len(result.failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
