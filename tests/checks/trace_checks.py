# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""The trace: without it the object code is what it would be without the hooks, and what the ring
and the alarm add to a call is short."""

import re
import shutil
import tempfile
from pathlib import Path

import builds
from bound_checks import built_analyser
from longest_path.analyser import Query
from report import ROOT, run

HOOK = re.compile(r"^ +trace_\w+\([^;]*\);\n", re.MULTILINE)
TELLING = ("tlsf", "move", "pool")
COMPILERS = ("gcc -O2", "arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -Os")
OBJCOPY = {"gcc": "objcopy", "arm-none-eabi-gcc": "arm-none-eabi-objcopy"}

EVENT_MAX = 25  # instructions, as include/tlsf_config.h says
EVENTS = ("allocated", "resized", "freed", "failed", "pool")
ALARM_HEADER = ROOT / "ports" / "trace" / "alarm" / "trace_alarm.h"
# A cycle counter and the number of a task.
CLOCK = ["-DTRACE_RING_TIME()=(*(volatile unsigned*)0xE0001004)",
         "-DTRACE_RING_TASK()=(*(volatile unsigned*)0x20000000)"]


def without_hooks(folder):
    """A copy of the core in which no observer calls a hook. Returns how many calls are gone."""
    gone = 0
    for part in ("lib", "include", "arch"):
        shutil.copytree(ROOT / part, folder / part)
    for file in (folder / "lib" / "core").iterdir():
        text, count = HOOK.subn("", file.read_text())
        file.write_text(text)
        gone += count
    return gone


def code_of(root, folder, compiler, source, *options):
    """The machine code of a source; the text of the compiler's error."""
    words = compiler.split()
    made = run(*words, "-std=c11", *options, f"-I{root}/include", f"-I{root}/arch", "-c",
               root / "lib" / "core" / f"{source}.c", "-o", folder / "code.o")
    if not made.ok:
        return made.tail()
    run(OBJCOPY[words[0]], "-O", "binary", "--only-section=.text", folder / "code.o",
        folder / "code.bin")
    return (folder / "code.bin").read_bytes()


def trace_that_is_off_costs_nothing(result):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gone = without_hooks(folder / "bare")
        result.check(gone > 10, f"{gone} hooks were taken out")
        for compiler in COMPILERS:
            for source in TELLING:
                code = code_of(ROOT, folder, compiler, source)
                bare = code_of(folder / "bare", folder, compiler, source)
                result.check(isinstance(code, bytes) and code and code == bare,
                             f"{compiler}: {source}.c is the same without hooks",
                             code if isinstance(code, str) else "")
        traced = code_of(ROOT, folder, COMPILERS[0], "tlsf", "-DTLSF_TRACE=1",
                         f"-I{ROOT}/ports/trace/ring")
        result.check(isinstance(traced, bytes) and traced != code_of(ROOT, folder, COMPILERS[0],
                                                                     "tlsf"),
                     "with the trace the code is another", str(traced)[:2000])


def event_lengths(*options):
    """{event: the instructions of its longest path}, on Cortex-M4. The return is not one of them:
    the core inlines events."""
    build = builds.Build("cortex-m4", "gcc", "-O2", "compact", 1)
    queries = [Query(event, (f"event_{event}",)) for event in EVENTS]
    answers = build.study(built_analyser(), queries, [ROOT / "tests" / "checks" / "trace_event.c"],
                          options=["-DTLSF_TRACE=1", f"-I{ROOT}/ports/trace/ring", *options])
    return {answer["label"]: answer["instructions"] - 1 if "instructions" in answer else None
            for answer in answers}


def events_are_short(result):
    """No event has a loop, and the longest has at most EVENT_MAX instructions, with a clock and the
    number of a task, too."""
    for what, options in (("", ()), (" with clock and task", CLOCK)):
        for event, length in event_lengths(*options).items():
            result.check(length is not None and length <= EVENT_MAX,
                         f"{event}{what}: {length} instructions, at most {EVENT_MAX}")
    masked, atomic = event_lengths(), event_lengths("-DTRACE_RING_ATOMIC=1")
    result.check(None in atomic.values() and None not in masked.values(),
                 "the loop of an atomic addition is found")
    result.note(f"instructions of an event on Cortex-M4: {masked}")


def alarm_limits():
    """{what the alarm does: the most instructions that its header promises}."""
    text = ALARM_HEADER.read_text()
    names = {"changed": "TRACE_ALARM_MAX", "free_block": "TRACE_ALARM_COUNT_MAX"}
    return {what: int(re.search(rf"\b{name} = (\d+)", text)[1]) for what, name in names.items()}


def alarm_is_short(result):
    """What the alarm adds to a call at the levels 0 and 1, without the hook. A loop has no length,
    and fails."""
    sources = [ROOT / "tests" / "checks" / "alarm_event.c", ALARM_HEADER.with_suffix(".c"),
               ROOT / "lib" / "core" / "query.c"]
    limits = alarm_limits()
    queries = [Query(what, (f"event_{what}",), opaque=("alarm_call",)) for what in limits]
    for level in (0, 1):
        build = builds.Build("cortex-m4", "gcc", "-O2", "compact", level)
        answers = build.study(built_analyser(), queries, sources,
                              options=["-DTLSF_TRACE=1", f"-I{ALARM_HEADER.parent}"])
        for answer in answers:
            what, length = answer["label"], answer.get("instructions", 0) - 1
            result.check(0 < length <= limits[what],
                         f"alarm, level {level}, {what}: {length} instructions, at most "
                         f"{limits[what]}")
