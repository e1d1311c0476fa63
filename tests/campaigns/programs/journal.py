# SPDX-License-Identifier: BSD-3-Clause
"""Reads the journal that the preload writes (integrations/host_malloc/journal.h)."""

import re

LINE = re.compile(r"(start|fork|end|fault) (\d+) (.*?)"
                  r"(?: operations=(\d+) peak=(\d+) pools=(\d+) checks=(\d+) verdict=(.*))?")


class Process:
    """A program in a process, or a child of a fork, from its start to its end. A program that exec
    replaces has no end of its own."""

    def __init__(self, event, program):
        self.is_fork, self.program = event == "fork", program
        self.is_replaced, self.fault, self.verdict = False, None, None
        self.operations = self.peak = self.pools = self.checks = 0

    def end(self, numbers, verdict):
        self.operations, self.peak, self.pools, self.checks = map(int, numbers)
        self.verdict = verdict

    def is_unchecked(self):
        """Returns whether the process ended by a signal, or in another way without a check."""
        return not self.is_replaced and not self.fault and self.verdict in (None, "unknown")

    def complaint(self):
        """Returns what is wrong with the process, or None."""
        if self.fault:
            return f"{self.program}: fault: {self.fault}"
        if self.is_replaced:
            return None
        if self.is_unchecked():
            return f"{self.program}: ended without a check"
        if self.verdict != "sound" or not self.checks:
            return f"{self.program}: the check at the end: {self.verdict}"
        if not self.operations and not self.is_fork:
            return f"{self.program}: served no operation"
        return None


def read_journal(path):
    """Returns the processes, in the order of their start."""
    processes, running = [], {}
    for line in path.read_text(errors="replace").splitlines() if path.exists() else []:
        event, pid, program, *numbers, verdict = LINE.fullmatch(line).groups()
        if event in ("start", "fork"):
            if event == "start" and pid in running:
                running[pid].is_replaced = True
            running[pid] = Process(event, program)
            processes.append(running[pid])
        elif event == "end":
            running.pop(pid).end(numbers, verdict)
        else:
            running.pop(pid).fault = program
    return processes
