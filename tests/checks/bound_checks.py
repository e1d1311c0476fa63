# SPDX-License-Identifier: BSD-3-Clause
"""Static bounds (bench/static-bound): the code has no loop and no call but what contracts admit,
and no bound exceeds its budget. Controls show that each violation would be found."""

import sys
from copy import deepcopy
from functools import lru_cache
from itertools import product

from report import ROOT

sys.path.insert(0, str(ROOT / "bench" / "worst_case" / "bound"))

from longest_path import analyser  # noqa: E402
import budget  # noqa: E402
import builds  # noqa: E402
import command  # noqa: E402
import contract  # noqa: E402

CONTROL = ROOT / "tests" / "checks" / "bound_control.c"
CALL = "call of library function "
# Function of bound_control.c: what must be found in it, in one of the forms that compilers make.
FINDINGS = {
    "control_straight": (), "control_branches": (), "control_calls": (),
    "control_loop": ("loop",),
    "control_recursion": ("recursion",),
    "control_mutual": ("recursion",),
    "control_mutual_other": ("recursion",),
    "control_indirect_call": ("indirect call",),
    "control_indirect_tail_call": ("indirect jump", "indirect call"),
    "control_jump_table": ("indirect jump", CALL + "__gnu_thumb1_case_uqi"),
    "control_library_call": (CALL + "outside",),
    "control_library_tail_call": (CALL + "outside",),
    "control_copy": (CALL + "memcpy", "loop of one instruction"),
    "control_variable_stack": ("stack pointer set in an unknown way",),
    "control_report": (CALL + "outside",),
}
FIGURES = ("instructions", "loads", "stores", "stack_bytes", "code_bytes")


@lru_cache(maxsize=None)
def built_analyser():
    return analyser.Analyser()


def figures(answer):
    return {name: answer.get(name) for name in FIGURES}


# ---- the bound ---------------------------------------------------------------------------


def requests_are_bounded(result, seed):
    """Every target and level with gcc -O2 in the compact layout, one with clang, which alone makes
    jump tables, and a sixth of all builds; bench/static-bound has the others.
    The budget is compared where the same version of the compiler made it."""
    some_builds = [build for build in builds.all_builds() if build.compiler == "gcc"
                   and build.optimisation == "-O2" and build.layout == "compact"
                   and build.preset == "default"]
    some_builds += [builds.Build("x86-64", "clang", "-O2", "compact", 0),
                    *builds.sampled_builds(seed)]
    studies = list(command.studies_of(dict.fromkeys(some_builds), built_analyser()))
    result.note(f"sampled by seed {seed}: {len(studies)} of {len(builds.all_builds())} builds")
    for studied in studies:
        result.check(studied.answers, f"{studied.build}: object code",
                     "\n".join(studied.violations))
        for label, answer in studied.answers.items():
            result.check(not contract.violations(answer), f"{studied.build}: {label}",
                         "\n".join(contract.violations(answer)))
    admissions_are_needed(result, studies)
    compared = budget.Comparison(budget.Budget.read(), studies)
    result.passed += compared.held
    for text in compared.exceeded:
        result.fail(f"budget: {text}")
    result.note(f"budget: {compared.held} figures held, {len(compared.lower)} may be lowered "
                "(bench/static-bound --update)")
    for compiler in sorted(compared.foreign):
        result.note(f"budget: not comparable, another version than {compiler} made it")


def costs_of_levels_are_those_of_the_headers(result):
    """What TLSF_HARDENING says in tlsf_config.h about the cost of levels 1 and 2 holds in the
    budget, for every target with gcc -O2."""
    lines = budget.Budget.read().lines
    for target in builds.TARGETS:
        level_0, level_1, level_2 = (
            {name: figures[0] for name, figures in
             lines[" ".join(str(builds.Build(target, "gcc", "-O2", "compact", level)).split())]
             .items()} for level in builds.LEVELS)
        for names, least, most in (("malloc memalign", 0, 60), ("free realloc", 80, 200)):
            for name in names.split():
                added = level_1[name] - level_0[name]
                result.check(least <= added <= most, f"{target}: level 1 adds {added} to {name}")
        for name in ("malloc", "free", "memalign", "realloc"):
            result.check(3 <= level_2[name] / level_0[name] <= 5,
                         f"{target}: {name} has {level_2[name]} instructions at level 2, "
                         f"{level_0[name]} at level 0")


