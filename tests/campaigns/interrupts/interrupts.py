# SPDX-License-Identifier: BSD-3-Clause
"""Interrupts every heap and lock for interrupts at random instructions, on emulated processors, by
their timers: the program and its interrupts, also nested ones, allocate and free. Locks that are
wrong have to be found."""

import argparse
import re
import sys

from image_checks import BARE_METAL, FAST, PROGRAMS, TARGETS, image_built, image_ran
from report import ROOT, Result
from sampling import half

INTERRUPTS_MIN = 1_000_000  # of each lock
QUICK_STEPS = 3000
STEPS = {1: 1_500_000, 2: 3_000_000}  # of the program by cores: enough for so many interrupts
INTERRUPTS = PROGRAMS / "interrupts"
MASKING, FREERTOS = (f"ports/{name}/fmemory_lock.c" for name in ("interrupts", "freertos"))
FREERTOS_HEAP = "integrations/freertos/heap_fmemp.c"
HEAPS = {"fmemp": [INTERRUPTS / "heap_fmemp.c", "-DFMEMP_LOCK=1"],
         "freertos": [INTERRUPTS / "heap_freertos.c"]}
NO_KERNEL = [INTERRUPTS / "kernel_none.c", *HEAPS["fmemp"]]
MODEL = [INTERRUPTS / "kernel_model.c", f"-I{INTERRUPTS}/kernel", f"-I{ROOT}/tests/rtos/freertos"]


def kernel(kind, first_nesting=0, *options, heap="fmemp"):
    return [*MODEL, *HEAPS[heap], f"-DKERNEL=KERNEL_{kind}",
            f"-DKERNEL_FIRST_NESTING={first_nesting}", *options]


# (target, lock, kernel): each passes. FreeRTOS itself is not run: kernel/FreeRTOS.h.
LOCKS = [
    *[(target, MASKING, NO_KERNEL) for target in TARGETS],
    ("cortex_m", MASKING, [*NO_KERNEL, "-DFMEMP_LOCK_BASEPRI=0x50"]),
    *[("cortex_m", FREERTOS, kernel("SAVES", nesting)) for nesting in ("0xaaaaaaaau", 9999, 0)],
    ("riscv32", FREERTOS, kernel("CONSTANT", "0xaaaaaaaau")),
    ("riscv64", FREERTOS, kernel("CONSTANT", "0xaaaaaaaau")),
    ("aarch64", FREERTOS, kernel("PRIORITY", 9999)),
    ("cortex_a", FREERTOS, kernel("PRIORITY", 9999)),
    ("cortex_m", FREERTOS, kernel("SPINLOCK")),
    ("aarch64", FREERTOS, kernel("SMP", 0, "-DCORES=2")),
    ("aarch64", FREERTOS, kernel("SPINLOCK", 0, "-DCORES=2")),
    # FreeRTOS's heap, whose lock is that of ports/freertos.
    ("cortex_m", FREERTOS_HEAP, kernel("SAVES", "0xaaaaaaaau", heap="freertos")),
    ("riscv32", FREERTOS_HEAP, kernel("CONSTANT", "0xaaaaaaaau", heap="freertos")),
    ("aarch64", FREERTOS_HEAP, kernel("SMP", 0, "-DCORES=2", heap="freertos")),
]
EXIT_MASKS = 11
# Locks that are wrong: (target, macros that lock and unlock, kernel, exit status or None for any).
WRONG_LOCKS = [
    # What this port was once: masked after FMempInit, and open where the caller had masked.
    ("cortex_m", "taskENTER_CRITICAL(), 0", "taskEXIT_CRITICAL()",
     kernel("SAVES", "0xaaaaaaaau"), EXIT_MASKS),
    ("cortex_m", "taskENTER_CRITICAL(), 0", "taskEXIT_CRITICAL()", kernel("SAVES"), EXIT_MASKS),
    # The kernel's mask where it masks nothing, opens the processor's mask, or masks one core.
    *[(target, "portSET_INTERRUPT_MASK_FROM_ISR()", "portCLEAR_INTERRUPT_MASK_FROM_ISR(state)",
       played, status)
      for target, played, status in (("riscv32", kernel("CONSTANT"), None),
                                     ("aarch64", kernel("PRIORITY"), None),
                                     ("aarch64", kernel("SMP", 0, "-DCORES=2"), None))],
    *[(target, "0", "(void)state", kernel("SAVES"), None) for target in TARGETS],
]


