# SPDX-License-Identifier: BSD-3-Clause
"""Configures, builds and tests one Meson build directory, and counts its test cases."""

import json
import re
import shutil

from report import BUILD, ROOT, run

CASE = re.compile(r"^(ok|not ok) \d+ *-? *(.*)$", re.MULTILINE)


def configure(result, name, options=(), cross=(), cc=None):
    """Sets a build directory up, anew when its options changed. Returns it; None: failed.
    cross: names of files in cross/, or paths; cc: the native compiler."""
    folder = BUILD / name
    setup = list(options)
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


def build(result, name, options=(), cross=(), cc=None, benchmarks="disabled"):
    """Configures and compiles. Returns the build directory; None: failed, and said so."""
    folder = configure(result, name, [f"-Dbenchmarks={benchmarks}", *options], cross, cc)
    if folder is None:
        return None
    done = run("ninja", "-C", folder, "-j", "1")
    if not done.ok:
        result.fail(f"build of {name}", done.tail())
        return None
    return folder


def build_library(result, name, options=(), cross=(), cc=None):
    return build(result, name, ["-Dtests=disabled", *options], cross, cc)


def build_and_test(result, name, options=(), cross=(), cc=None, seed=1, steps=None, slower=2,
                   benchmarks="disabled"):
    """Runs every test of a build. seed and steps: of the random streams; slower: multiplies the
    time that each executable may take."""
    folder = build(result, name, ["-Dtests=enabled", *options], cross, cc, benchmarks)
    if folder is None:
        return
    log = folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    environment = {"CMOCKA_MESSAGE_OUTPUT": "TAP", "TLSF_TEST_SEED": str(seed),
                   "FMEMP_SEED": str(seed)}
    if steps:
        environment["TLSF_TEST_STEPS"] = str(steps)
    done = run("meson", "test", "-C", folder, "--no-rebuild", "--num-processes", "1",
               "-t", str(slower), env=environment)
    lines = log.read_text().splitlines() if log.exists() else []
    executables = [json.loads(line) for line in lines]
    for executable in executables:
        count_cases(result, executable)
    if not executables or (not done.ok and not result.failures):
        result.fail(f"meson test in {name}", done.tail())


def count_cases(result, executable):
    """Counts the cases of one executable by the TAP lines that it printed. A skipped case has
    not passed, and an executable that ended badly has failed whatever it printed."""
    name, output = executable["name"].split(" / ")[-1], executable.get("stdout", "")
    detail = "\n".join((output + "\n" + executable.get("stderr", "")).splitlines()[-60:])
    failed = 0
    for outcome, case in CASE.findall(output):
        if not result.check(outcome == "ok" and "# SKIP" not in case.upper(), f"{name}: {case}",
                            "" if failed else detail):
            failed += 1
    if not failed and executable["result"] != "OK":
        result.fail(f"{name} ended with {executable['result']}", detail)
    elif not CASE.search(output):
        result.fail(f"{name} ran no case", detail)
