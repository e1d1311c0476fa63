# SPDX-License-Identifier: BSD-3-Clause
"""What obligations are about. By their kind:
    shape     every layout, granule and number of second-level bits, on machines of 64 and 32 bits;
              each with bit operations that are slow and fast, without and with guards
    memory    one shape of each form of headers and links
    machine   machines of 64 and 32 bits
    portable  the portable bit operations
    axioms    what the contracts take for granted
    bits      the bit operations of each folder of arch/, in each form that targets give it"""

import bit_obligations
import link_obligations  # noqa: F401 (registers obligations)
import list_obligations  # noqa: F401
import mask_obligations  # noqa: F401
import size_obligations  # noqa: F401
from shape import Shape, legal_shapes

# bits, hardening: class arithmetic depends on the first alone, the sizes of requests on the second.
VARIANTS = [("generic", 1), ("aarch64", 3)]
DEFAULT = (64, "compact", 8, 4)
FORMS_OF_MEMORY = [DEFAULT, (64, "wide", 8, 4), (32, "compact", 4, 4), (32, "compact", 8, 4),
                   (32, "wide", 8, 4)]


class Axioms:
    """There is one file of contracts."""

    name = "contracts.acsl"


def describe_subjects(is_quick):
    """Pairs of a kind and what make_subject makes one of: enough to send to another process."""
    shapes = [DEFAULT] if is_quick else legal_shapes()
    for shape in shapes:
        for variant in VARIANTS[:1] if is_quick else VARIANTS:
            yield "shape", shape + variant
    for shape in FORMS_OF_MEMORY[:1] if is_quick else FORMS_OF_MEMORY:
        yield "memory", shape
    for machine in (64, 32):
        yield "machine", (machine, *DEFAULT[1:])
    yield "portable", 0
    yield "axioms", None
    for number in range(3 if is_quick else len(bit_obligations.BUILDS)):
        yield "bits", number


def make_subject(root, kind, description):
    if kind == "axioms":
        return Axioms
    if kind in ("portable", "bits"):
        return bit_obligations.BitOperations(root, bit_obligations.BUILDS[description])
    return Shape(root, *description)


def subject_of_bug(kind, bug):
    """A subject that a bug shows in."""
    if kind == "portable":
        return 0
    if kind == "bits":
        return next(number for number, build in enumerate(bit_obligations.BUILDS)
                    if build.bits == bug.arch)
    return (64, bug.layout, *DEFAULT[2:], bug.bits)
