# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""Traces: the events of examples/traced_heap by two routes, against what the heap itself counts; in
the formats of other tools, by their schemas; and as a load that makes the very same heap."""

import csv
import io
import json
import shutil
from copy import deepcopy
from pathlib import Path

from jsonschema import Draft7Validator

from heap_inspector.timeline import Timeline
from heap_inspector.trace_formats import FORMATS
from native_heap import ARCH
from report import BUILD, ROOT, run

HERE = Path(__file__).resolve().parent
HEAP = ROOT / "tools" / "heap"
GDB_COMMANDS = ROOT / "tools" / "heap_inspector" / "gdb_commands.py"
SPEEDSCOPE = "speedscope@1.25.0"  # of npm; it has the schema of its file format
CORE = [*sorted((ROOT / "lib" / "core").glob("*.c")), ROOT / "lib" / "fmemp" / "fmemory_pool.c"]
FLAGS = ["-std=c11", "-g", "-O1", "-DFMEMP_CALL_SITES=1", f"-I{ROOT}/include",
         f"-I{ROOT}/arch/{ARCH}"]
TRACED = ["-DTLSF_TRACE=1", f"-I{ROOT}/ports/trace/ring", ROOT / "ports/trace/ring/trace_ring.c"]
PLACES, FEW_PLACES = 4096, 64  # of the ring: for all events, and for the last ones
REGION_ALIGN = 4096
CALLERS = {"message_new", "message_grow", "buffer_new", "settings_new", "picture_new"}

# Chrome's trace events, as far as the tool writes them: counters, instants, the process's name.
EVENT = {
    "type": "object", "required": ["name", "ph", "ts", "pid", "tid", "args"],
    "properties": {"name": {"type": "string"}, "ts": {"type": "number", "minimum": 0},
                   "pid": {"type": "integer"}, "tid": {"type": "integer"},
                   "ph": {"enum": ["C", "i", "M"]}, "args": {"type": "object", "minProperties": 1}},
    "allOf": [
        {"if": {"properties": {"ph": {"const": "C"}}},
         "then": {"properties": {"args": {"additionalProperties": {"type": "number"}}}}},
        {"if": {"properties": {"ph": {"const": "i"}}},
         "then": {"required": ["s"], "properties": {"s": {"enum": ["g", "p", "t"]}}}},
        {"if": {"properties": {"ph": {"const": "M"}}},
         "then": {"properties": {"name": {"const": "process_name"},
                                 "args": {"required": ["name"]}}}}]}
PERFETTO_SCHEMA = {"type": "object", "required": ["traceEvents"],
                   "properties": {"traceEvents": {"type": "array", "items": EVENT, "minItems": 1},
                                  "displayTimeUnit": {"enum": ["ms", "ns"]}}}


def build_of(result, folder, places):
    program = folder / f"traced{places}"
    made = run("gcc", *FLAGS, *TRACED, f"-DTRACE_RING_EVENTS={places}",
               ROOT / "examples" / "traced_heap" / "main.c", *CORE, "-o", program)
    return program if result.check(made.ok, "build of the traced program", made.tail()) else None


def traced_by_gdb(folder, program):
    """Runs the program in gdb, to where its dump is written. Returns gdb's output."""
    return run("timeout", "100", "gdb", "-nx", "-q", "-batch", "-ex", f"source {GDB_COMMANDS}",
               "-ex", "break fclose", "-ex", f"run {folder}/heap.dump",
               "-ex", f"heap trace json {folder}/gdb.json", "-ex", "continue", program)


def asked(folder, program, *words):
    return run(HEAP, "trace", *words, "--elf", program, "--dump", folder / "heap.dump")


# ---- what a trace says ------------------------------------------------------------------------


def end_has_the_blocks(result, name, trace):
    """The live blocks that the events lead to are the heap's. Returns the time line's end."""
    timeline = Timeline(trace)
    for _ in timeline.steps():
        pass
    heap = trace["heap"]
    used = {int(block["address"], 16): block["outer"] for block in heap["blocks"]
            if block["state"] == "used"}
    result.check({address: block.outer for address, block in timeline.live.items()} == used,
                 f"{name}: the live blocks are the heap's")
    return timeline


def end_is_the_heap(result, name, trace):
    """The free blocks are the heap's, too. A trace with loss does not know them all."""
    timeline, heap = end_has_the_blocks(result, name, trace), trace["heap"]
    result.check((timeline.used, timeline.free_blocks, timeline.largest_request)
                 == (heap["used_bytes"], heap["free_blocks"], heap["largest_free"]),
                 f"{name}: the events lead to the heap",
                 f"{timeline.used} {timeline.free_blocks} {timeline.largest_request} {heap}"[:500])
    return timeline


def whole_trace_is_told(result, trace):
    kinds = [trace["kinds"][kind] for kind in trace["events"]["kind"]]
    counts, moved = trace["heap"]["statistics"], 0
    for kind, new, old in zip(kinds, trace["events"]["address"], trace["events"]["old_address"]):
        moved += kind == "realloc" and new != old
    served = kinds.count("malloc") + kinds.count("memalign")
    result.check(served <= counts["allocations"] <= served + moved, "allocations are counted")
    result.check(kinds.count("free") <= counts["frees"] <= kinds.count("free") + moved,
                 "frees are counted")
    result.check(kinds.count("failed") == counts["failures"] == 1, "the failure is told")
    result.check(kinds[:2] == ["reset", "pool_added"], "the heap's beginning is told")
    names = {caller["function"] for caller in trace["callers"].values()}
    result.check(names >= CALLERS, "the callers are the functions that asked", str(CALLERS - names))
    failed = str(trace["events"]["caller"][kinds.index("failed")])
    result.check(trace["callers"][failed]["function"] == "picture_new", "who failed is told")
    timeline = end_is_the_heap(result, "whole trace", trace)
    result.check(timeline.peak == counts["peak"], "the peak is the heap's",
                 f"{timeline.peak}, {counts['peak']}")


