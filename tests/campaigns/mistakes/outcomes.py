# SPDX-License-Identifier: BSD-3-Clause
"""What comes of mistakes: counts as play.c prints them, and as tables."""

import math

DEFAULT = 1  # the level
OUTCOMES = ("at the call", "later", "harmless", "harm")
HARMS = ("overlap", "outside", "content", "crash", "hang")
CONTROL = "no mistake"
WRITES = ("overrun", "underrun", "write")
AGAIN = "handed out again"  # names rows whose mistakes nothing can tell from right calls


def is_judged(name):
    return name != CONTROL and AGAIN not in name


class Row:
    """The outcomes of one kind of mistake at one level, in all and by what a write consisted of."""

    def __init__(self):
        self.outcomes, self.harms, self.contents = [0] * len(OUTCOMES), [0] * len(HARMS), {}

    def add(self, content, counts):
        outcomes, harms = counts[:len(OUTCOMES)], counts[len(OUTCOMES):]
        self.outcomes = [a + b for a, b in zip(self.outcomes, outcomes)]
        self.harms = [a + b for a, b in zip(self.harms, harms)]
        before = self.contents.get(content, (0, 0))
        self.contents[content] = (before[0] + outcomes[-1], before[1] + sum(outcomes))

    @property
    def trials(self):
        return sum(self.outcomes)

    @property
    def harmed(self):
        return self.outcomes[-1]

    def exceeds(self, limit):
        """Whether more than `limit` per cent did harm, and not by chance."""
        return chance(self.trials, self.harmed, limit / 100) < 1e-3


def chance(trials, hits, share):
    """That there are so many hits, or more, if each trial hits with this share."""
    def exactly(k):
        ways = math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        return math.exp(ways + k * math.log(share) + (trials - k) * math.log1p(-share))
    return math.fsum(exactly(k) for k in range(hits, trials + 1))


def rows_of(text):
    """{name of a kind: Row}, from what play prints."""
    rows = {}
    for line in text.splitlines():
        name, *words = line.split("\t")
        if len(words) == 1 + len(OUTCOMES) + len(HARMS):
            rows.setdefault(name, Row()).add(words[0], [int(word) for word in words[1:]])
    return rows


# ---- tables ------------------------------------------------------------------------------

def share(part, whole):
    return f"{100 * part / whole:.1f}" if part else "-"


def line(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def print_outcomes(levels):
    print(f"\nPer cent {', '.join(OUTCOMES)}:\n")
    print(line("mistake", "trials", *(f"level {level}" for level in levels)))
    print(line(*["---"] * (2 + len(levels))))
    for name, row in levels[DEFAULT].items():
        cells = [" / ".join(share(count, other[name].trials) for count in other[name].outcomes)
                 for other in levels.values()]
        print(line(name, f"{row.trials:,}", *cells))


def print_harms(rows):
    """Of the default level: what the harm is, and, if the mistake writes, by what."""
    contents = list(rows[CONTROL].contents)
    print(f"\nPer cent harm at level {DEFAULT}, by its kind, and by what was written:\n")
    print(line("mistake", *HARMS, *contents))
    print(line(*["---"] * (1 + len(HARMS) + len(contents))))
    for name, row in rows.items():
        by_content = [share(*counts) if name.startswith(WRITES) else "-"
                      for counts in row.contents.values()]
        print(line(name, *(share(count, row.trials) for count in row.harms), *by_content))


def print_worst(rows):
    row, name = max(((row, name) for name, row in rows.items() if is_judged(name)),
                    key=lambda pair: pair[0].harmed / max(pair[0].trials, 1))
    print(f"\nmost harm at level {DEFAULT}: {100 * row.harmed / row.trials:.1f} %, {name}")
    print(f"{sum(row.trials for row in rows.values()):,} mistakes at each level")
