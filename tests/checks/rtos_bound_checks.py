# SPDX-License-Identifier: BSD-3-Clause
"""How long FreeRTOS's heap masks interrupts, read from its object code for a Cortex-M4, and
compared with docs/from/heap_4.md."""

import re
import tempfile
from pathlib import Path

from bound_checks import built_analyser, builds, contract
from longest_path.analyser import Query
from report import ROOT

PAGE = ROOT / "docs" / "from" / "heap_4.md"
HEAP = ROOT / "integrations" / "freertos" / "heap_fmemp.c"
KERNEL = [f"-I{ROOT}/tests/checks/images/interrupts/kernel", f"-I{ROOT}/tests/rtos/freertos",
          "-DKERNEL=KERNEL_SAVES"]
FIRST, LAST = ("kernel_mask_from_isr",), ("kernel_restore_from_isr",)
# What a Cortex-M4 does there: mask up to a priority, with the barriers; restore.
MASK = """
#include <stdint.h>
unsigned long kernel_mask_from_isr(void) {
    uint32_t before;
    __asm__ volatile("mrs %0, basepri\\n\\tmsr basepri, %1\\n\\tisb\\n\\tdsb"
                     : "=&r"(before) : "r"(0x50) : "memory");
    return before;
}
void kernel_restore_from_isr(unsigned long before) {
    __asm__ volatile("msr basepri, %0" : : "r"(before) : "memory");
}
"""
# The first allocation also makes the heap: it does not count.
MAKES = ("tlsf_create_sized_compact_granule_8_sl_bits_4",)
CALLS = ("pvPortMalloc", "vPortFree", "xPortGetFreeHeapSize")


def masked(build):
    """{function: instructions from the call that masks to the return from the one that restores}"""
    queries = [Query(call, (call,), contract.REPORTS + MAKES, ("kernel_assert", "memset"), FIRST,
                     LAST) for call in CALLS]
    with tempfile.TemporaryDirectory() as core, tempfile.TemporaryDirectory() as heap:
        mask = Path(heap) / "mask.c"
        mask.write_text(MASK)
        objects = [*build.compile(core), *build.compile(heap, [HEAP, mask], KERNEL)]
        *answers, restore = built_analyser().ask(objects, [*queries, Query("restore", LAST)])
    return {answer["label"]: answer["instructions"] + restore["instructions"]
            for answer in answers if not answer["findings"]}


def freertos_masked_sections_are_as_documented(result):
    """The page's figures, which gcc's version makes; and no loop in a section."""
    build = builds.Build("cortex-m4", "gcc", "-O2", "compact", 1)
    found = masked(build)
    result.check(set(found) == set(CALLS), f"sections without a loop: {found}")
    stated = dict(re.findall(r"`(\w+)` (\d+)", PAGE.read_text()))
    for call, instructions in found.items():
        result.check(stated.get(call) == str(instructions),
                     f"{PAGE.name}: {call} {stated.get(call)}, but it is {instructions}")
