# SPDX-License-Identifier: BSD-3-Clause
"""What each command answers, as values for JSON: the same by every route. docs/inspect.md
describes them."""

from .checks import TAG, Check, Word
from .diagnosis import diagnose
from .memory import Unreadable
from .owners import Owners
from .problem import Problem
from .trace import trace_of
from .why import explain

FORMAT, VERSION = "fmemp heap", 1


class Inspection:
    """One heap at one moment."""

    def __init__(self, heap, program):
        self.heap, self.layout = heap, heap.layout
        try:
            heap.memory.read(heap.address, self.layout.control.bytes)
        except Unreadable as error:
            raise Problem(f"no heap can be read at {heap.address:#x}: {error}") from error
        self.owners = Owners(heap, program)
        self._check = None

    @property
    def check(self):
        """The check of the heap, and behind it that of the tags, as FMempCheck does."""
        if self._check is None:
            self._check = Check(self.heap)
            for pool, blocks in self.heap.blocks() if not self._check.findings else ():
                for block in blocks:
                    word = self.owners.broken_tag(block)
                    if word:
                        self._check.note(TAG, pool, block.at, [Word(*word, "tag")])
        return self._check

    # ---- parts -------------------------------------------------------------------------------

    def block(self, block):
        """Sizes are what a user can write; `outer` includes header, tag and guard."""
        if block is None:
            return None
        found = {"address": hex(block.payload), "size": self.owners.usable(block),
                 "outer": block.size, "state": "free" if block.is_free else "used"}
        owner = self.owners.of(block)
        if owner is not None:
            found["owner"] = owner.as_json()
            found["owner_text"] = owner.text()
        return found

    def missing(self):
        """The first address of the heap that the check could not read; None."""
        return None if self.check.missing is None else hex(self.check.missing)

    def all_blocks(self):
        return [block for _, blocks in self.heap.blocks() for block in blocks]

    def statistics(self):
        heap, layout = self.heap, self.layout
        if not layout.has_statistics:
            return None
        unit = layout.unit
        return {"used": heap.field("used") * unit, "peak": heap.field("peak") * unit,
                "allocations": heap.field("allocations"), "frees": heap.field("frees"),
                "failures": heap.field("failures")}

    # ---- commands ----------------------------------------------------------------------------

    def summary(self):
        heap, layout = self.heap, self.layout
        blocks = self.all_blocks()
        free = [block for block in blocks if block.is_free]
        used = [block for block in blocks if not block.is_free]
        return {
            "format": FORMAT, "version": VERSION, "heap": hex(heap.address),
            "target": {"bits": 8 * layout.word, "order": layout.order},
            "options": layout.options(),
            "pools": [{"begin": hex(pool.descriptor), "end": hex(pool.end + layout.overhead),
                       "bytes": pool.size} for pool in heap.pools()],
            "bytes": sum(pool.size for pool in heap.pools()),
            "used_blocks": len(used), "used_bytes": sum(block.size for block in used),
            "free_blocks": len(free), "free_bytes": sum(block.size for block in free),
            "largest_free": max((self.request_of_free(block) for block in free), default=0),
            "reserved": self.owners.reserved, "planned": heap.field("request_max"),
            "statistics": self.statistics(),
            "check": self.check.verdict, "missing": self.missing(),
        }

    def request_of_free(self, block):
        """The largest request that a free block holds."""
        return max(block.inner - self.owners.reserved, 0)

    def blocks(self):
        return {**self.summary(), "blocks": [self.block(block) for block in self.all_blocks()]}

    def free(self):
        """Free blocks by size class, as a list names them, and the pending block."""
        heap, layout = self.heap, self.layout
        classes = {}
        for block in self.all_blocks():
            if block.is_free:
                classes.setdefault(layout.class_of(block.size), []).append(block)
        listed = {size_class: [at + layout.overhead for at in heap.list_of(size_class)]
                  for size_class in heap.classes()}
        pending = heap.pending()
        return {"heap": hex(heap.address),
                "pending": hex(pending + layout.overhead) if pending is not None else None,
                "classes": [self._class(number, blocks, listed.get(number, []))
                            for number, blocks in sorted(classes.items())]}

    def _class(self, number, blocks, listed):
        return {"class": number, "blocks": len(blocks), "bytes": sum(b.size for b in blocks),
                "smallest": min(b.size for b in blocks), "largest": max(b.size for b in blocks),
                "listed": [hex(at) for at in listed]}

    def check_report(self):
        found = diagnose(self.heap, self.check)
        answer = {"heap": hex(self.heap.address), "sound": self.check.verdict == "sound",
                  "missing": self.missing()}
        if found is None:
            return answer
        pool, at = found.finding.pool, found.finding.block
        answer |= {"broken": found.invariant, "name": found.name,
                   "pool": hex(pool.descriptor) if pool else None,
                   "block": hex(at + self.layout.overhead) if at else None,
                   "findings": found.findings, "word": None, "mistake": found.mistake,
                   "culprit": self.block(found.culprit),
                   "neighbours": self.neighbours(found.culprit)}
        if found.word is not None:
            expected = found.word.expected
            answer["word"] = {
                "address": hex(found.word.address), "what": found.word.name,
                "found": found.found.hex(),
                "expected": None if expected is None
                else expected.to_bytes(found.word.bytes, self.layout.order).hex(),
                "certain": found.is_certain}
        return answer

    def neighbours(self, block):
        """The blocks around a culprit, whose own tag may be lost."""
        around = []
        for _, blocks in self.heap.blocks() if block else ():
            places = [place for place, other in enumerate(blocks) if other.at == block.at]
            for place in places:
                around = blocks[max(place - 1, 0):place] + blocks[place + 1:place + 2]
        return [self.block(other) for other in around]

    def find(self, address):
        heap, layout = self.heap, self.layout
        answer = {"heap": hex(heap.address), "address": hex(address), "where": "outside"}
        control_end = heap.address + heap.control_bytes(heap.classes().stop)
        if heap.address <= address < control_end:
            return answer | {"where": "control structure", "offset": address - heap.address}
        pool, block = heap.block_of(address)
        if pool is None:
            return answer
        answer["pool"] = hex(pool.descriptor)
        if block is None:
            where = ("pool record" if address < pool.first else "end of the pool"
                     if address >= pool.end else "behind a broken size")
            return answer | {"where": where}
        return answer | {"where": self._part(block, address), "offset": address - block.payload,
                         "block": self.block(block)}

    def _part(self, block, address):
        if address < block.payload:
            return "header"
        if block.is_free:
            return "free block"
        return "block" if address < block.payload + self.owners.usable(block) else "end of block"

    def map(self, cells):
        """Each pool in so many cells of equal size: the used bytes of each."""
        pools = []
        for pool, blocks in self.heap.blocks():
            step = max(-(-pool.size // cells), self.layout.granule)
            used = [0] * -(-pool.size // step)
            for block in blocks:
                if not block.is_free:
                    add_to_cells(used, block.at - pool.first, block.size, step)
            pools.append({"begin": hex(pool.first), "cell_bytes": step,
                          "bytes": pool.size, "used": used})
        return {"heap": hex(self.heap.address), "pools": pools}

    def trace(self):
        return trace_of(self)

    def why(self, size, align=0):
        answer = explain(self.heap, self.check, size, align, self.owners.reserved)
        release = answer.release
        return {
            "heap": hex(self.heap.address), "size": size, "align": align,
            "reason": answer.reason, "missing": self.missing(),
            "request": answer.request, "needed": answer.needed,
            "served_by": self.block(answer.served_by), "free_bytes": answer.free_bytes,
            "largest_free": answer.largest_free, "largest_pool": answer.largest_pool,
            "holes": [{"address": hex(hole.block.payload), "outer": hole.block.size,
                       "missing": hole.missing, "pins": [self.block(b) for b in hole.pins]}
                      for hole in answer.holes],
            "release": None if release is None else [self.block(block) for block in release],
            "release_bytes": None if release is None else sum(block.size for block in release),
        }


def add_to_cells(cells, offset, size, step):
    while size > 0:
        place = offset // step
        some = min(size, (place + 1) * step - offset)
        cells[place] += some
        offset, size = offset + some, size - some


# ---- two moments ----------------------------------------------------------------------------


def key_of(block):
    return block["address"], block["outer"], block.get("owner_text")


def used_of(snapshot):
    if snapshot.get("format") != FORMAT or "blocks" not in snapshot:
        raise Problem("this is no snapshot: write one with heap save FILE")
    return [block for block in snapshot["blocks"] if block["state"] == "used"]


def leaks(old, new):
    """The live blocks that are new, by owner: those that hold most bytes first."""
    known = {key_of(block) for block in used_of(old)}
    owners = {}
    for block in used_of(new):
        if key_of(block) not in known:
            owner = owners.setdefault(block.get("owner_text", "unknown"),
                                      {"blocks": 0, "bytes": 0, "addresses": []})
            owner["blocks"] += 1
            owner["bytes"] += block["outer"]
            owner["addresses"].append(block["address"])
    ranked = sorted(owners.items(), key=lambda item: (-item[1]["bytes"], item[0]))
    return {"owners": [{"owner": name, **figures} for name, figures in ranked]}


def diff(old, new):
    before = {key_of(block): block for block in used_of(old)}
    after = {key_of(block): block for block in used_of(new)}
    changed = {name: new[name] - old[name] for name in
               ("used_blocks", "used_bytes", "free_blocks", "free_bytes", "largest_free")}
    return {"changed": changed,
            "allocated": [block for key, block in after.items() if key not in before],
            "freed": [block for key, block in before.items() if key not in after]}
