# SPDX-License-Identifier: BSD-3-Clause
"""Steps of which a run needs only some: the seed chooses them."""

import random


class OneOf:
    """Alternatives: lists of steps that check the same thing, each in another way."""

    def __init__(self, *alternatives):
        self.alternatives = alternatives

    def chosen(self, seed):
        """Its place among the alternatives depends on their first name, so that two choices of one
        run are independent."""
        chance = random.Random(f"{seed} {self.alternatives[0][0][0]}")
        return chance.choice(self.alternatives)

    def __str__(self):
        return " | ".join(", ".join(name for name, _ in steps) for steps in self.alternatives)


def half(result, items, seed):
    """Half of the items of a step, in their order, and a note of it. seed None: all of them. Steps
    of the same items leave out different ones."""
    items = list(items)
    if seed is None:
        return items
    chance = random.Random(f"{seed} {result.step}")
    chosen = set(chance.sample(range(len(items)), max(1, len(items) // 2)))
    result.note(f"sampled by seed {seed}: {len(chosen)} of {len(items)}")
    return [item for number, item in enumerate(items) if number in chosen]


def chosen_steps(entries, seed, whole=False):
    """The steps of a list of steps and OneOf; whole: with every alternative."""
    for entry in entries:
        if not isinstance(entry, OneOf):
            yield entry
        elif whole:
            yield from dict(step for steps in entry.alternatives for step in steps).items()
        else:
            yield from entry.chosen(seed)
