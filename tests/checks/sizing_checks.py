# SPDX-License-Identifier: BSD-3-Clause
"""tools/heap size, replay and record: pools are exact, those of 32-bit targets are a Cortex-M's,
and what is wrong with a load is told."""

import ctypes
import json
import random
import re
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from unittest import mock

from report import ROOT, run

sys.path.insert(0, str(ROOT / "tools"))
from heap_inspector.problem import Problem  # noqa: E402
from heap_sizing import commands, counted, engines, sizing, sources, worst_case  # noqa: E402
from heap_sizing.description import Description  # noqa: E402
from heap_sizing.option_sets import OptionSet  # noqa: E402

HEAP = ROOT / "tools" / "heap"
PAGE = 4096

BUSY = """# all that a description can say
1 block of 600 bytes, always
20 blocks of 8..90 bytes, live 10..200 ms
3 blocks of 700..900 bytes aligned 64, live 1..40 ms, pause 0..20 ms
5 blocks of 1..300 bytes, live 2 s
"""
# Hardening 1 stands for 0 to 2. The last two are chosen from by the seed.
EXACT = [OptionSet(), OptionSet(granule=16, sl_bits=3, layout="wide"),
         OptionSet(granule=4, tags=1), OptionSet(pending=0, sl_bits=5, hardening=3)]


def quiet(*_):
    pass


def written(folder, name, text):
    path = Path(folder) / name
    path.write_text(text)
    return path


def load_of(folder, text=BUSY, seed=1):
    """A described load as engines read it."""
    path = Path(folder) / f"described.{seed}.load"
    Description(text, "description").load(seed).write(path)
    return path


# ---- a second replay, which shares nothing with the engines but the library ---------------------


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def calls_of(path):
    """Yields (kind, size, block, align) as bench/loads/load_format.h has them."""
    data, at, blocks = path.read_bytes(), 9, 0
    while True:
        first, at = varint(data, at)
        kind, value = first & 7, first >> 3
        if kind == 0:
            return
        second = 0
        if kind in (3, 4):
            second, at = varint(data, at)
        if kind in (1, 2, 3):
            yield kind, value, blocks, 1 << second if kind == 3 else 0
            blocks += 1
        else:
            size, age = (0, value) if kind == 5 else (value, second)
            yield kind, size, blocks - 1 - age, 0


