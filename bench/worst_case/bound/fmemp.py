# SPDX-License-Identifier: BSD-3-Clause
"""The requests of FMemp on top of the core: without a lock, with that of ports/interrupts, and the
longest section in which the lock is held, from the call of FMempLock to the return of
FMempUnlock."""

import tempfile

import contract
from builds import ROOT, BuildError, OwnBuild
from longest_path.analyser import Query

SOURCES = sorted((ROOT / "lib/fmemp").glob("*.c"))
LOCK = ROOT / "ports/interrupts/fmemory_lock.c"
# The first half of a realloc that moves.
MOVES = ("block_leave",)
# What is not served at once, and does not count: the first call on an FMemp of FMEMP_STATIC_INIT,
# which does what FMempInit does, and the requests of an FMemp with a failure hook.
NOT_AT_ONCE = ("memp_start", "other_request")
LOCKED_TARGETS = ("aarch64", "cortex-m0", "cortex-m4")  # that the port is studied on
# For each request: paths that do not count, and library calls that count as one instruction.
# Realloc is that in place, as for the core.
REQUESTS = {
    "FMempMalloc": (NOT_AT_ONCE, ()),
    "FMempCalloc": (NOT_AT_ONCE, contract.FILLS),
    "FMempMallocAlign": (NOT_AT_ONCE, ()),
    "FMempRealloc": (NOT_AT_ONCE + MOVES + contract.COPIES + contract.OTHER_REQUESTS, ()),
    "FMempFree": (NOT_AT_ONCE, ()),
}


def labels(request):
    return f"{request} without lock", f"{request} with lock", f"{request} while locked"


def is_studied(build):
    """The layout is the core's. Clang has no <stdio.h> for some of the targets."""
    return build.compiler == "gcc" and build.layout == "compact"


def query(request, label, first=(), last=()):
    avoided, opaque = REQUESTS[request]
    return Query(label, (request,), contract.REPORTS + avoided, opaque, first, last)


def answers_with_lock(analyser, objects):
    *answers, unlock = analyser.ask(objects, [
        *[query(request, labels(request)[1]) for request in REQUESTS],
        *[query(request, labels(request)[2], ("FMempLock",), ("FMempUnlock",))
          for request in REQUESTS],
        Query("unlock", ("FMempUnlock",))])
    for answer in answers[len(REQUESTS):]:  # paths that end with the call of FMempUnlock
        if "instructions" in answer:
            for figure in ("instructions", "loads", "stores"):
                answer[figure] += unlock[figure]
    return answers


def answers_of(build, analyser, core):
    """What the analyser says of FMemp in a build whose core is compiled; none when it is not
    studied, or when the user's own compiler has no C library for it."""
    if isinstance(build, OwnBuild):
        try:
            return answers_without_lock(build, analyser, core)
        except BuildError as error:
            print(f"FMemp is left out: {error}")
            return []
    if not is_studied(build):
        return []
    answers = answers_without_lock(build, analyser, core)
    if build.target in LOCKED_TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            objects = build.compile(folder, [*SOURCES, LOCK], ["-DFMEMP_LOCK=1"])
            answers += answers_with_lock(analyser, [*core, *objects])
    return answers


def answers_without_lock(build, analyser, core):
    with tempfile.TemporaryDirectory() as folder:
        objects = build.compile(folder, SOURCES)
        return analyser.ask([*core, *objects], [query(request, labels(request)[0])
                                                for request in REQUESTS])


def instructions_of(answers, request):
    """Those of one request, in the order of its labels; answers: by label."""
    return tuple(answers[label]["instructions"] for label in labels(request)
                 if "instructions" in answers.get(label, {}))
