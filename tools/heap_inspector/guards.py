# SPDX-License-Identifier: BSD-3-Clause
"""The guards and fills of hardening 3, as lib/core/hardening_3_debugging.h writes them."""

FILL_FREED, FILL_GUARD = 0xDD, 0xFD
SLACK_MAX = 0x80
SCATTER = 0x9E3779B97F4A7C15


def key_place(heap, block):
    return block.payload + block.inner


def slack_of(heap, block):
    """The bytes between what was asked for and the key, as the key's last byte says."""
    return heap.memory.read(key_place(heap, block) + heap.layout.overhead - 1, 1)[0]


def key_of(heap, block, slack):
    """The last word of a used block, in the order of its bytes in memory."""
    layout = heap.layout
    word_mask = (1 << 8 * layout.overhead) - 1
    ones = word_mask // 0xFF
    scattered = ((heap.address ^ block.at) * (SCATTER & layout.mask)) & layout.mask & word_mask
    word = (scattered ^ ones * 2 * slack & word_mask) | ones
    return word.to_bytes(layout.overhead, layout.order)[:-1] + bytes([slack])


def payload_bytes(heap, block):
    """What the user of a used block owns."""
    if heap.layout.hardening < 3:
        return block.inner
    slack = slack_of(heap, block)
    return block.inner - slack if slack <= block.inner else block.inner


def guard_finding(heap, block):
    """(address, bytes, name, expected) of the first wrong word of the guard; None."""
    if heap.layout.hardening < 3:
        return None
    place, count = key_place(heap, block), heap.layout.overhead
    slack, key = slack_of(heap, block), heap.memory.read(place, count)
    if slack > block.inner or key != key_of(heap, block, slack):
        return place, count, "guard", key_before(heap, block, key)
    return wrong_fill(heap, place - slack, slack, FILL_GUARD, "guard")


def key_before(heap, block, key):
    """The key of which all bytes but one are left, as a number; None."""
    for slack in range(min(block.inner, SLACK_MAX) + 1):
        right = key_of(heap, block, slack)
        if sum(a != b for a, b in zip(key, right)) == 1:
            return int.from_bytes(right, heap.layout.order)
    return None


def fill_finding(heap, block):
    """The same for the fill of a free block, between its links and its footer."""
    if heap.layout.hardening < 3:
        return None
    begin = block.at + heap.layout.overhead + 2 * heap.layout.link_bytes
    return wrong_fill(heap, begin, block.end - heap.layout.overhead - begin, FILL_FREED,
                      "fill of free memory")


def wrong_fill(heap, begin, count, byte, name):
    data = heap.memory.read(begin, max(count, 0))
    at = len(data) - len(data.lstrip(bytes([byte])))
    return None if at == len(data) else (begin + at, 1, name, byte)
