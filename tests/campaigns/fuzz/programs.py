# SPDX-License-Identifier: BSD-3-Clause
"""The programs of the fuzz campaign: the variants of the targets, and how each engine builds and
runs one."""

import os

import inside
from report import BUILD, ROOT, run

FUZZ = ROOT / "tests" / "campaigns" / "fuzz"
WORK = BUILD / "fuzz"
FINDINGS = WORK / "findings"

MODEL = ["model/drive.c", "model/model.c", "model/model_calls.c", "model/outer.c",
         "model/shadow.c"]
SUPPORT = ["model/profiles.c", "model/stream.c", "support/random.c", "support/region.c",
           "campaigns/fuzz/entry.c"]
INCLUDES = ["-Iinclude", "-Ilib/core", "-Ilib/fmemp", "-Iarch/x86", "-Itests"]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
SANITIZE = "address,undefined"
LONGEST_INPUT = 4096
CARE = "-DFUZZ_CARE=drive_walks_rarely"  # replay verifies more often: see drive.h


class Variant:
    """A target with build options, and its share of a number of requests. The share is small where
    requests are slow: hardening 3 fills memory."""

    def __init__(self, target, name, share, *options):
        self.target, self.name, self.share, self.options = target, name, share, list(options)

    def sources(self):
        own = [] if self.target == "corrupt" else MODEL
        tests = [f"tests/{name}" for name in [*own, *SUPPORT, f"campaigns/fuzz/{self.target}.c"]]
        return tests + sorted(str(path.relative_to(ROOT)) for path in (ROOT / "lib").glob("*/*.c"))

    def flags(self):
        port = ["-include", "tests/campaigns/fuzz/fmemp_port.h"] if self.target == "fmemp" else []
        return ["-std=c11", "-g", *INCLUDES, *WARNINGS, *port, *self.options]

    def unguiding(self):
        """Writes the list of sources whose branches must not guide a fuzzer: the tests, and code
        that only verifies. Returns its path."""
        verifying = [] if self.target == "corrupt" else ["tlsf_check", "tlsf_walk_blocks"]
        names = ["tests/*", *(inside.find(name).path.relative_to(ROOT) for name in verifying)]
        path = WORK / f"{self.target}.unguiding"
        path.write_text("".join(f"src:{name}\n" for name in names))
        return path

    def corpus(self):
        return FUZZ / "corpus" / self.target


OTHER = ["-DTLSF_LAYOUT=TLSF_WIDE", "-DTLSF_GRANULE=16", "-DTLSF_SL_BITS=5", "-DTLSF_LOOK_AHEAD=3",
         "-DTLSF_PENDING=0"]
VARIANTS = [
    Variant("core", "core", 40),
    Variant("fmemp", "fmemp-tags", 20, "-DFMEMP_TAG_DEBUG=1", "-DFMEMP_CALL_SITES=1"),
    Variant("corrupt", "corrupt-2", 10, "-DTLSF_HARDENING=2"),
    Variant("core", "core-wide-2", 10, "-DTLSF_HARDENING=2", *OTHER),
    Variant("core", "core-3", 3, "-DTLSF_HARDENING=3"),
    Variant("fmemp", "fmemp-3", 2, "-DTLSF_HARDENING=3"),
    Variant("corrupt", "corrupt-3", 5, "-DTLSF_HARDENING=3"),
    Variant("corrupt", "corrupt-wide-2", 10, "-DTLSF_HARDENING=2", *OTHER),
]
TARGETS = ["core", "fmemp", "corrupt"]


class Failed(Exception):
    """A command of the campaign itself has failed."""


def sanitizer_environment(**more):
    """The environment of the sanitizers. They keep little freed memory: inputs are short."""
    return {**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=4:abort_on_error=1:symbolize=0",
            "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1", **more}


def compile_program(compiler, variant, driver, output, flags, env=None):
    done = run(compiler, *variant.flags(), *flags, *variant.sources(), *driver, "-o", output,
               env=env)
    if not done.ok:
        raise Failed(f"build of {output.name}:\n{done.tail()}")
    return output


class Engine:
    """Builds the program of a variant, and gives the command that runs it for some seconds in a
    folder of its own. An engine that counts also stops after a number of requests."""

    def program(self, variant):
        return WORK / f"{self.name}_{variant.name}"


class Replay(Engine):
    """Runs files under sanitizers. It does not look for inputs."""

    name = "replay"

    def build(self, variant):
        flags = ["-O1", f"-fsanitize={SANITIZE}", "-fno-sanitize-recover=all"]
        return compile_program("clang", variant, [FUZZ / "replay.c"], self.program(variant),
                               flags)


class Soak(Engine):
    """Random loads, optimized and without sanitizers, for many requests in little time."""

    name = "soak"
    counts = True

    def build(self, variant):
        flags = ["-O2", CARE]
        return compile_program("gcc", variant, [FUZZ / "soak.c"], self.program(variant), flags)

    def command(self, variant, seconds, requests, seed, folder):
        return [self.program(variant), seed, requests, seconds, folder]

    def environment(self):
        return dict(os.environ)

    def findings(self, folder):
        return sorted(folder.glob("soak-*"))


class LibFuzzer(Engine):
    """libFuzzer with address and undefined-behaviour sanitizers."""

    name = "libfuzzer"
    counts = False

    def build(self, variant):
        flags = ["-O2", CARE, f"-fsanitize=fuzzer,{SANITIZE}", "-fno-sanitize-recover=all",
                 f"-fsanitize-coverage-ignorelist={variant.unguiding()}"]
        return compile_program("clang", variant, [], self.program(variant), flags)

    def command(self, variant, seconds, requests, seed, folder):
        corpus = WORK / "corpus" / variant.target
        corpus.mkdir(parents=True, exist_ok=True)
        return [self.program(variant), corpus, variant.corpus(), f"-max_total_time={seconds}",
                f"-seed={seed}", f"-artifact_prefix={folder}/", f"-max_len={LONGEST_INPUT}",
                "-timeout=30", "-report_slow_units=30", "-print_final_stats=1"]

    def environment(self):
        return sanitizer_environment()

    def findings(self, folder):
        return sorted(path for kind in ("crash", "timeout", "oom", "leak")
                      for path in folder.glob(f"{kind}-*"))


class Afl(Engine):
    """AFL++ in persistent mode, with the sanitizers."""

    name = "afl"
    counts = False

    def build(self, variant):
        environment = {"AFL_USE_ASAN": "1", "AFL_USE_UBSAN": "1", "AFL_QUIET": "1",
                       "AFL_LLVM_DENYLIST": str(variant.unguiding())}
        return compile_program("afl-clang-fast", variant, [], self.program(variant),
                               ["-O2", CARE, "-fsanitize=fuzzer"], env=environment)

    def command(self, variant, seconds, requests, seed, folder):
        return ["afl-fuzz", "-i", variant.corpus(), "-o", folder, "-V", seconds, "-s", seed,
                "-G", LONGEST_INPUT, "-t", "20000", "-m", "none", "--", self.program(variant)]

    def environment(self):
        return sanitizer_environment(
            AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1", AFL_NO_AFFINITY="1", AFL_FAST_CAL="1",
            AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1", AFL_TRY_AFFINITY="0")

    def findings(self, folder):
        return sorted(path for kind in ("crashes", "hangs")
                      for path in folder.glob(f"default/{kind}/id:*"))


REPLAY = Replay()
ENGINES = {engine.name: engine for engine in (LibFuzzer(), Afl(), Soak())}
