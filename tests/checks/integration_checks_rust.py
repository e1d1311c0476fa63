# SPDX-License-Identifier: BSD-3-Clause
"""integrations/rust: the crate's tests with Debian's rustc, on this machine, offline."""

import re
import shutil

from report import BUILD, ROOT, run

CRATE = ROOT / "integrations" / "rust"
TARGET = BUILD / "rust"
CASES = re.findall(r"#\[test\]\s+fn (\w+)", (CRATE / "tests" / "heap.rs").read_text())
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "CARGO_TARGET_DIR": str(TARGET), "RUSTFLAGS": "-D warnings",
               "CARGO_HOME": str(BUILD / "cargo-home"), "CARGO_TERM_COLOR": "never"}


def cargo(command, **more):
    return run("timeout", "300", "cargo", command, "--offline", "--locked", "-j1", cwd=CRATE,
               env={**ENVIRONMENT, **more})


def crate_keeps_its_promises(result, seed):
    done = cargo("test", FMEMP_SEED=str(seed))
    passed = set(re.findall(r"^test (\w+) \.\.\. ok$", done.output, re.MULTILINE))
    for case in CASES:
        result.check(case in passed, f"seed {seed}: {case}", done.tail())
    result.check(done.ok and "test src/lib.rs - (line" in done.output, "the crate's example",
                 done.tail())
    version_is_the_headers(result)
    prebuilt_library_is_linked(result)


def version_is_the_headers(result):
    header = (ROOT / "include" / "tlsf.h").read_text()
    version = ".".join(re.findall(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))
    result.check(f'\nversion = "{version}"\n' in (CRATE / "Cargo.toml").read_text(),
                 f"Cargo.toml has version {version}")


def prebuilt_library_is_linked(result):
    """With FMEMP_LIB_DIR nothing is compiled, and without the library in it nothing links."""
    folder = TARGET / "prebuilt"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {"FMEMP_LIB_DIR": str(folder), "CC": "false"}
    done = cargo("build", **environment)
    result.check(not done.ok and "fmemp_core" in done.output, "no library is an error", done.tail())
    made = sorted(TARGET.glob("debug/build/fmemp-*/out/libfmemp_core.a"))
    if result.check(made, "a library was made"):
        shutil.copy(made[0], folder)
        done = cargo("build", **environment)
        result.check(done.ok, "a library made before is linked", done.tail())
    done = cargo("build", CC="false")
    result.check(not done.ok and "false" in done.output, "a compiler that fails is an error",
                 done.tail())
