# SPDX-License-Identifier: BSD-3-Clause
"""What the contracts of tlsf.h say of time: which functions have a bound, and what they admit."""

import re

from analyser import Query

# Told of a caller's mistake or of corruption; they call the hook. No correct program runs them,
# so the bound is that of the other paths; the way to the report is shown apart.
REPORTS = ("tlsf_report_fault",)
COPIES = ("memcpy", "memmove")
FILLS = ("memset",)

# What a function may hold besides: pattern of its name, kinds of findings, library calls, why.
ADMITTED = (
    ("tlsf_calloc", (), FILLS, "zeroes the block"),
    ("tlsf_realloc(_aligned)?", (), COPIES, "copies a block that moves"),
    ("tlsf_create(_with_pool|_sized)?_.*", ("loop",), FILLS,
     "clears the size classes"),
    ("tlsf_reset", ("loop",), FILLS,
     "clears the size classes, frees the pools"),
    ("tlsf_walk_pool", ("loop", "indirect call"), (), "calls the walker for each block"),
    ("tlsf_check(_pool)?", ("loop",), (), "looks at each block"),
    (r"tlsf_report_\w+|report_kind", ("indirect call",), FILLS,
     "fills in a diagnosis, calls the fault hook"),
)

# A block that stays where it is: neither is it copied or to be moved, where compilers keep that a
# function, nor is the request another one, as it is with a NULL pointer (tlsf_malloc, tlsf_memalign)
# and with 0 bytes (tlsf_free).
OTHER_REQUESTS = ("tlsf_malloc", "tlsf_memalign", "tlsf_free", "block_move", "verify_search")
IN_PLACE = tuple(Query(f"{name} in place", (name,), REPORTS + COPIES + OTHER_REQUESTS)
                 for name in ("tlsf_realloc", "tlsf_realloc_aligned"))
WITHOUT_COPY = tuple(Query(f"{name} without copy", (name,), REPORTS + COPIES)
                     for name in ("tlsf_realloc", "tlsf_realloc_aligned"))
# Code that firmware with these four needs.
FOUR = Query("malloc + free + memalign + realloc",
             ("tlsf_malloc", "tlsf_free", "tlsf_memalign", "tlsf_realloc"), REPORTS, COPIES)
EVERY = Query("every function", ("*",), REPORTS, COPIES + FILLS)

QUERIES = (EVERY, *IN_PLACE, *WITHOUT_COPY, FOUR)

# Columns of the table and of the budget.
REQUESTS = {
    "malloc": "tlsf_malloc", "free": "tlsf_free", "memalign": "tlsf_memalign",
    "realloc": "tlsf_realloc in place", "realloc_aligned": "tlsf_realloc_aligned in place",
    "add_pool": "tlsf_add_pool", "remove_pool": "tlsf_remove_pool", "stats": "tlsf_stats",
    "largest": "tlsf_largest", "block_size": "tlsf_block_size",
}


def admission_of(function):
    """The entry of ADMITTED for a function; None when it may hold nothing but O(1) code."""
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
    """What an answer of the analyser shows that no contract admits, as texts."""
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
