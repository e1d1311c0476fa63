# SPDX-License-Identifier: BSD-3-Clause
"""Configures, builds and tests a Meson build directory, and counts its test cases."""

import json
import re
import shutil

from report import BUILD, ROOT, run

# cmocka prints "not ok 7 # SKIP name" for a skipped case.
CASE = re.compile(r"^(ok|not ok) \d+ *(?:- )?(# SKIP )?(.*)$", re.MULTILINE)


def configure(result, name, options=(), cross=(), cc=None):
    """Sets up a build directory, anew when its options have changed. cross: names of files in
    cross/, or paths; cc: the native compiler. Returns the directory. None: failed."""
    folder = BUILD / name
    setup = ["-Dhost_malloc=disabled", *options]  # it has a step of its own
    for file in cross:
        setup += ["--cross-file", file if "/" in str(file) else ROOT / "cross" / f"{file}.ini"]
    stamp = folder / "fmemp_setup.json"
    wanted = json.dumps([str(word) for word in setup] + [cc])
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    done = run("meson", "setup", *setup, folder, ROOT, env={"CC": cc} if cc else None)
    if not done.ok:
        result.fail(f"meson setup of {name}", done.tail())
        return None
    stamp.write_text(wanted)
    return folder


def build(result, name, options=(), cross=(), cc=None, benchmarks="disabled", target="all"):
    """Configures and compiles. Returns the build directory. None: failed, and `result` has it."""
    folder = configure(result, name, [f"-Dbenchmarks={benchmarks}", *options], cross, cc)
    if folder is None:
        return None
    done = run("ninja", "-C", folder, "-j", "1", target)
    if not done.ok:
        result.fail(f"build of {name}", done.tail())
        return None
    return folder


def build_library(result, name, options=(), cross=(), cc=None):
    return build(result, name, ["-Dtests=disabled", *options], cross, cc)


def build_and_test(result, name, options=(), cross=(), cc=None, seed=1, steps=None, slower=2,
                   benchmarks="disabled", suite=None):
    """Builds and runs every test, or those of one suite. seed, steps: of the random streams;
    slower: multiplies the time limit of each executable."""
    folder = build(result, name, ["-Dtests=enabled", *options], cross, cc, benchmarks,
                   f"{suite}_tests" if suite else "all")
    if folder is None:
        return
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    environment = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "TLSF_TEST_SEED": str(seed),
                   "FMEMP_SEED": str(seed)}
    if steps:
        environment["TLSF_TEST_STEPS"] = str(steps)
    done = run("meson", "test", "-C", folder, "--no-rebuild", "--num-processes", "1",
               "-t", str(slower), *(["--suite", suite] if suite else []), env=environment)
    lines = log.read_text().splitlines() if log.exists() else []
    executables = [json.loads(line) for line in lines]
    for executable in executables:
        count_cases(result, executable)
    if not executables or (not done.ok and not result.failures):
        result.fail(f"meson test in {name}", done.tail())


def count_cases(result, executable):
    """Counts the cases of one executable by its TAP lines. An executable with a bad exit status has
    failed, whatever it printed."""
    name, output = executable["name"].split(" / ")[-1], executable.get("stdout", "")
    cases = CASE.findall(output)
    lines = (output + "\n" + executable.get("stderr", "")).splitlines()
    detail = "\n".join([line for line in lines if line and not line.startswith("ok ")][-40:])
    failed = 0
    for outcome, skipped, case in cases:
        if skipped:
            result.inapplicable_cases.add(f"{name}: {case}")
        elif result.check(outcome == "ok", f"{name}: {case}", "" if failed else detail):
            result.passed_cases.add(f"{name}: {case}")
        else:
            failed += 1
    if not cases and executable["result"] == "SKIP":
        result.inapplicable_cases.add(name)  # this machine cannot run it
        return
    if not failed and executable["result"] != "OK":
        result.fail(f"{name} ended with {executable['result']}", detail)
    elif not failed and f"1..{len(cases)}" not in lines or not cases:
        result.fail(f"{name} ran {len(cases)} cases, but planned others", detail)
