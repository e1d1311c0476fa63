# SPDX-License-Identifier: BSD-3-Clause
"""What tlsf.h promises about time: which functions have a bound, and what the others may hold."""

import re
import sys

from builds import ROOT
from longest_path.analyser import Query

sys.path.append(str(ROOT / "tests" / "checks"))
from inside import name_in_library  # noqa: E402

# These report a mistake or corruption to the fault hook. No correct program calls them, so bounds
# count the other paths; --details shows the longest path to the report.
REPORTS = (name_in_library("tlsf_report_fault"),)
COPIES = ("memcpy", "memmove")
FILLS = ("memset",)
WRITES = ("write", "_write", "fwrite")

# What a function may hold: pattern of its name, kinds of findings, library calls, the reason.
ADMITTED = (
    ("tlsf_calloc", (), FILLS, "zeroes the block"),
    ("tlsf_realloc(_aligned)?", (), COPIES, "copies a block that moves"),
    ("tlsf_create(_with_pool|_sized)?(_.*)?", ("loop",), FILLS,
     "clears the size classes"),
    ("tlsf_reset", ("loop",), FILLS,
     "clears the size classes, frees the pools"),
    ("tlsf_walk_(pool|blocks)", ("loop", "indirect call"), (), "calls the walker for each block"),
    ("tlsf_print_block|tlsf_write", ("loop", "indirect call"), WRITES, "prints"),
    ("tlsf_check(_pool|_report)?", ("loop",), FILLS + COPIES, "looks at each block"),
    ("tlsf_attach(_regions)?(_.*)?", ("loop",), FILLS + COPIES, "looks at each block"),
    ("tlsf_survey|tlsf_explain", ("loop",), FILLS, "looks at each block"),
    ("tlsf_diagnose", ("loop",), FILLS + COPIES,
     "looks at each block, and at each byte around the damage"),
    ("tlsf_owner|tlsf_looks_live", ("loop",), (), "looks at each pool"),
    ("tlsf_dump(_memory)?", ("loop", "indirect call"), FILLS + COPIES, "calls the writer"),
    ("tlsf_locate", ("loop",), FILLS, "looks at each block of the pool"),
    ("|".join(REPORTS), ("indirect call",), FILLS, "fills in a diagnosis, calls the fault hook"),
)

# Realloc in place: paths that neither move the block nor are another request (tlsf_malloc or
# tlsf_memalign for a NULL pointer, tlsf_free for 0 bytes).
OTHER_REQUESTS = ("tlsf_malloc", "tlsf_memalign", "tlsf_free", name_in_library("block_move"),
                  name_in_library("verify_search"))
IN_PLACE = tuple(Query(f"{name} in place", (name,), REPORTS + COPIES + OTHER_REQUESTS)
                 for name in ("tlsf_realloc", "tlsf_realloc_aligned"))
WITHOUT_COPY = tuple(Query(f"{name} without copy", (name,), REPORTS + COPIES)
                     for name in ("tlsf_realloc", "tlsf_realloc_aligned"))
# The code that firmware with these four functions needs.
FOUR = Query("malloc + free + memalign + realloc",
             ("tlsf_malloc", "tlsf_free", "tlsf_memalign", "tlsf_realloc"), REPORTS, COPIES)
EVERY = Query("every function", ("*",), REPORTS, COPIES + FILLS + WRITES)

QUERIES = (EVERY, *IN_PLACE, *WITHOUT_COPY, FOUR)

# Columns of the table and of the budget.
REQUESTS = {
    "malloc": "tlsf_malloc", "free": "tlsf_free", "memalign": "tlsf_memalign",
    "realloc": "tlsf_realloc in place", "realloc_aligned": "tlsf_realloc_aligned in place",
    "add_pool": "tlsf_add_pool", "remove_pool": "tlsf_remove_pool", "stats": "tlsf_stats",
    "largest": "tlsf_largest", "block_size": "tlsf_block_size",
}


def admission_of(function):
    """The entry of ADMITTED for a function. None: the function must be bounded and call nothing."""
    name = function.split(" ")[0]
    for entry in ADMITTED:
        if re.fullmatch(entry[0], name):
            return entry
    return None


def is_bounded(function):
    """Whether a bound is promised for the function."""
    entry = admission_of(function)
    return entry is None or not entry[1]


def place(finding):
    file = re.sub(r".*/(?=(lib|arch|tests|include)/)", "", finding["file"])
    return (f"{finding['function']}: {finding['instruction'].strip()} ({file}:{finding['line']} "
            f"{finding['source_function']})")


def violations(answer):
    """What an answer of the analyser shows and no contract admits, as texts."""
    entry = admission_of(answer["label"])
    kinds, calls = (entry[1], entry[2]) if entry else ((), ())
    texts = [f"{finding['kind']} in {place(finding)}" for finding in answer["findings"]
             if finding["kind"] not in kinds]
    if " " not in answer["label"]:
        texts += [f"call of library function {call['callee']} in {place(call)}"
                  for call in answer["calls"]
                  if call["callee"] not in calls and call["callee"] not in REPORTS]
    if is_bounded(answer["label"]) and not answer["findings"] and "instructions" not in answer:
        texts.append("no path returns")
    return texts