SEEN = re.compile(r"^interrupts: seed .* (\d+) interrupts, (\d+) inside", re.MULTILINE)


def interrupted(result, seed, name, target, options, steps=QUICK_STEPS):
    """Builds and runs the program that interrupts interrupt. Returns how it ended, or None. One
    instruction takes 2^shift ns of its clock, so a run depends on its seed alone. Two cores share
    that clock."""
    processor = "riscv" if target.startswith("riscv") else target
    words = [INTERRUPTS / f"{processor}.c", f"-I{INTERRUPTS}", f"-I{BARE_METAL}", f"-DSEED={seed}u",
             f"-DSTEPS={steps}", *options]
    if target == "aarch64":
        words += ["-mgeneral-regs-only", "-mno-outline-atomics"]
    image = image_built(result, f"interrupts {name}", target, INTERRUPTS / "interrupts.c", words)
    if image is None:
        return None
    cores = ["-smp", "2", "-icount", "shift=7,sleep=off"] if "-DCORES=2" in options else \
        ["-icount", "shift=10,sleep=off"]
    return image_ran(target, image, *cores, seconds=60 if steps == QUICK_STEPS else 1100)


def locks_hold(result, wanted):
    """Every heap and lock: nothing is lost in so many interrupts."""
    least = 1 if wanted.quick else INTERRUPTS_MIN
    locks = half(result, LOCKS, wanted.seed if wanted.quick else None)
    as_shipped = wanted.seed % len(locks)  # where the compiler moves most
    for number, (target, lock, played) in enumerate(locks):
        name = " ".join([target, str(lock), *[str(word) for word in played if "-D" in str(word)]])
        if not re.search(wanted.only, name):
            continue
        steps = QUICK_STEPS if wanted.quick else STEPS[2 if "-DCORES=2" in played else 1]
        level = [FAST] if wanted.quick and number != as_shipped else []
        ran = interrupted(result, wanted.seed, name, target, [lock, *played, *level], steps)
        if ran is not None:
            seen = SEEN.search(ran.output)
            result.check(ran.ok and seen and int(seen[1]) >= least,
                         f"{name}, seed {wanted.seed}, {least} interrupts", ran.tail())
            print(name, seen[0] if seen else "failed", sep=": ", flush=True)


def wrong_locks_are_found(result, wanted):
    locks = half(result, enumerate(WRONG_LOCKS), wanted.seed if wanted.quick else None)
    for number, (target, lock, unlock, played, status) in locks:
        name = f"control {number}: {target}, {lock}"
        if not re.search(wanted.only, name):
            continue
        ran = interrupted(result, wanted.seed, name, target, [
            INTERRUPTS / "wrong_lock.c", f"-DWRONG_LOCK={lock}", f"-DWRONG_UNLOCK={unlock}",
            *played, FAST])
        if ran is not None:
            result.check(ran.status == status if status else not ran.ok,
                         f"{name}, seed {wanted.seed}", ran.tail())


def suspended_scheduler_is_found(result, wanted):
    """It keeps out no interrupt."""
    name = "control: a suspended scheduler"
    if re.search(wanted.only, name):
        ran = interrupted(result, wanted.seed, name, "cortex_m", [
            FREERTOS_HEAP, *kernel("SAVES", heap="freertos"),
            "-DconfigFMEMP_SUSPENDS_SCHEDULER=1"])
        result.check(ran is not None and not ran.ok, f"{name}, seed {wanted.seed}")


def main():
    parser = argparse.ArgumentParser(prog="tests/run interrupts", description=__doc__)
    parser.add_argument("--quick", action="store_true",
                        help="half of the programs, 3,000 steps each, at -Og but for one")
    parser.add_argument("--only", metavar="REGEX", default="", help="the locks with these names")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="of requests and times")
    wanted = parser.parse_args()
    result = Result()
    print(f"seed {wanted.seed}")
    locks_hold(result, wanted)
    wrong_locks_are_found(result, wanted)
    suspended_scheduler_is_found(result, wanted)
    return result.end()


if __name__ == "__main__":
    sys.exit(main())