def admissions_are_needed(result, studies):
    """Each finding that a contract admits occurs in some build, and so does one of the library
    calls that it admits. Otherwise the contract admits too much."""
    for pattern, kinds, calls, _ in contract.ADMITTED:
        answers = [answer for studied in studies for label, answer in studied.answers.items()
                   if contract.admission_of(label) and contract.admission_of(label)[0] == pattern]
        found = {finding["kind"] for answer in answers for finding in answer["findings"]}
        found |= {call["callee"] for answer in answers for call in answer["calls"]}
        for wanted in kinds:
            result.check(wanted in found, f"{pattern} has no {wanted} in any build")
        if calls:
            result.check(found & set(calls),
                         f"{pattern} calls none of {', '.join(calls)} in any build")


def samples_have_every_build(result):
    """Six seeds in a row; and each target, compiler and optimisation with each seed."""
    samples = [builds.sampled_builds(seed) for seed in range(7, 13)]
    result.check(sorted(map(str, sum(samples, []))) == sorted(map(str, builds.all_builds())),
                 "six samples are every build, once")
    for sample in samples:
        for values in product(builds.TARGETS, builds.COMPILERS, builds.OPTIMISATIONS):
            result.check(any((build.target, build.compiler, build.optimisation) == values
                             for build in sample), f"no sample of {' '.join(values)}")


def debug_information_changes_no_code(result):
    for build in (build for build in builds.quick_builds() if build.hardening == 2):
        with_lines = build.study(built_analyser(), contract.QUERIES)
        without = build.study(built_analyser(), contract.QUERIES, options=["-g0"])
        result.check([figures(answer) for answer in with_lines] ==
                     [figures(answer) for answer in without], f"{build}: -g")


def paths_are_as_long_as_bounds(result):
    """The printed path has as many instructions as the bound, and lines of the core."""
    for build in (build for build in builds.quick_builds() if build.hardening == 2):
        for answer in build.study(built_analyser(), contract.QUERIES, with_path=True):
            if "instructions" in answer:
                path = answer["path"]
                files = {place["file"].replace(str(ROOT) + "/", "") for place in path}
                result.check(len(path) == answer["instructions"],
                             f"{build}: path of {answer['label']}", f"{len(path)} instructions")
                result.check(any(file.startswith("lib/") for file in files),
                             f"{build}: lines of {answer['label']}", ", ".join(sorted(files)))


CORTEX_M33 = "clang-19 --target=arm-none-eabi -mcpu=cortex-m33 -mthumb -ffreestanding -O2"


def own_compiler_is_studied(result):
    """--cc: with the command of a known build its figures; with a compiler and a processor that no
    other build has, a bound of each request; and a failure for code that calls a library."""
    def studied(words):
        return command.study(builds.OwnBuild(words=tuple(words.split())), built_analyser())

    def figures_of_core(study):
        return {label: figures(answer) for label, answer in study.answers.items()
                if not label.startswith("FMemp")}

    known = command.study(builds.Build("x86-64", "gcc", "-O2", "compact", 1), built_analyser())
    own = studied("gcc -O2")
    result.check(known.answers and figures_of_core(own) == figures_of_core(known),
                 "--cc 'gcc -O2' has the figures of x86-64 gcc -O2 compact 1")
    own = studied(CORTEX_M33)
    result.check(own.answers and not own.violations and
                 all(own.answers[label].get("instructions", 0) > 0
                     for label in contract.REQUESTS.values()), CORTEX_M33,
                 "\n".join(own.violations))
    own = studied("gcc -O2 -include stdlib.h -DTLSF_ASSERTIONS=1 -DTLSF_STOP()=exit(1)")
    result.check(any(CALL + "exit" in text for text in own.violations), "--cc: a library call")


# ---- controls ----------------------------------------------------------------------------


