# SPDX-License-Identifier: BSD-3-Clause
"""The machines that count instructions: how a build becomes a program, and how to run it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "bench" / "worst_case" / "machine"
BARE_METAL = ROOT / "examples" / "bare_metal"
COMMON = [HERE / "calibrate.c", HERE / "settings.c"]
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion",
            "-Wshadow", "-Wundef", "-Wcast-align", "-Wstrict-prototypes", "-Wmissing-prototypes",
            "-Wwrite-strings", "-Werror"]
COPIES = ("memcpy", "memmove", "memset")  # copy.c has functions in place of these
SECONDS_MAX = 900


class MachineError(Exception):
    pass


def run(*command):
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"{words[0]} did not end in {SECONDS_MAX} s") from error
    if done.returncode != 0:
        raise MachineError(f"{' '.join(words)}\n" + "\n".join(done.stdout.splitlines()[-20:]))
    return done.stdout


@dataclass(frozen=True)
class Host:
    """x86-64 Linux: single steps, and an emulator in the process."""
    objcopy: str = "objcopy"

    def link_words(self):
        return [HERE / "machine_host.c", HERE / "call_x86_64.s", HERE / "copy.c", *COMMON], \
            ["-lunicorn"]

    def run(self, program, settings, load):
        return run(program, *settings, *([f"load={load}"] if load else []))


@dataclass(frozen=True)
class Image:
    """A board of qemu. With -icount, each instruction advances virtual time by 2^shift ns."""
    objcopy: str
    emulator: tuple    # command and board
    start: str         # folder of examples/bare_metal
    call: str          # assembly of the counted call
    linker_script: Path
    heap: tuple        # begin, end of the memory for heaps
    load_begin: int    # address of a recorded load
    shift: int = 10    # machine_image.c divides by 2^10

    def base_words(self):
        """The words that link an image, but for memory functions."""
        places = {"heap_begin": self.heap[0], "heap_end": self.heap[1],
                  "load_begin": self.load_begin}
        return ["-Dmachine_print=console_print", "-static", "-nostartfiles",
                HERE / "machine_image.c", HERE / self.call, *COMMON, BARE_METAL / "console.c",
                BARE_METAL / "semihosting.c", BARE_METAL / self.start / "start.s",
                *[f"-Wl,--defsym={name}={address:#x}" for name, address in places.items()],
                "-T", self.linker_script, "-Wl,--build-id=none"]

    def link_words(self):
        return [*self.base_words(), "-ffreestanding", "-fno-pic", "-no-pie", "-nostdlib",
                HERE / "copy.c", BARE_METAL / "memory.c"], ["-lgcc"]

    def run(self, program, settings, load):
        words = list(settings)
        devices = []
        if load:
            words.append(f"load_bytes={load.stat().st_size}")
            devices = ["-device", f"loader,file={load},addr={self.load_begin:#x},force-raw=on"]
        semihosting = ",".join(["enable=on,target=native", *[f"arg={word}" for word in words]])
        return run(*self.emulator, "-icount", f"shift={self.shift},sleep=off", "-display", "none",
                   "-monitor", "none", "-serial", "none", "-semihosting-config", semihosting,
                   *devices, "-kernel", program)


# Code for a Cortex-M4, on the Cortex-M33 of the MPS3 board, which executes it: no board of qemu
# with a Cortex-M4 has the memory for 1,000,000 blocks.
CORTEX_M4 = Image("arm-none-eabi-objcopy", ("qemu-system-arm", "-M", "mps3-an524"), "cortex_m",
                 "call_cortex_m.s", HERE / "mps3_an524.ld", (0x61000000, 0xD8000000), 0xD8000000)

# By the names of bench/worst_case/bound.
MACHINES = {
    "x86-64": Host(),
    "aarch64": Image("aarch64-linux-gnu-objcopy",
                     ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-m", "2G",
                      "-nic", "none"), "aarch64", "call_aarch64.s",
                     BARE_METAL / "aarch64" / "image.ld", (0x48000000, 0xB8000000), 0xB8000000),
    "cortex-m4": CORTEX_M4,
}


def program_build(build, sources, objects, folder, options=()):
    """Links the library's objects with the machine and with `sources`. The objects change in
    nothing but the names of the memory functions that they call. Returns the program."""
    machine = MACHINES[build.target]
    renames = [word for name in COPIES for word in ("--redefine-sym", f"{name}=counted_{name}")]
    library = []
    for item in objects:
        library.append(folder / f"renamed-{item.name}")
        run(machine.objcopy, *renames, item, library[-1])
    before, after = machine.link_words()
    run(*build.command, build.optimisation, *WARNINGS, f"-I{ROOT}/include",
        f"-DTLSF_LAYOUT=TLSF_{build.layout.upper()}", *options, *before, *sources, *library,
        *after, "-o", folder / "program")
    return folder / "program"
