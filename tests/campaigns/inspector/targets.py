# SPDX-License-Identifier: BSD-3-Clause
"""The same heap by every route: a process or a board through gdb, a core file, the process itself,
and dumps of its memory. All must give the same JSON, and that is what the program itself listed."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from heap_inspector.program import Program
from native_heap import ARCH
from traces import end_has_the_blocks
from report import ROOT, run

HERE = Path(__file__).resolve().parent
HEAP = ROOT / "tools" / "heap"
GDB_COMMANDS = ROOT / "tools" / "heap_inspector" / "gdb_commands.py"
BARE_METAL = ROOT / "examples" / "bare_metal"
RING = ROOT / "ports" / "trace" / "ring"
OPTIONS = ["-g", "-DFMEMP_TAG_DEBUG=1", "-DFMEMP_CALL_SITES=1", "-DTLSF_TRACE=1", f"-I{RING}",
           f"-I{ROOT}/include", str(RING / "trace_ring.c")]
WIDE = "-DTLSF_LAYOUT=TLSF_WIDE"
LISTED = re.compile(r"^ *0x([0-9a-f]+) (used|free) +(\d+)(.*)$", re.MULTILINE)
TAG = re.compile(r"([^/\s]+):(\d+) (\w+)")


@dataclass(frozen=True)
class Target:
    name: str
    compiler: str = ""   # of a program for Linux; none for an image of examples/bare_metal
    emulator: str = ""   # none: runs here
    flags: tuple = ()


TARGETS = {target.name: target for target in (
    Target("x86-64-clang", "clang"),  # the first is in every run
    Target("x86-64", "gcc"),
    Target("i686", "i686-linux-gnu-gcc", "qemu-i386", ("-static", "-no-pie")),
    Target("s390x", "s390x-linux-gnu-gcc", "qemu-s390x", ("-static", "-no-pie")),
    Target("aarch64-linux", "aarch64-linux-gnu-gcc", "qemu-aarch64", ("-static", "-no-pie")),
    Target("aarch64"),    # these two are boards
    Target("cortex_m"),
)}


# ---- the program --------------------------------------------------------------------------------


def built(result, target, folder, options):
    program = folder / f"{target.name}{len(options)}"
    if target.compiler:
        arch = ARCH if not target.emulator else "generic"
        done = run(target.compiler, "-std=c11", "-O0", *OPTIONS, *options, *target.flags,
                   f"-I{ROOT}/include", f"-I{ROOT}/arch/{arch}", HERE / "target.c",
                   *sorted((ROOT / "lib/core").glob("*.c")), ROOT / "lib/fmemp/fmemory_pool.c",
                   "-o", program)
    else:
        done = run(BARE_METAL / "build", target.name, HERE / "target.c", program, *OPTIONS,
                   *options)
    return program if result.check(done.ok, f"build for {target.name}", done.tail()) else None


def started(target, program, socket):
    """The emulator that waits for gdb; None for a program that gdb itself starts."""
    if not target.emulator and target.compiler:
        return None
    if target.emulator:
        command = [target.emulator, "-g", socket, program]
    else:
        command = [BARE_METAL / "run", target.name, program, "-S", "-gdb", "chardev:debugger",
                   "-chardev", f"socket,id=debugger,path={socket},server=on,wait=off"]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)


def gdb_asked(target, program, folder, commands):
    """Runs the commands in gdb once it has the program. Returns the output of both."""
    socket = folder / "socket"
    socket.unlink(missing_ok=True)
    emulator = started(target, program, socket)
    if emulator:
        commands = [f"python import os, time; "
                    f"[time.sleep(0.05) for _ in range(200) if not os.path.exists('{socket}')]",
                    f"target remote {socket}", *commands]
    commands = ["set confirm off", *commands, "kill"]
    words = [word for command in commands for word in ("-ex", command)]
    try:
        output = run("timeout", "100", "gdb-multiarch", "-nx", "-q", "-batch", *words,
                     program).output
        if emulator:
            emulator.terminate()
            output += emulator.communicate(timeout=20)[0].decode(errors="replace")
        return output
    finally:
        if emulator:
            emulator.kill()


def gdb_ran(target, program, folder, core):
    """Stops at inspect_here, and writes what the routes need. Returns the output."""
    begin = "continue" if target.emulator or not target.compiler else "run"
    commands = [f"source {GDB_COMMANDS}", "break inspect_here", begin,
                f"heap save {folder}/gdb.json", f"heap --heap memp save {folder}/named.json",
                "heap check",
                *(f"dump binary value {folder}/{region} {region}"
                  for region in ("first_region", "second_region")),
                f"heap trace json {folder}/trace.json",
                f"dump binary memory {folder}/program.dump dump_bytes dump_bytes+dump_count",
                "python print('PLACES', "
                "*(int(gdb.parse_and_eval('(unsigned long)&' + name)) for name in "
                "('first_region', 'second_region')))"]
    if core:
        commands += [f"generate-core-file {core}",
                     f"python import subprocess; subprocess.run(['{HEAP}', 'save', "
                     f"'{folder}/process.json', '--elf', '{program}', '--pid', "
                     "str(gdb.selected_inferior().pid)])"]
    return gdb_asked(target, program, folder, commands)


# ---- what is compared -------------------------------------------------------------------------


def snapshot(result, what, path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        result.fail(f"{what}: no snapshot", str(error))
        return None


def tool_saved(program, folder, name, *route):
    done = run(HEAP, "save", folder / name, "--elf", program, *route)
    return done


def listing_of(output):
    """{address: (state, size, tag)} as the program listed it."""
    found = {}
    for address, state, size, rest in LISTED.findall(output):
        tag = TAG.search(rest)
        found[int(address, 16)] = (state, int(size), tag.groups() if tag else None)
    return found


def blocks_of(snapshot):
    found = {}
    for block in snapshot["blocks"]:
        owner = block.get("owner", {})
        function = owner.get("function")
        is_tagged = function == "request_tagged"
        tag = (owner["file"], str(owner["line"]), function) if is_tagged else None
        found[int(block["address"], 16)] = (block["state"], block["size"], tag)
    return found


def owners_are_right(result, name, found):
    names = {block["owner"].get("function") for block in found["blocks"] if "owner" in block}
    wanted = {"request_tagged", "request_plain", "request_aligned"}
    result.check(names == wanted, f"{name}: the owners are the functions that asked",
                 str(names ^ wanted))
    result.check(all(block["owner"].get("file") == "target.c" for block in found["blocks"]
                     if "owner" in block), f"{name}: the owners' file")


def routes_agree(result, target, folder, options=()):
    name = f"{target.name} {' '.join(options)}".rstrip()
    program = built(result, target, folder, options)
    if program is None:
        return
    here = target.compiler and not target.emulator
    core = folder / "core" if here else None
    output = gdb_ran(target, program, folder, core)
    by_gdb = snapshot(result, f"{name} by gdb", folder / "gdb.json")
    if by_gdb is None:
        result.fail(f"{name}: gdb", output[-2000:])
        return
    listed = listing_of(output)
    result.check(listed and blocks_of(by_gdb) == listed, f"{name}: blocks are as listed",
                 f"{sorted(set(blocks_of(by_gdb).items()) ^ set(listed.items()))[:6]}")
    result.check(by_gdb["check"] == "sound", f"{name} is sound")
    result.check("\nsound\n" in output, f"{name}: heap check in gdb", output[-1500:])
    owners_are_right(result, name, by_gdb)
    places = [int(word) for word in re.search(r"^PLACES (\d+) (\d+)", output,
                                              re.MULTILINE).groups()]
    for route, saved in routes_of(target, program, folder, places, core):
        result.check(saved == by_gdb, f"{name}: {route} gives what gdb gives")
    traces_agree(result, name, program, folder)
    (folder / "gdb.json").unlink()


def traces_agree(result, name, program, folder):
    """The ring of events, of which most were lost, by gdb and from the program's dump."""
    run(HEAP, "trace", "json", folder / "dumped.json", "--elf", program, "--dump",
        folder / "program.dump")
    traced, by_gdb = read(folder / "dumped.json"), read(folder / "trace.json")
    result.check(traced is not None and traced == by_gdb, f"{name}: the same trace by both routes")
    if traced:
        result.check(traced["lost"] > 0 and traced["events"]["kind"], f"{name}: a trace with loss")
        end_has_the_blocks(result, name, traced)