# ---- other tools ------------------------------------------------------------------------------


def speedscope_schema(result):
    """From npm, kept in the build folder."""
    folder = BUILD / "deps" / SPEEDSCOPE
    path = folder / "package" / "dist" / "release" / "file-format-schema.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.which("npm") is None:
            run(ROOT / "tools" / "install", "npm")
        done = run("sh", "-c", f"npm pack --silent {SPEEDSCOPE} && tar -xzf ./*.tgz", cwd=folder)
        if not result.check(done.ok, f"npm pack {SPEEDSCOPE}", done.tail()):
            return None
    return json.loads(path.read_text())


def is_valid(result, name, schema, found, spoil):
    validator = Draft7Validator(schema)
    errors = [error.message for error in validator.iter_errors(found)]
    result.check(not errors, f"{name} is valid", "\n".join(errors[:5]))
    spoiled = deepcopy(found)
    spoil(spoiled)
    result.check(not validator.is_valid(spoiled), f"{name}: a spoiled one is not")


def other_tools_are_served(result, trace):
    perfetto = json.loads(FORMATS["perfetto"](trace))
    is_valid(result, "the Perfetto trace", PERFETTO_SCHEMA, perfetto,
             lambda found: found["traceEvents"][1]["args"].clear())
    last = {name: value for event in perfetto["traceEvents"] if event["ph"] == "C"
            for name, value in event["args"].items()}
    heap = trace["heap"]
    result.check((last["used"], last["free blocks"], last["largest request"])
                 == (heap["used_bytes"], heap["free_blocks"], heap["largest_free"]),
                 "the last counters are the heap's", str(last))
    schema = speedscope_schema(result)
    profile = json.loads(FORMATS["speedscope"](trace))
    if schema:
        is_valid(result, "the speedscope profile", schema, profile,
                 lambda found: found["profiles"][0].update(unit="apples"))
    end = profile["profiles"][1]
    result.check(sum(end["weights"]) == end["endValue"] == heap["used_bytes"],
                 "the profile's bytes are those in use")
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"](trace))))
    columns = trace["events"]
    result.check([int(line["size"]) for line in lines] == columns["size"]
                 and [int(line["address"], 16) for line in lines] == columns["address"],
                 "the table has every event")


# ---- a load -----------------------------------------------------------------------------------


def load_makes_the_same_heap(result, folder, trace, file):
    replayed = folder / "replayed"
    made = run("gcc", *FLAGS, HERE / "replayed.c", ROOT / "bench/loads/replay/load.c", *CORE, "-o",
               replayed)
    if not result.check(made.ok, "build of the replay", made.tail()):
        return
    done = run(replayed, file)
    pool = trace["regions"][0]["begin"]
    begin = pool - pool % REGION_ALIGN
    wanted = [f"{int(block['address'], 16) - begin} {block['size']}"
              for block in trace["heap"]["blocks"] if block["state"] == "used"]
    result.check(done.ok and done.output.split("\n")[-1 - len(wanted):-1] == wanted,
                 "the load makes the same heap", done.tail())


# ---- loss, and what is wrong with an input ----------------------------------------------------


def loss_is_told(result, folder):
    program = build_of(result, folder, FEW_PLACES)
    if program is None:
        return
    run(program, folder / "heap.dump")
    trace = json.loads(asked(folder, program, "--json").output.split("\n", 1)[1])
    result.check(trace["lost"] > 0 and len(trace["events"]["kind"]) <= FEW_PLACES,
                 "lost events are counted", str(trace["lost"]))
    end_has_the_blocks(result, "trace with loss", trace)
    refused = asked(folder, program, "load", folder / "lost.load")
    result.check(not refused.ok and "TRACE_RING_EVENTS" in refused.output,
                 "a load of a part is refused", refused.tail())
    data = (folder / "heap.dump").read_bytes()
    for wrong, word in ((data[:-30], "cut off"), (b"x" + data, "begins no dump"),
                        (data[:8] + b"\x63" + data[9:], "version 99")):
        (folder / "heap.dump").write_bytes(wrong)
        told = asked(folder, program)
        result.check(told.status == 2 and word in told.output, f"a dump that is wrong: {word}",
                     told.tail())
    (folder / "old.json").write_text('{"format": "fmemp trace", "version": 2}')
    told = run(HEAP, "trace", "--trace", folder / "old.json")
    result.check(told.status == 2 and "version 2" in told.output, "a newer trace is refused",
                 told.tail())


def traces_are_told(result, folder):
    program = build_of(result, folder, PLACES)
    if program is None:
        return
    output = traced_by_gdb(folder, program)
    for form in ("json", "load"):
        done = asked(folder, program, form, folder / f"dump.{form}")
        if not result.check(done.ok, f"trace {form}", done.tail() + output.tail()):
            return
    trace = json.loads((folder / "dump.json").read_text())
    by_gdb = json.loads((folder / "gdb.json").read_text())
    result.check(trace == by_gdb, "gdb and the dump give the same trace", output.tail())
    whole_trace_is_told(result, trace)
    other_tools_are_served(result, trace)
    load_makes_the_same_heap(result, folder, trace, folder / "dump.load")
    loss_is_told(result, folder)