def controls_are_found(result):
    """Loops, recursion, indirect calls, library calls and jump tables are found on every target,
    with both compilers."""
    for target, compiler, optimisation in product(builds.TARGETS, builds.COMPILERS,
                                                  builds.OPTIMISATIONS):
        build = builds.Build(target, compiler, optimisation, "compact", 0)
        queries = [analyser.Query(name, (name,)) for name in FINDINGS]
        queries.append(analyser.Query("reported", ("control_report",), avoided=("outside",)))
        queries.append(analyser.Query("copy", ("control_copied",), avoided=("copied",)))
        queries.append(analyser.Query("opaque", ("control_library_call",), opaque=("outside",)))
        queries.append(analyser.Query("section", ("control_section",), opaque=("outside",),
                                      first=("outside",), last=("outside_last",)))
        answers = {answer["label"]: answer for answer in
                   build.study(built_analyser(), queries, [CONTROL])}
        for name, wanted in FINDINGS.items():
            control_is_found(result, build, answers[name], wanted)
        figures_are_right(result, build, answers)


def control_is_found(result, build, answer, wanted):
    found = [finding["kind"] for finding in answer["findings"]]
    if wanted:
        ok = any(kind in found for kind in wanted) and "instructions" not in answer
    else:
        ok = not found and answer.get("instructions", 0) > 0
    result.check(ok, f"{build}: {answer['label']}", f"found {found}, wanted {wanted}")


def figures_are_right(result, build, answers):
    """The figures of the controls that are known without another disassembler."""
    straight, branches = answers["control_straight"], answers["control_branches"]
    calls, reported = answers["control_calls"], answers["reported"]
    # A Cortex-M4 can predicate the stores of both sides; they count as executed.
    result.check(branches["stores"] in ((4, 5) if build.target == "cortex-m4" else (4,)),
                 f"{build}: the longer side of a branch counts", str(figures(branches)))
    result.check((calls["stores"], calls["loads"]) >= (2, 3) and
                 calls["instructions"] > straight["instructions"],
                 f"{build}: callees count", str(figures(calls)))
    result.check("instructions" in reported and reported["instructions_until_avoided"] > 0 and
                 {call["callee"] for call in reported["calls"]} == {"outside"},
                 f"{build}: an avoided path", str(reported))
    result.check("instructions" in answers["opaque"], f"{build}: an opaque call")
    result.check({call["callee"] for call in answers["copy"]["calls"]} == {"copied"},
                 f"{build}: a compiler's copy of a function has its name", str(answers["copy"]))
    section = answers["section"]
    result.check(section.get("stores") in ((2, 3) if build.target == "cortex-m4" else (2,)) and
                 4 < section.get("instructions", 0) < 16,
                 f"{build}: a section between two calls", str(figures(section)))
    if build.target == "aarch64":  # every instruction is 4 bytes
        result.check(straight["instructions"] * 4 == straight["code_bytes"],
                     f"{build}: instructions of straight code", str(figures(straight)))


def budget_is_compared(result):
    """A figure above its budget, a missing figure and another compiler are each reported."""
    build = builds.Build("x86-64", "gcc", "-O2", "compact", 0)
    studied = command.study(build, built_analyser())
    exact = budget.Budget()
    exact.update([studied])
    line = exact.lines[" ".join(str(build).split())]

    def compared(column, figures_of_column):
        changed = deepcopy(exact)
        if figures_of_column is None:
            del changed.lines[" ".join(str(build).split())][column]
        else:
            changed.lines[" ".join(str(build).split())][column] = figures_of_column
        return budget.Comparison(changed, [studied])

    instructions, stack = line["malloc"]
    same = budget.Comparison(exact, [studied])
    result.check((same.held, same.exceeded, same.lower) == (len(line), [], []), "the same figures")
    result.check(len(compared("malloc", (instructions - 1, stack)).exceeded) == 1,
                 "one instruction above its budget")
    result.check(len(compared("malloc", (instructions, stack - 1)).exceeded) == 1,
                 "one byte of stack above its budget")
    result.check(len(compared("code", (line["code"][0] - 1,)).exceeded) == 1,
                 "one byte of code above its budget")
    lower = compared("malloc", (instructions + 1, stack))
    result.check((len(lower.lower), lower.exceeded) == (1, []), "below its budget")
    result.check(len(compared("free", None).exceeded) == 1, "no budget for a figure")
    empty = budget.Budget()
    empty.compilers = exact.compilers
    result.check(len(budget.Comparison(empty, [studied]).exceeded) == 1, "no budget for a build")
    foreign = deepcopy(exact)
    foreign.compilers = {"gcc: another version"}
    other = budget.Comparison(foreign, [studied])
    result.check((other.held, other.exceeded) == (0, []) and
                 other.foreign == {build.compiler_version}, "another compiler's budget")