def routes_of(target, program, folder, places, core):
    """Yields (route, its snapshot) of all others."""
    yield "a named heap", read(folder / "named.json")
    raw = [word for place, region in zip(places, ("first_region", "second_region"))
           for word in ("--raw", f"{place:#x}:{folder}/{region}")]
    if core:
        moved = places[0] - Program(program).symbol("first_region")[0]
        raw += ["--bias", hex(moved)]
        tool_saved(program, folder, "core.json", "--core", core)
        yield "a core file", read(folder / "core.json")
        yield "the process", read(folder / "process.json")
    tool_saved(program, folder, "raw.json", *raw)
    yield "raw memory", read(folder / "raw.json")
    tool_saved(program, folder, "dump.json", "--dump", folder / "program.dump")
    yield "the program itself", read(folder / "dump.json")


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    finally:
        path.unlink(missing_ok=True)


# ---- the mistakes of docs/inspect.md, on a board ------------------------------------------------

EXAMPLE = ROOT / "examples" / "inspected_heap" / "main.c"
STOP = ["break stop_here", "continue"]
# The overrun again, with a trace: that knows who asked for the block, whose own tag and call site
# are gone.
TRACED = 5
RING = ROOT / "ports" / "trace" / "ring"
TRACE = ["-DFMEMP_CALL_SITES=1", "-DTLSF_TRACE=1", f"-I{RING}", RING / "trace_ring.c"]
# What is asked of each program, and what the answer must contain.
MISTAKES = {
    1: ([*STOP, "heap save {folder}/before.json", "continue",
         "heap leaks {folder}/before.json"], r"in +2 blocks  message_new main\.c:\d+"),
    2: ([*STOP, "continue", "print records[3]", "heap check"],
        r"\$1 = .*(0x[0-9a-f]+)[^$]*broken: block size[^$]*likely overrun of \1 "),
    3: (["break platform_exit", "continue", "heap find records[7]"],
        r"free block, offset 0"),
    4: ([*STOP, "continue", "heap why 5000"],
        r"5000 bytes: fragmented[^$]*between\n +0x[0-9a-f]+  used +\d+  record_new main\.c"),
    TRACED: ([*STOP, "continue", "heap check"],
             r"likely overrun of 0x\w+  used +\d+  \w+ main\.c:\d+ \(tag overwritten\)"),
}


def mistakes_are_found(result, folder, chosen):
    """Through the gdb stub of a Cortex-M4 board."""
    board = TARGETS["cortex_m"]
    for mistake in chosen:
        program = folder / f"mistake{mistake}"
        made = run(BARE_METAL / "build", board.name, EXAMPLE, program, "-g",
                   "-DFMEMP_TAG_DEBUG=1", f"-DMISTAKE={2 if mistake == TRACED else mistake}",
                   *(TRACE if mistake == TRACED else []))
        if not result.check(made.ok, f"build of mistake {mistake}", made.tail()):
            continue
        asked, wanted = MISTAKES[mistake]
        commands = [f"source {GDB_COMMANDS}", *(word.format(folder=folder) for word in asked)]
        output = gdb_asked(board, program, folder, commands)
        result.check(re.search(wanted, output), f"mistake {mistake} is found", output[-2000:])
