# SPDX-License-Identifier: BSD-3-Clause
"""Heaps of integrations/ for operating systems, on models of their kernels: each suite in each set
of options, and each suite on files with a bug, which it has to find."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from report import BUILD, ROOT, run
from sampling import half
from suites import count_cases
from use_checks import WARNINGS

CORE = sorted(ROOT.glob("lib/core/*.c"))
FMEMP = sorted(ROOT.glob("lib/fmemp/*.c"))
INCLUDES = [f"-I{ROOT}/include", f"-I{ROOT}/arch/x86", f"-I{ROOT}/tests"]
SANITIZED = "-fsanitize=address,undefined -fno-sanitize-recover=all"
TRAPPED = "-fsanitize=undefined -fsanitize-undefined-trap-on-error"  # fast to build


@dataclass(frozen=True)
class Suite:
    name: str
    heap: str     # the file in integrations/
    folder: str   # in tests/rtos/: the model, and cases of this system
    builds: dict  # name: options of the compiler
    bugs: tuple   # (text of the file, what takes its place, a build that has to fail)
    refused: tuple = ()  # (options, words of the compiler's message)
    shared: str = ""     # a folder in tests/rtos/ with cases for several systems

    def command(self, options):
        return ["gcc", "-std=c11", "-O0", "-g", *WARNINGS, *INCLUDES, f"-I{ROOT}/tests/rtos",
                f"-I{ROOT}/tests/rtos/{self.folder}", f"-I{(ROOT / self.heap).parent}",
                *options.split()]

    def cases(self):
        """What its cases are called in a report, in every build and, if shared, for every system:
        a case that does not apply to one of them has to apply to another."""
        return "RTOS heaps" if self.shared else self.name

    def sources(self):
        folders = [name for name in (self.folder, self.shared) if name]
        return [path for name in folders
                for path in sorted((ROOT / "tests" / "rtos" / name).glob("*.c"))]


def core_of(result, options):
    """The core with those of the options that it knows, as one object, compiled once; with FMemp
    if blocks keep their call sites."""
    known = [word for word in options.split() if word.startswith(("-DTLSF_", "-DFMEMP_"))]
    sources = [*CORE, *(FMEMP if "-DFMEMP_CALL_SITES=1" in known else [])]
    core = BUILD / "rtos" / ("core" + "".join(known) + ".o")
    core.parent.mkdir(parents=True, exist_ok=True)
    unit = core.with_suffix(".c")
    unit.write_text("void kernel_assert(int holds);\n"  # what FMEMP_STOP can call
                    + "".join(f'#include "{source}"\n' for source in sources))
    done = run("gcc", "-std=c11", "-O0", *INCLUDES, *known, "-c", unit, "-o", core)
    result.check(done.ok, f"core with {known}", done.tail())
    return core


def cases_of(result, suite, options, folder):
    """Compiles the cases with these options, and the core; returns the objects."""
    done = run(*suite.command(options), "-c", *suite.sources(), cwd=folder)
    result.check(done.ok, f"{suite.name} cases with {options}", done.tail())
    return [*folder.glob("*.o"), core_of(result, options)]


def program_ran(suite, options, objects, heap, folder):
    """Links the cases with this heap file, and runs them. Returns the build, and the run or
    None."""
    built = run(*suite.command(options), heap, *objects, "-lcmocka", "-o", folder / "cases")
    if not built.ok:
        return built, None
    return built, run("timeout", "20", folder / "cases", env={"CMOCKA_MESSAGE_OUTPUT": "TAP"})


def passes(result, suite):
    """Each case, in each build; and options that are refused."""
    for name, options in suite.builds.items():
        options += " " + SANITIZED
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            objects = cases_of(result, suite, options, folder)
            built, ran = program_ran(suite, options, objects, ROOT / suite.heap, folder)
            result.check(ran is not None and ran.ok, f"{suite.name} {name} passes", built.tail())
            if ran is not None:
                count_cases(result, {"name": suite.cases(), "stdout": ran.output,
                                     "result": "OK" if ran.ok else "FAIL"})
    for options, words in suite.refused:
        done = run(*suite.command(options), "-fsyntax-only", ROOT / suite.heap)
        result.check(not done.ok and words in done.output,
                     f"{suite.name} refuses {options}: {words}", done.tail())


def finds_bugs(result, suite, seed):
    """Each bug that is put into the heap file makes a case fail. seed: half of the bugs."""
    bugs = half(result, suite.bugs, seed)
    text = (ROOT / suite.heap).read_text().replace('"../../', f'"{ROOT}/')
    text = text.replace('"../', f'"{ROOT}/integrations/')
    for build in dict.fromkeys(bug[2] for bug in bugs):
        options = f"{suite.builds[build]} {TRAPPED} -Wno-error"
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            objects = cases_of(result, suite, options, folder)
            for old, new, _ in (bug for bug in bugs if bug[2] == build):
                broken = folder / Path(suite.heap).name
                broken.write_text(text.replace(old, new))
                built, ran = program_ran(suite, options, objects, broken, folder)
                result.check(old in text and ran is not None and not ran.ok,
                             f"{suite.name} {build}: a case fails with {new!r} for {old!r}",
                             built.tail())


# ---- FreeRTOS ----------------------------------------------------------------------------------

OWN_8192 = "-DconfigTOTAL_HEAP_SIZE=((size_t)8192)"
MASKS = "-DconfigFMEMP_SUSPENDS_SCHEDULER=0"
SUSPENDS = "-DconfigFMEMP_SUSPENDS_SCHEDULER=1"
FREERTOS = Suite(
    "FreeRTOS heap", "integrations/freertos/heap_fmemp.c", "freertos",
    {
        "plain": f"{OWN_8192} {MASKS}",
        "hook and traces": f"{OWN_8192} {MASKS} -DconfigUSE_MALLOC_FAILED_HOOK=1 -DKERNEL_TRACES",
        "memory of the application": f"{OWN_8192} {MASKS} -DconfigAPPLICATION_ALLOCATED_HEAP=1 "
                                     "-DconfigHEAP_CLEAR_MEMORY_ON_FREE=1 -DTLSF_GRANULE=16 "
                                     "-DportBYTE_ALIGNMENT=16",
        "simulator": f"{OWN_8192} -DKERNEL_TRACES -DTLSF_HARDENING=2 "
                     "-DconfigUSE_MALLOC_FAILED_HOOK=1 -DconfigENABLE_HEAP_PROTECTOR=1",
        "regions": f"{MASKS} -DKERNEL_TRACES -DTLSF_HARDENING=3",
        "regions, nothing checked": f"{SUSPENDS} -DTLSF_HARDENING=0 "
                                    "-DconfigHEAP_CLEAR_MEMORY_ON_FREE=1",
        "owners": f"{MASKS} -DKERNEL_TRACES -DFMEMP_CALL_SITES=1 -DFMEMP_STOP()=kernel_assert(0)",
    }, (
        ("heap != NULL && size > 0", "heap != NULL", "hook and traces"),
        ("if (block == NULL) {\n        failure_hook();\n    }\n    return",
         "failure_hook();\n    return", "hook and traces"),
        ("failure_hook();\n    }\n    return", "}\n    return", "hook and traces"),
        ("xNum > SIZE_MAX / xSize", "false", "plain"),
        ("(void)memset(block, 0, xNum * xSize);", "", "plain"),
        ("configASSERT(fault == NULL);", "", "plain"),
        ("(void)tlsf_set_fault_hook(made, fault_found);", "", "plain"),
        ("tlsf_looks_live(heap, block) ?", "block != NULL ?", "memory of the application"),
        ("(void)memset(block, 0, size);", "", "memory of the application"),
        ("TRACES_FREE && tlsf_looks_live(heap, pv)", "TRACES_FREE", "hook and traces"),
        ("traceFREE(pv, OUTER_SIZE(pv))", "traceFREE(pv, tlsf_block_size(pv))",
         "hook and traces"),
        ("traceMALLOC(block, OUTER_SIZE(block));\n    heap_unlock(state);",
         "heap_unlock(state);\n    traceMALLOC(block, OUTER_SIZE(block));", "hook and traces"),
        ("    heap = NULL;\n    regions = NULL;", "", "plain"),
        ("    regions = NULL;", "", "regions"),
        ("if (heap == NULL) {\n        heap_begin", "if (true) {\n        heap_begin", "plain"),
        ("const size_t largest = largest_of(region)", "const size_t largest = 0", "regions"),
        ("region == home || region_add(region)", "region == home", "regions"),
        ("(size_t)(-begin & (_Alignof(struct region) - 1))", "begin * 0", "regions"),
        ("configASSERT(heap == NULL);\n    if (heap != NULL) {\n        return;\n    }", "",
         "regions"),
        ("region[-1].pucStartAddress < region->pucStartAddress", "true", "regions"),
        ("configASSERT(is_used);", "", "regions"),
        ("return stats.pool_bytes - stats.peak_bytes", "return stats.free_bytes", "plain"),
        ("tlsf_reset_peak(heap);", "", "plain"),
        ("heap_changes == changes && tlsf_next", "tlsf_next", "plain"),
        ("return heap_changes == changes;", "return true;", "plain"),
        ("walks < WALKS_MAX", "true", "plain"),
        ("block.size + tlsf_alloc_overhead()", "block.size", "plain"),
        ("xSizeOfSmallestFreeBlockInBytes = SIZE_MAX", "xSizeOfSmallestFreeBlockInBytes = 0",
         "plain"),
        ("pool = region == NULL ? NULL : region->pool;", "pool = NULL;", "regions"),
        ("const uintptr_t state = heap_lock();\n    heap_make();\n    if (heap",
         "const uintptr_t state = 0;\n    heap_make();\n    if (heap", "plain"),
        ("sited_destroy(&freertos_sites, heap);", "", "owners"),
        ("block_request(xNum * xSize, CALL_SITE())", "pvPortMalloc(xNum * xSize)", "owners"),
        ("(void)xTaskResumeAll();\n    if (!is_done)", "if (!is_done)", "plain"),
        ("    (void)state;\n    (void)xTaskResumeAll();", "    (void)state;", "simulator"),
    ), (
        (f"{OWN_8192} -DconfigSUPPORT_DYNAMIC_ALLOCATION=0", "must not be in the build"),
        (f"{OWN_8192} -DTLSF_STATISTICS=0", "need TLSF_STATISTICS 1"),
        (f"{OWN_8192} -DconfigENABLE_HEAP_PROTECTOR=1", "with TLSF_HARDENING 2"),
        (f"{OWN_8192} -DportBYTE_ALIGNMENT=16", "TLSF_GRANULE=portBYTE_ALIGNMENT"),
    ))


def freertos_heap_keeps_the_contract(result):
    passes(result, FREERTOS)


def freertos_cases_find_bugs(result, seed=None):
    finds_bugs(result, FREERTOS, seed)


# ---- other systems -----------------------------------------------------------------------------

NO_HOOK = "(void)tlsf_set_fault_hook("
ZEPHYR = Suite(
    "Zephyr k_malloc", "integrations/zephyr/k_malloc.c", "zephyr",
    {"plain": "-DCONFIG_FMEMP_K_MALLOC_SIZE=8192 -DCONFIG_HEAP_MEM_POOL_SIZE=0"},
    ((NO_HOOK, "(void)(tlsf_fault_hook)(0, ", "plain"),
     ("return size == 0 ? NULL :", "return", "plain"),
     ("nmemb == 0 || size == 0 ? NULL :", "", "plain"),
     ("locked_memalign(heap_of_kernel(), align, size)",
      "locked_memalign(heap_of_kernel(), 0, size)", "plain"),
     ("k_spin_unlock(&lock, state)", "(void)state", "plain")),
    (("-DCONFIG_FMEMP_K_MALLOC_SIZE=8192 -DCONFIG_HEAP_MEM_POOL_SIZE=100",
      "set CONFIG_HEAP_MEM_POOL_SIZE=0"),
     ("-DCONFIG_HEAP_MEM_POOL_SIZE=0", "set CONFIG_FMEMP_K_MALLOC_SIZE")),
    shared="common")
RT_THREAD = Suite(
    "RT-Thread userheap", "integrations/rt_thread/userheap.c", "rt_thread", {"plain": ""},
    ((NO_HOOK, "(void)(tlsf_fault_hook)(0, ", "plain"),
     ("size == 0 || heap == NULL ? NULL : allocated", "heap == NULL ? NULL : allocated", "plain"),
     ("    if (free_hook != NULL) {\n        free_hook(ptr);\n    }", "", "plain"),
     ("malloc_hook(block, size)", "malloc_hook(block, 0)", "plain"),
     ("*max_used = stats.peak_bytes", "*max_used = stats.used_bytes", "plain"),
     ("rt_hw_interrupt_enable(state)", "rt_hw_interrupt_enable(0)", "plain"),
     ("RT_ASSERT(heap != NULL);", "", "plain")),
    (("-DMODEL_HAS_ITS_OWN_HEAP", "set RT_USING_USERHEAP"),
     ("-DRT_ALIGN_SIZE=16", "TLSF_GRANULE=RT_ALIGN_SIZE")),
    shared="common")
NUTTX = Suite(
    "NuttX mm", "integrations/nuttx/mm_fmemp.c", "nuttx", {"plain": ""},
    ((NO_HOOK, "(void)(tlsf_fault_hook)(0, ", "plain"),
     ("return size == 0 ? NULL : locked_memalign(heap->t, 0", "return locked_memalign(heap->t, 0",
      "plain"),
     ("heap->ends[region] == (uintptr_t)mem", "true", "plain"),
     ("heap->ends[region] += size;", "", "plain"),
     ("heap->regions < CONFIG_MM_REGIONS &&", "", "plain"),
     ("(size_t)(-(uintptr_t)start & (_Alignof(struct mm_heap_s) - 1))", "0", "plain"),
     ("DEBUGASSERT(broken == TLSF_SOUND)", "DEBUGASSERT(true)", "plain"),
     ("leave_critical_section(state)", "leave_critical_section(0)", "plain")),
    shared="common")
THREADX = Suite(
    "ThreadX byte pools", "integrations/threadx/byte_pool_fmemp.c", "threadx", {"plain": ""},
    ((NO_HOOK, "(void)(tlsf_fault_hook)(0, ", "plain"),
     ("was_fault = true;", "", "plain"),
     ("pool == NULL || is_pool(pool)", "pool == NULL", "plain"),
     ("const bool exists = pool->heap != NULL", "const bool exists = true", "plain"),
     ("*link = pool->next;", "", "plain"),
     ("pool->heap = NULL;", "", "plain"),
     ("tlsf_owner(pool->heap, memory) != NULL", "true", "plain"),
     ("ticks < wait)", "ticks <= wait)", "plain"),
     ("if (size == 0) {\n        return TX_SIZE_ERROR;\n    }", "", "plain"),
     ("(void)tx_interrupt_control(state)", "(void)tx_interrupt_control(0)", "plain")))


def other_heaps_serve(result, seed=None):
    """The heaps of other systems, and the bugs that their cases have to find."""
    for suite in (ZEPHYR, RT_THREAD, NUTTX, THREADX):
        passes(result, suite)
        finds_bugs(result, suite, seed)
