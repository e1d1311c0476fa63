# SPDX-License-Identifier: BSD-3-Clause
"""The answers as text for a terminal."""

MAP_WIDTH = 64
SHADES = " .:+#"  # of a cell: free, some, half, most, all of it is used
BLOCKS_SHOWN = 20


def block_line(block):
    owner = f"  {block['owner_text']}" if "owner_text" in block else ""
    return f"{block['address']}  {block['state']} {block['size']:>8}{owner}"


def missing(found):
    if found["missing"]:
        yield (f"memory at {found['missing']} is part of the heap, and cannot be read: add it to a "
               f"dump with --raw {found['missing']}:FILE")


def summary(found):
    options = ", ".join(f"{name} {value}".lower() for name, value in found["options"].items())
    yield (f"heap {found['heap']}: {found['bytes']} bytes in {len(found['pools'])} "
           f"{'pool' if len(found['pools']) == 1 else 'pools'}")
    for pool in found["pools"]:
        yield f"  pool {pool['begin']} to {pool['end']}"
    yield f"  used {found['used_bytes']} bytes in {found['used_blocks']} blocks"
    yield (f"  free {found['free_bytes']} bytes in {found['free_blocks']} blocks, "
           f"largest request {found['largest_free']}")
    counts = found["statistics"]
    if counts:
        yield (f"  peak {counts['peak']} bytes; {counts['allocations']} allocations, "
               f"{counts['frees']} frees, {counts['failures']} failures")
    yield f"  {options}"
    yield f"  check: {found['check']}"
    yield from missing(found)


def blocks(found):
    for block in found["blocks"]:
        yield block_line(block)
    yield from missing(found)


def free(found):
    for each in found["classes"]:
        sizes = (f"{each['smallest']}" if each["smallest"] == each["largest"]
                 else f"{each['smallest']} to {each['largest']}")
        yield f"class {each['class']:>3}  {each['blocks']:>5} blocks of {sizes} bytes: " \
              f"{each['bytes']} bytes"
    yield f"pending block: {found['pending'] or 'none'}"


def check(found):
    if found["sound"]:
        yield "sound"
        return
    yield from missing(found)
    if "broken" not in found:
        return
    where = f" at block {found['block']}" if found["block"] else ""
    yield f"broken: {found['name']} (invariant {found['broken']}){where}"
    word = found["word"]
    if word:
        yield f"wrong word: {word['address']}, {word['what']}"
        yield f"  found    {spaced(word['found'])}"
        if word["expected"]:
            sure = "" if word["certain"] else "  (a guess: this word alone may not be it)"
            yield f"  expected {spaced(word['expected'])}{sure}"
    if found["culprit"]:
        yield f"likely {found['mistake']} of {block_line(found['culprit'])}"
        for block in found["neighbours"]:
            yield f"    next to {block_line(block)}"
    else:
        yield f"likely: {found['mistake']}"
    if found["findings"] > 1:
        yield f"{found['findings']} findings in all"


def spaced(digits):
    return " ".join(digits[place:place + 2] for place in range(0, len(digits), 2))


def find(found):
    offset = f", offset {found['offset']}" if "offset" in found else ""
    yield f"{found['address']}: {found['where']}{offset}"
    if "block" in found:
        yield block_line(found["block"])


def picture(found):
    for pool in found["pools"]:
        yield (f"{pool['begin']}: {pool['bytes']} bytes, {pool['cell_bytes']} a character; "
               f"free '{SHADES[0]}', partly used '{SHADES[1:-1]}', used '{SHADES[-1]}'")
        left = pool["bytes"]
        shades = ""
        for used in pool["used"]:
            cell = min(pool["cell_bytes"], left)
            left -= cell
            shades += SHADES[0 if not used else -1 if used >= cell
                             else 1 + used * 3 // cell]
        for place in range(0, len(shades), MAP_WIDTH):
            address = int(pool["begin"], 16) + place * pool["cell_bytes"]
            yield f"{address:#x} |{shades[place:place + MAP_WIDTH]}|"


def why(found):
    align = f", aligned to {found['align']}" if found["align"] else ""
    yield f"request of {found['size']} bytes{align}: {found['reason']}"
    yield from missing(found)
    if not found["needed"]:
        return
    yield f"needs {found['needed']} bytes in one piece, header included"
    if found["served_by"]:
        yield f"by {block_line(found['served_by'])}"
        return
    yield (f"free {found['free_bytes']} bytes, largest piece {found['largest_free']}; "
           f"an empty heap has {found['largest_pool']} in one piece")
    for hole in found["holes"]:
        yield f"hole {hole['address']}: {hole['outer']} bytes, {hole['missing']} too few; between"
        for pin in hole["pins"]:
            yield f"    {block_line(pin)}"
    yield from why_release(found)


def why_release(found):
    if found["release"] is None:
        yield "no release would serve it: no pool is large enough"
        return
    yield (f"released, these {len(found['release'])} blocks ({found['release_bytes']} bytes) "
           "serve it:")
    for block in found["release"][:BLOCKS_SHOWN]:
        yield f"    {block_line(block)}"
    if len(found["release"]) > BLOCKS_SHOWN:
        yield f"    and {len(found['release']) - BLOCKS_SHOWN} more"


def trace(found):
    """Of values: how many events of each kind, and the requests that failed."""
    if "content" in found or "saved" in found:
        yield found.get("content", "").rstrip("\n") or f"saved {found['saved']}"
        return
    kinds = found["events"]["kind"]
    yield f"{len(kinds)} events, {found['lost']} lost"
    for number, name in enumerate(found["kinds"]):
        if number in kinds:
            yield f"  {name.replace('_', ' '):<12} {kinds.count(number):>8}"
    yield from failures(found)


def failures(found):
    columns, failed = found["events"], found["kinds"].index("failed")
    for place, kind in enumerate(columns["kind"]):
        if kind == failed:
            align = f", aligned to {columns['align'][place]}" if columns["align"][place] else ""
            owner = found["callers"].get(str(columns["caller"][place]), {})
            whose = f"  {owner['function']} {owner['file']}:{owner['line']}" \
                if owner.get("file") else ""
            yield (f"failed at {columns['time'][place]}: {columns['size'][place]} bytes"
                   f"{align}{whose}")


def leaks(found):
    if not found["owners"]:
        yield "no new live blocks"
    for owner in found["owners"]:
        yield f"{owner['bytes']:>8} bytes in {owner['blocks']:>5} blocks  {owner['owner']}"


def diff(found):
    for name, change in found["changed"].items():
        yield f"{name.replace('_', ' '):<14} {change:+}"
    for sign, name in (("+", "allocated"), ("-", "freed")):
        for block in found[name]:
            yield f"{sign} {block_line(block)}"
