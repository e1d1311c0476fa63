# SPDX-License-Identifier: BSD-3-Clause
"""Whether the terms that c_semantics.py makes of C functions mean what a compiler makes of them:
both are given the same arguments, powers of two and what is beside them, and random ones."""

import random

from bugs import Bug
from c_semantics import Execution
from report import ROOT
from shape import Shape
from terms import MEMORY, evaluate, variable

FUNCTIONS = ["class_floor", "class_ceil", "size_for_request", "size_inner_bytes",
             "size_of_bytes", "header_size", "product_overflows", "align_gap_max",
             "align_gap", "align_is_valid", "plan_for", "plan_class_end", "control_bytes",
             "link_of", "link_block", "link_step", "link_distance", "link_inside", "list_slot",
             "list_slot_link", "list_class_of_slot", "block_payload", "block_of_payload",
             "block_at", "region_wraps",
             "portable_first_set", "portable_last_set", "portable_last_set64",
             "multiplied_first_set", "multiplied_last_set", "bits_first_set", "bits_last_set"]
MACHINES = {64: (64, "compact", 8, 4, "x86"), 32: (32, "compact", 8, 4, "generic")}
CONTROL = Bug("class_floor", "right of >> dropped")  # must be seen as different
RANDOM_ARGUMENTS = 60
SEED = 1


def arguments_for(widths):
    """Lists of one argument for each width."""
    source = random.Random(SEED)
    for place in range(max(widths)):
        for near in (-1, 0, 1):
            yield [((1 << place % width) + near) % (1 << width) for width in widths]
    for _ in range(RANDOM_ARGUMENTS):
        yield [source.getrandbits(width) >> source.randrange(width) for width in widths]


class Translated:
    """A function as a term, with what its parameters are called."""

    def __init__(self, shape, name):
        self.name = name
        function = shape.source.functions[name]
        self.gives_pointer = "*" in function["type"]["qualType"].split("(")[0]
        self.parameters = [child for child in function["inner"] if child["kind"] == "ParmVarDecl"]
        execution = Execution(shape.source, variable("memory", MEMORY))
        self.widths = [execution.width(parameter) for parameter in self.parameters]
        self.unknowns = [variable(f"x{number}", width)
                         for number, width in enumerate(self.widths)]
        self.result = execution.call(name, *self.unknowns)
        self.is_defined = execution.holds("undefined")

    def samples(self):
        """Arguments of which the result is defined, with the result."""
        for arguments in arguments_for(self.widths):
            values = {f"x{number}": value for number, value in enumerate(arguments)}
            if evaluate(self.is_defined, values):
                yield arguments, evaluate(self.result, values)

    def call_text(self, arguments):
        types = [parameter["type"]["qualType"] for parameter in self.parameters]
        casts = [f"({text})(uintptr_t)UINT64_C({value})" if "*" in text
                 else f"({text})UINT64_C({value})" for text, value in zip(types, arguments)]
        mask = (1 << self.result.width) - 1
        integer = "(uintptr_t)" if self.gives_pointer else ""
        return f"(unsigned long long){integer}{self.name}({', '.join(casts)}) & UINT64_C({mask})"


def program(functions, step):
    """A C program that prints the results of each step-th sample, a line each, and what they should
    be."""
    lines = ["#include <stdio.h>", "int main(void) {"]
    expected = []
    for function in functions:
        for arguments, result in list(function.samples())[::step]:
            lines.append(f'printf("%llu\\n", {function.call_text(arguments)});')
            expected.append((function.name, arguments, result))
    return "\n".join([*lines, "}"]), expected


def compare(programs, machine, step=1):
    """Compiles the functions of the programs' tree, and runs them. Returns the number of samples,
    and a text about those that differ from the terms."""
    *description, bits = MACHINES[machine]
    shape = Shape(ROOT, *description, bits=bits)
    text, expected = program([Translated(shape, name) for name in FUNCTIONS], step)
    file = programs.folder / "translated.c"
    file.write_text(text)
    done = programs.run(machine, file, ["-O0", "-w"], bits=bits)
    results = [line for line in done.output.splitlines() if line.isdigit()]
    if not done.ok or len(results) != len(expected):
        return 0, done.tail()
    return len(expected), "\n".join(
        f"{name}{tuple(arguments)} is {result}, not {wanted}"
        for (name, arguments, wanted), result in zip(expected, results) if int(result) != wanted)
