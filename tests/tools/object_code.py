# SPDX-License-Identifier: BSD-3-Clause
"""Reads the object code of a function: has it a loop, a call, and how long is its longest path?

The instructions are nodes, jumps and the step to the next one are edges. A cycle is a loop. What
cannot be followed (an indirect jump) is refused, so nothing passes by being obscure."""

import re
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t([a-z0-9_.]+)\s*(.*)$")
RELOCATION = re.compile(r"^\t+[0-9a-f]+: R_\w+\t([^\s+-]+)")
TARGET = re.compile(r"([0-9a-f]+) <([^>+]+)(?:\+0x[0-9a-f]+)?>")

ENDS = {"ret", "retq", "ud2", "hlt", "brk", "udf"}
JUMPS = {"jmp", "jmpq", "b", "br", "bx"}
CALLS = {"call", "callq", "bl", "blr", "blx", "syscall", "svc"}
LOOPS_OF_ONE = {"rep", "repz", "repnz", "loop", "loope", "loopne"}  # x86: loops in one instruction
PREFIXES = {"bnd", "notrack", "lock", "cs"}
BRANCH = re.compile(r"^(j(?!mp)[a-z]+|b\.[a-z]+|cbn?z|tbn?z)$")


class Instruction:
    def __init__(self, address, name, operands):
        self.address, self.name, self.operands = address, name, operands
        self.symbol = None  # of a relocation: the target outside this section

    def __str__(self):
        return f"{self.address:x}: {self.name} {self.operands}" + (
            f" ({self.symbol})" if self.symbol else "")


def read(listing):
    """Returns {function: [Instruction]} of what objdump -dr --no-show-raw-insn printed."""
    functions, current = {}, None
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            current = functions.setdefault(match.group(1), [])
        elif match := RELOCATION.match(line):
            current[-1].symbol = match.group(1)
        elif match := INSTRUCTION.match(line):
            name, operands = match.group(2), match.group(3)
            while name in PREFIXES and operands:
                name, _, operands = operands.partition(" ")
            current.append(Instruction(int(match.group(1), 16), name, operands.strip()))
    return functions


class Study:
    """faults: texts, empty when the function has neither loop nor call. longest: instructions of
    its longest path, 0 when there is a fault. leaves_to: those functions of `may_leave_to` that
    it ends in by a jump. A jump to another function of the library is followed."""

    def __init__(self, functions, name, may_leave_to=()):
        self.functions, self.name, self.may_leave_to = functions, name, may_leave_to
        self.faults, self.leaves_to, self.longest = [], set(), 0
        if name not in functions:
            self.faults.append(f"{name}: no such function")
            return
        self.code = {}  # (function, address): its instruction, and the place after it
        for function, body in functions.items():
            places = [(function, instruction.address) for instruction in body] + [None]
            for place, instruction, after in zip(places, body, places[1:]):
                self.code[place] = (instruction, after)
        self.walk((name, functions[name][0].address))

    def fault(self, instruction, what):
        self.faults.append(f"{self.name}: {what} at {instruction}")

    def target_of(self, place, instruction):
        """Returns the place that a jump goes to; None when it leaves the library."""
        match = TARGET.search(instruction.operands)
        if instruction.symbol is None and match and match.group(2) == place[0]:
            return (place[0], int(match.group(1), 16))
        symbol = instruction.symbol or (match and match.group(2))
        if symbol in self.may_leave_to:
            self.leaves_to.add(symbol)
        elif symbol in self.functions:
            return (symbol, self.functions[symbol][0].address)
        else:
            self.fault(instruction, f"jump to {symbol}" if symbol else "unknown jump")
        return None

    def next_of(self, place):
        """Returns the places that the instruction at `place` can be followed by."""
        instruction, after = self.code[place]
        name = instruction.name
        if name in LOOPS_OF_ONE:
            self.fault(instruction, "loop")
        if name in CALLS:
            self.fault(instruction, "call")
        if name in ENDS:
            return []
        ways = []
        if name in JUMPS or BRANCH.match(name):
            ways = [way for way in [self.target_of(place, instruction)] if way]
        if name not in JUMPS:
            if after is None:
                self.fault(instruction, "no end")
            else:
                ways.append(after)
        return ways

    def walk(self, start):
        """Depth first: a way back to a place whose own walk is not finished closes a loop."""
        ways_of = {start: self.next_of(start)}
        longest, unfinished, stack = {}, {start}, [(start, iter(ways_of[start]))]
        while stack:
            place, ways = stack[-1]
            for way in ways:
                if way in unfinished:
                    self.fault(self.code[place][0], "loop: backward branch")
                elif way not in ways_of:
                    unfinished.add(way)
                    ways_of[way] = self.next_of(way)
                    stack.append((way, iter(ways_of[way])))
                    break
            else:
                stack.pop()
                unfinished.discard(place)
                longest[place] = 1 + max((longest.get(way, 0) for way in ways_of[place]), default=0)
        if not self.faults:
            self.longest = longest[start]


if __name__ == "__main__":  # object_code.py FUNCTION... <objdump's output
    code = read(sys.stdin.read())
    for wanted in sys.argv[1:]:
        study = Study(code, wanted, ("tlsf_report_fault",))
        print(wanted, study.longest, *study.faults, sep="\n  ")