class Library:
    """FMemp in this process, compiled as users compile it."""

    def __init__(self, folder, options):
        file = Path(folder) / "library.so"
        built = run("gcc", "-std=c11", "-O1", "-shared", "-fPIC", *options.flags(),
                    f"-I{ROOT}/include", f"-I{ROOT}/arch/{engines.NATIVE.arch}",
                    *sorted((ROOT / "lib/core").glob("*.c")),
                    *sorted((ROOT / "lib/fmemp").glob("*.c")), "-o", file)
        if not built.ok:
            raise RuntimeError(built.tail())
        loaded = ctypes.CDLL(str(file))
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        for name, result, arguments in (
                ("FMempInit", ctypes.c_uint32, (pointer, pointer, pointer)),
                ("FMempMalloc", pointer, (pointer, size)),
                ("FMempMallocAlign", pointer, (pointer, size, size)),
                ("FMempRealloc", pointer, (pointer, pointer, size)),
                ("FMempFree", None, (pointer, pointer))):
            function = getattr(loaded, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def serves(self, path, pool):
        memp = (ctypes.c_ubyte * 512)()
        memory = (ctypes.c_ubyte * (pool + PAGE))()
        begin = -(-ctypes.addressof(memory) // PAGE) * PAGE
        if self.FMempInit(memp, begin, begin + pool) != 0:
            return False
        place = {}
        for kind, size, block, align in calls_of(path):
            if kind == 5:
                self.FMempFree(memp, place.pop(block))
                continue
            place[block] = (self.FMempRealloc(memp, place[block], size) if kind == 4
                            else self.FMempMallocAlign(memp, size, align) if align
                            else self.FMempMalloc(memp, size))
            if not place[block]:
                return False
        return True


def is_exact(library, path, pool, granule):
    return library.serves(path, pool) and not library.serves(path, pool - granule)


def pools_are_exact(result, seed):
    """The smallest pool serves a load, and a granule less does not: by another replay. Controls:
    neighbours of the pool are not exact."""
    chosen = random.Random(seed)
    machine = engines.Engines(engines.machine_of(64))
    for options in (EXACT[0], chosen.choice(EXACT[1:])):
        with tempfile.TemporaryDirectory() as folder:
            library, granule = Library(folder, options), options.granule
            for number in range(3):
                path = load_of(folder, seed=chosen.randrange(10**6))
                pool = machine.ask(options, "measure", path)["smallest_pool"]
                what = f"{options}, load {number} of seed {seed}, {pool} bytes"
                result.check(is_exact(library, path, pool, granule), f"{what} are exact")
                result.check(not is_exact(library, path, pool + granule, granule),
                             f"{what} and a granule are not")
                result.check(not is_exact(library, path, pool - granule, granule),
                             f"{what} less a granule are not")


# ---- 32 bits ------------------------------------------------------------------------------------


POOLS = ("blocks_bytes", "smallest_pool", "kept", "bound")


def pools_of_32_bits_are_those_of_arm(result, seed):
    """Engines for i686 find what those for 32-bit Arm find. The layouts have the same blocks there,
    and hardening 0 to 2 as well."""
    here, arm = engines.Engines(engines.machine_of(32)), engines.Engines(engines.ARMHF)
    engines.require(engines.ARMHF)
    with tempfile.TemporaryDirectory() as folder:
        path = load_of(folder, seed=seed)
        defaults = here.ask(OptionSet(), "measure", path)
        for options in (OptionSet(), random.Random(seed).choice(EXACT[1:])):
            found, wanted = (one.ask(options, "measure", path) for one in (here, arm))
            result.check(found == wanted, f"{options}: i686 {found}, Arm {wanted}, seed {seed}")
        for options in (OptionSet(layout="wide"), OptionSet(hardening=0), OptionSet(hardening=2)):
            found = here.ask(options, "measure", path)
            result.check(all(found[name] == defaults[name] for name in POOLS),
                         f"{options}: {found}, defaults {defaults}, seed {seed}")
        other = here.ask(OptionSet(granule=16), "measure", path)
        result.check(all(other[name] != defaults[name] for name in POOLS),
                     "another granule measures the same")


# The board's region begins elsewhere, so aligned blocks would lie elsewhere.
UNALIGNED = BUSY.replace(" aligned 64", "").replace("20 blocks", "12 blocks")
NODE_BYTES = 8  # what FMemp keeps beside the core, which alone is counted


def pools_of_32_bits_are_those_of_a_cortex_m4(result, seed):
    """On an emulated board the pool serves a load, and a granule less does not; a heap keeps as
    much; no call takes more instructions than its bound."""
    engine = engines.Engines(engines.machine_of(32))
    cost = json.loads((ROOT / "bench/worst_case/cost.json").read_text())
    for region, kept in cost["kept"]["FMempInit"].items():
        found = engine.ask(OptionSet(), "keep", region)["kept"] + cost["block"]["overhead"]
        result.check(found == kept, f"{region} bytes: {found} kept, {kept} on a Cortex-M4")
    worst = worst_case.instructions(counted.TARGET, OptionSet())
    with tempfile.TemporaryDirectory() as folder:
        path = load_of(folder, UNALIGNED, seed)
        pool = engine.ask(OptionSet(), "measure", path)["smallest_pool"] - NODE_BYTES
        source = sources.Source(path, path, "load")
        found = counted.count(OptionSet(), source, pool)
        result.check(all(0 < found[f"{call}_mean"] < found[f"{call}_most"] <= worst[call]
                         for call in ("malloc", "free")), f"{found}, bounds {worst}")
        result.check(told(lambda: counted.count(OptionSet(), source, pool - 8),
                          ["does not serve", "leave out --count"]),
                     f"seed {seed}: {pool} bytes less 8")


# ---- what loads say -----------------------------------------------------------------------------


def told(read, words):
    """Whether a Problem with these words is raised."""
    try:
        read()
    except Problem as problem:
        return all(word in str(problem) for word in words)
    return False


WRONG_LINES = {
    "": ["describes no blocks", "16 blocks of"],
    "16 block": ["line 1", "cannot read `16 block`", "16 blocks of"],
    "1 block of 8 bytes, live": ["line 1", "live 10..200 ms"],
    "1 block of 8 bytes, live 1..2 weeks": ["weeks is no unit", "ms"],
    "1 block of 8 bytes, live 5..2 ms": ["lifetimes 5000..2000"],
    "1 block of 9..8 bytes, always": ["sizes 9..8"],
    "1 block of 8 bytes, live 1 s, pause 3..2 s": ["pauses"],
    "# text\n\n0 blocks of 8 bytes, always": ["line 3", "no blocks"],
    "1 block of 8 bytes, live 0 s": ["for no time"],
    "1 block of 8 bytes aligned 24, always": ["24 is no power of two"],
    "1 block of 8 bytes, always\nrun 5": ["line 2", "run 60 s"],
    "1 block of 8 bytes, live 1 us\nrun 1 h": ["Write a shorter one"],
}


def descriptions_are_understood(result):
    """A description has the blocks that it says, at most so many at once; a seed makes the same
    load. What cannot be read is named by its line."""
    for text, words in WRONG_LINES.items():
        result.check(told(lambda: Description(text, "file").load(1), words), f"`{text}` is told")
    with tempfile.TemporaryDirectory() as folder:
        path = load_of(folder)
        calls = list(calls_of(path))
        result.check(load_of(folder, seed=1).read_bytes() == path.read_bytes()
                     != load_of(folder, seed=2).read_bytes(), "the seed makes the load")
    result.check(len(calls) == 20_000, f"{len(calls)} calls")
    aligned = [call for call in calls if call[3]]
    result.check(aligned and all(call[3] == 64 and 700 <= call[1] <= 900 for call in aligned),
                 "aligned blocks are those of their line")
    paused = Description("1 block of 8 bytes, live 1 ms, pause 9 ms\nrun 1 s", "file").load(seed=1)
    result.check(paused.calls in range(198, 203), f"{paused.calls} calls of 100 lives")
    live, most = set(), 0
    for kind, _, block, _ in calls:
        live = live - {block} if kind == 5 else live | {block}
        most = max(most, len(live))
    result.check(20 < most <= 29, f"at most {most} blocks at once, of 29")


def trace_of(events, **others):
    """A trace of (kind, address, old address, size, align)."""
    kinds = ["malloc", "memalign", "realloc", "free", "failed", "pool_added", "pool_removed",
             "reset"]
    names = ("address", "old_address", "size", "align")
    columns = {name: [event[1 + place] for event in events] for place, name in enumerate(names)}
    columns |= {"kind": [kinds.index(event[0]) for event in events],
                "outer": [24 if event[0] == "free" else 0 for event in events]}
    return {"format": "fmemp trace", "version": 1, "target": {"bits": 32, "order": "little"},
            "lost": 0, "heap": None, "regions": [{"begin": 0, "bytes": 4096}],
            "options": {"layout": "compact"}, "kinds": kinds, "events": columns} | others


EVENTS = [("malloc", 100, 0, 10, 0), ("memalign", 256, 0, 30, 64), ("free", 50, 0, 0, 0),
          ("realloc", 300, 100, 70, 0), ("realloc", 400, 60, 90, 0), ("failed", 0, 0, 5000, 0),
          ("realloc", 512, 256, 35, 64), ("free", 300, 0, 0, 0), ("malloc", 100, 0, 11, 0),
          ("reset", 0, 0, 0, 0), ("malloc", 100, 0, 12, 0)]
STILL_LIVE = {"blocks": [{"address": "0x64", "size": 12, "state": "used"},
                         {"address": "0x40", "size": 44, "state": "free"}]}
# (kind, size, block, align). First the blocks 50, freed with 24 bytes, and 60, reallocated to 90.
CALLS = [(1, 20, 0, 0), (1, 90, 1, 0), (1, 10, 2, 0), (3, 30, 3, 64), (5, 0, 0, 0), (4, 70, 2, 0),
         (4, 90, 1, 0), (1, 5000, 4, 0), (5, 0, 4, 0), (3, 35, 5, 64), (5, 0, 3, 0), (5, 0, 2, 0),
         (1, 11, 6, 0), (5, 0, 6, 0), (5, 0, 1, 0), (5, 0, 5, 0), (1, 12, 7, 0)]
WRONG_TRACES = {
    "lost": (trace_of(EVENTS, lost=7), ["7 events were lost", "ring larger"]),
    "other format": (trace_of(EVENTS, format="x"), ["is no trace"]),
    "newer": (trace_of(EVENTS, version=2), ["version 2"]),
    "empty": (trace_of([]), ["no events"]),
    "twice": (trace_of([EVENTS[0], EVENTS[0]]), ["event 1", "was not freed"]),
    "after a reset": (trace_of([EVENTS[9], EVENTS[2]]), ["event 1", "was not allocated"]),
    "unknown kinds": (trace_of(EVENTS, kinds=["malloc", "other"] * 4), ["other"]),
}


def traces_become_loads(result):
    """A trace becomes the calls of its board, with what was live before; what is not whole is
    refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, "board.json", json.dumps(trace_of(EVENTS, heap=STILL_LIVE)))
        source = sources.source_of(path, Path(folder), 1)
        found = list(calls_of(Path(source.file)))
        result.check(found == CALLS, f"calls {found}")
        notes = " ".join(source.notes)
        result.check("2 blocks (110 bytes) were live" in notes and "1 requests failed" in notes,
                     f"notes: {notes}")
        result.check(source.bits == 32, "the target's bits")
        kept = trace_of([("malloc", 100, 0, 10, 0)], heap={"blocks": [
            {"address": "0x64", "size": 12, "state": "used"},
            {"address": "0x90", "size": 36, "state": "used"}]})
        path = written(folder, "kept.json", json.dumps(kept))
        found = list(calls_of(Path(sources.source_of(path, Path(folder), 1).file)))
        result.check(found == [(1, 36, 0, 0), (1, 10, 1, 0)], f"kept from the start: {found}")
        for name, (trace, words) in WRONG_TRACES.items():
            path = written(folder, "wrong.json", json.dumps(trace))
            result.check(told(lambda: sources.source_of(path, Path(folder), 1), words),
                         f"a trace: {name}")
        shorter = trace_of(EVENTS)
        shorter["events"]["size"].pop()
        for name, text, words in (("cut.json", json.dumps(shorter)[:-9], ["cut off"]),
                                  ("column.json", json.dumps(shorter), ["differ in length"])):
            path = written(folder, name, text)
            result.check(told(lambda: sources.source_of(path, Path(folder), 1), words), name)


TRACED = ["-g", "-O1", "-DTLSF_TRACE=1", "-DFMEMP_CALL_SITES=1", "-DTRACE_RING_EVENTS=4096",
          f"-I{ROOT}/ports/trace/ring", f"-I{ROOT}/include", f"-I{ROOT}/arch",
          ROOT / "examples/traced_heap/main.c", ROOT / "ports/trace/ring/trace_ring.c",
          *sorted((ROOT / "lib/core").glob("*.c")), *sorted((ROOT / "lib/fmemp").glob("*.c"))]


def trace_of_a_program_is_sized(result):
    """A traced program: the trace's values have the calls of its load, and at the end the request
    that failed."""
    with tempfile.TemporaryDirectory() as folder:
        built = run("gcc", *TRACED, "-o", "traced", cwd=folder)
        done = run("./traced", "app.dump", cwd=folder) if built.ok else built
        result.check(done.ok, "the traced program", done.tail())
        for form in ("json", "load"):
            ran = run(HEAP, "trace", form, f"app.{form}", "--elf", "traced", "--dump", "app.dump",
                      cwd=folder)
            result.check(ran.ok, f"tools/heap trace {form}", ran.tail())
        source = sources.source_of(Path(folder) / "app.json", Path(folder), 1)
        found = list(calls_of(Path(source.file)))
        wanted = list(calls_of(Path(folder) / "app.load"))
        result.check(len(found) > 300 and found[:-2] == wanted, f"{len(found)} calls")
        result.check([call[:2] for call in found[-2:]] == [(1, 16384), (5, 0)],
                     f"the failed request: {found[-2:]}")
        ran = run(HEAP, "replay", "app.json", "--json", cwd=folder)
        result.check(values_of(ran).get("served"), "tools/heap replay", ran.tail())


# ---- the recommendation -------------------------------------------------------------------------


SMALL = "1 block of 100 bytes, always\n2 blocks of 40 bytes, live 1..9 ms\n"
LARGE = "150 blocks of 16..64 bytes, live 1..90 ms\n40 blocks of 900..3000 bytes, live 1..30 ms\n"
FEW = [OptionSet(), OptionSet(sl_bits=3), OptionSet(sl_bits=5)]


def sized(folder, text, name, progress=quiet):
    path = written(folder, name, text)
    place = Path(folder) / f"{name}.loads"
    place.mkdir()
    wanted = sizing.Wanted("cortex-m4", OptionSet(), 1)
    with mock.patch.object(sizing, "candidates", return_value=FEW):
        return sizing.Sizing([sources.source_of(path, place, 1)], "cortex-m4", wanted, progress)


def recommendation_follows_the_load(result):
    """A small heap gets the fewest lists, a large one does not. The pool serves the loads and their
    variations, also if larger pools than the smallest serve less."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = sized(folder, SMALL, "small"), sized(folder, LARGE, "large")
        result.check(small.choice().options == OptionSet(sl_bits=3),
                     f"small: {small.choice().options}")
        result.check(large.choice().options != OptionSet(sl_bits=3),
                     f"large: {large.choice().options}")
        row = large.choice()
        shown = [(str(one.options), one.pool, one.margin) for one in large.rows]
        result.check(row.pool >= row.smallest_pool + row.margin["order"] + row.margin["growth"] and
                     row.margin["order"] > 0 and row.bound > row.pool,
                     f"a pool of {row.pool}, bound {row.bound}: {shown}")
        low = replace(row, margin={"order": 0}, loads=[
            {**load, "smallest_pool": load["smallest_pool"] - 800} for load in row.loads])
        with mock.patch.object(large, "rows", [low]):
            result.check(large.choice().pool >= row.smallest_pool, "a pool that is too small grows")
        worst = worst_case.instructions("cortex-m4", OptionSet())
        result.check(worst and large.rows[0].worst_case == worst
                     and small.choice().worst_case is None,
                     f"instructions of what the budget has: {worst}")
        both_forms_say_the_same(result, folder)
    choice_is_the_plainest_of_the_smallest(result)


def both_forms_say_the_same(result, folder):
    """Text and values of tools/heap size, for one target of 32 bits."""
    words = [str(written(folder, "twice", SMALL)), "--bits", "32", "--seed", "7"]
    texts = []
    for more in ([], ["--json"]):
        with mock.patch.object(sizing, "candidates", return_value=FEW), \
                redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()):
            commands.size_command(words + more)
        texts.append(output.getvalue())
    found = json.loads(texts[1])
    chosen, [target] = found["recommendation"], found["targets"]
    result.check(all(row["nanoseconds_per_call"] > 0 for row in target["sets"]), "times")
    result.check(found["seed"] == 7 and target["bits"] == 32 and len(target["sets"]) == len(FEW),
                 "values", texts[1])
    result.check(chosen["pool"] == chosen["smallest_pool"] + sum(chosen["margin"].values())
                 and chosen["flags"] == ["-DTLSF_SL_BITS=3"], f"recommendation {chosen}")
    for text in ("seed 7", "cortex-m4: -DTLSF_SL_BITS=3", f"{chosen['pool']:,} bytes of pool",
                 f"{chosen['bound']:,} never refuse", "free", "5 second-level bits",
                 "--hardening 1 --preset default --define TLSF_SL_BITS=3"):
        result.check(text in texts[0], f"the text has {text}", texts[0])


def choice_is_the_plainest_of_the_smallest(result):
    """What the order of calls changes is paid for fewer options; a granule more is not."""
    def row(options, pool):
        load = {"smallest_pool": pool - 96, "first_half_pool": pool, "widest_align": 0}
        return sizing.Measured(options, [load], {}, margin={"order": 96})
    rows = sizing.Sizing.__new__(sizing.Sizing)
    for pool, wanted in ((10_096, OptionSet()), (10_104, OptionSet(pending=0))):
        rows.rows = [row(OptionSet(), pool), row(OptionSet(pending=0), 10_008),
                     row(OptionSet(pending=0, sl_bits=3), 10_000)]
        chosen = rows._chosen().options
        result.check(chosen == wanted, f"{pool} against 10,000 bytes: {chosen}")


# ---- the command line ---------------------------------------------------------------------------


PROGRAM = """#include <stdlib.h>
int main(void) {
    static void *volatile blocks[64];
    for (int i = 0; i < 5000; i++) {
        free(blocks[i % 64]);
        blocks[i % 64] = malloc((size_t)(i % 300));
    }
    return 3;
}
"""
REFUSED = {
    ("size", "no.load"): ["no.load", "tools/heap record"],
    ("size", "damaged.load"): ["damaged or cut off"],
    ("size", "app.load", "--bits", "64", "--target", "cortex-m4"): ["cortex-m4 has 32 bits"],
    ("size", "words.txt"): ["words.txt, line 1", "16 blocks of"],
    ("replay", "binary"): ["no recorded load, no trace, and no text"],
    ("record", "-o", "x.load", "--", "./missing"): ["./missing", "No such file"],
    ("record", "-o", "x.load", "--", "./static"): ["linked statically"],
    ("record", "-o", "no/x.load", "--", "./program"): ["no/x.load"],
    ("record", "-o", "x.load", "--program", "other", "--", "./program"): ["of other"],
}


def commands_say_what_to_do(result):
    """record, replay and size from end to end; and each error in one line, with status 2."""
    with tempfile.TemporaryDirectory() as folder:
        source = written(folder, "program.c", PROGRAM)
        for name, words in (("program", []), ("static", ["-static"])):
            built = run("gcc", "-O1", *words, source, "-o", Path(folder) / name)
            result.check(built.ok, f"{name} compiles", built.tail())
        written(folder, "words.txt", "some words\n")
        (Path(folder) / "binary").write_bytes(b"\x01\xff\xfe")
        (Path(folder) / "damaged.load").write_bytes(b"FMEMLOAD\x01\x81")
        recorded = run(HEAP, "record", "-o", "app.load", "--", "./program", cwd=folder)
        result.check(recorded.ok and "status 3" in recorded.output, "record", recorded.tail())
        replayed_is_sound(result, folder)
        for words, texts in REFUSED.items():
            ran = run(HEAP, *words, cwd=folder)
            result.check(ran.status == 2 and "\nheap: " in ran.output
                         and "Traceback" not in ran.output
                         and all(text in ran.output for text in texts),
                         f"tools/heap {' '.join(words)}", ran.tail())
    for name in ("record", "replay", "size"):
        shown = run(HEAP, name, "--help")
        result.check(shown.ok and "example" in shown.output, f"tools/heap {name} --help")
    shown = run(HEAP, "--help").output
    refused = run(HEAP, "nonsense").output
    names = re.findall(r"'(\w+)'", refused.partition("choose from")[2])
    result.check(len(names) >= 10, "commands of an inspector", refused)
    for name in (*names, "record", "replay", "size"):
        result.check(f"tools/heap {name}" in shown, f"--help has an example of {name}")


def values_of(ran):
    """Behind lines of progress."""
    return json.loads(ran.output[ran.output.index("{"):]) if ran.ok else {}


def replayed_is_sound(result, folder):
    whole = run(HEAP, "replay", "app.load", "--json", cwd=folder)
    found = values_of(whole)
    result.check(found.get("served") and found.get("sound")
                 and found["peak_blocks"] in range(64, 70) and found["calls"] > 9000,
                 "replay", whole.tail())
    less = run(HEAP, "replay", "app.load", "--json", "--pool",
               str(found.get("smallest_pool", 8) - 8), cwd=folder)
    result.check(values_of(less).get("served") is False, "8 bytes less", less.tail())
    text = run(HEAP, "replay", "app.load", "--pool", "2000", cwd=folder)
    result.check(text.ok and "failed" in text.output, "a failed call is named", text.tail())
