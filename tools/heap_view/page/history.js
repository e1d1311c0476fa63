/* SPDX-License-Identifier: BSD-3-Clause */
/* The events of a heap, and the heap at the moment between any two of them.

   A block is known by the event that made it. `live` has the block that begins at each place. To go
   to a moment, the events up to it are done or undone one by one, which takes some nanoseconds
   each. The constructor plays all of them once: it learns which block an event ends, and what was
   used and free after each. */

const NONE = 0xFFFFFFFF;
const NO_BLOCK = -1, SEVERAL = -2;
const KIND = {MALLOC: 0, MEMALIGN: 1, REALLOC: 2, FREE: 3, FAILED: 4, POOL_ADDED: 5,
              POOL_REMOVED: 6, RESET: 7, BEFORE: 8};

class History {
    constructor(head, columns) {
        Object.assign(this, columns);  /* kind, begin, end, gone, size, align, owner, task */
        this.begin = Uint32Array.from(this.begin);  /* NONE must fit */
        this.head = head;
        this.place = summed(columns.place_steps);
        this.time = columns.time || summed(columns.time_steps);
        this.count = this.kind.length;
        this.first = head.before;      /* the earliest moment that is shown */
        this.now = 0;                  /* so many events are done */
        this.live = new Int32Array(this.place.length).fill(NO_BLOCK);
        this.ends = new Int32Array(this.count).fill(NO_BLOCK);  /* the block that an event ends */
        this.endsSeveral = new Map();
        this.regions = head.regions.map(region => this.regionOf(region));
        this.failures = [];
        this.misfits = 0;              /* events that contradict those before */
        this.play();
    }

    regionOf({begin, bytes, place}) {
        return {address: BigInt(begin), bytes, place, isOpen: false,
                begin: this.numberOf(place), end: this.numberOf(place + bytes)};
    }

    numberOf(place) {
        let low = 0, high = this.place.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.place[middle] < place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    bytesOf(block) {
        return this.place[this.end[block]] - this.place[this.begin[block]];
    }

    /* ---- the first time ------------------------------------------------------------------- */

    play() {
        const holes = new Holes(this.place);
        const numbers = () => new Float64Array(this.count + 1);
        this.used = numbers();
        this.peak = numbers();
        this.total = numbers();
        this.largest = numbers();
        this.ownerBytes = new Float64Array(this.head.owners.length);
        this.ownerPeak = new Float64Array(this.head.owners.length);
        for (let event = 0; event < this.count; event++) {
            const after = event + 1;
            this.used[after] = this.used[event];
            this.total[after] = this.total[event];
            this.playEnds(event, holes);
            this.playBegins(event, holes);
            this.largest[after] = holes.largest;
            /* The peak of what is shown: the blocks from before come one by one. */
            this.peak[after] = event < this.first ? this.used[after]
                : Math.max(this.peak[event], this.used[after]);
        }
        this.now = this.count;
    }

    playEnds(event, holes) {
        const kind = this.kind[event], place = this.gone[event];
        if (kind === KIND.FAILED) {
            this.failures.push(event);
        } else if (kind === KIND.RESET) {
            this.playEndOf(event, this.liveBetween(0, this.place.length), holes);
        } else if (kind === KIND.POOL_REMOVED) {
            this.playRemoval(event, this.regions.find(region => region.begin === place), holes);
        } else if (place !== NONE && this.live[place] !== NO_BLOCK) {
            this.playEndOf(event, [this.live[place]], holes);
        } else if (place !== NONE) {
            this.misfits += 1;
        }
    }

    playRemoval(event, region, holes) {
        if (region && region.isOpen) {
            this.playEndOf(event, this.liveBetween(region.begin, region.end), holes);
            holes.take(region.begin, region.end);
            this.total[event + 1] -= region.bytes;
            region.isOpen = false;
        }
    }

    playEndOf(event, blocks, holes) {
        for (const block of blocks) {
            holes.give(this.begin[block], this.end[block]);
            this.live[this.begin[block]] = NO_BLOCK;
            this.used[event + 1] -= this.bytesOf(block);
            this.ownerBytes[this.owner[block]] -= this.bytesOf(block);
        }
        this.remember(event, blocks);
    }

    remember(event, blocks) {
        const known = this.endedBy(event);
        const all = known.concat(blocks);
        if (all.length > 1) {
            this.endsSeveral.set(event, all);
        }
        this.ends[event] = all.length > 1 ? SEVERAL : all.length ? all[0] : NO_BLOCK;
    }

    playBegins(event, holes) {
        const begin = this.begin[event], end = this.end[event];
        if (begin === NONE) {
            return;
        }
        if (this.kind[event] === KIND.POOL_ADDED) {
            this.playAddition(event, holes);
            return;
        }
        if (!holes.has(begin, end)) {  /* an event is missing that freed what lies here */
            this.misfits += 1;
            this.playEndOf(event, this.liveBetween(begin, end), holes);
        }
        if (holes.has(begin, end)) {
            holes.take(begin, end);
            this.live[begin] = event;
            this.used[event + 1] += this.bytesOf(event);
            this.countOwner(this.owner[event], this.bytesOf(event));
        } else {
            this.begin[event] = NONE;  /* its pool is not there */
        }
    }

    /* A pool that grows is told of again: it is shown as large as it becomes. */
    playAddition(event, holes) {
        const region = this.regions.find(one => one.begin === this.begin[event]);
        if (region.isOpen) {
            this.begin[event] = NONE;
        } else {
            region.isOpen = true;
            holes.give(region.begin, region.end);
            this.total[event + 1] += region.bytes;
        }
    }

    countOwner(owner, bytes) {
        this.ownerBytes[owner] += bytes;
        this.ownerPeak[owner] = Math.max(this.ownerPeak[owner], this.ownerBytes[owner]);
    }

    /* The live blocks that have bytes between two places. */
    liveBetween(begin, end) {
        const blocks = [];
        let first = begin;
        while (first > 0 && this.live[first] === NO_BLOCK) {
            first -= 1;
        }
        for (let number = first; number < end; number++) {
            const block = this.live[number];
            if (block !== NO_BLOCK && this.end[block] > begin) {
                blocks.push(block);
            }
        }
        return blocks;
    }

    /* ---- travel --------------------------------------------------------------------------- */

    /* The blocks that an event ends. */
    endedBy(event) {
        const block = this.ends[event];
        return block === NO_BLOCK ? [] : block === SEVERAL ? this.endsSeveral.get(event) : [block];
    }

    /* To the moment after so many events. */
    goTo(moment) {
        while (this.now < moment) {
            this.redo(this.now);
            this.now += 1;
        }
        while (this.now > moment) {
            this.now -= 1;
            this.undo(this.now);
        }
    }

    redo(event) {
        const ends = this.ends[event];
        if (ends >= 0) {
            this.live[this.begin[ends]] = NO_BLOCK;
        } else if (ends === SEVERAL) {
            this.endsSeveral.get(event).forEach(block => {
                this.live[this.begin[block]] = NO_BLOCK;
            });
        }
        this.setBegin(event, event, true);
    }

    undo(event) {
        const ends = this.ends[event];
        this.setBegin(event, NO_BLOCK, false);
        if (ends >= 0) {
            this.live[this.begin[ends]] = ends;
        } else if (ends === SEVERAL) {
            this.endsSeveral.get(event).forEach(block => {
                this.live[this.begin[block]] = block;
            });
        }
    }

    setBegin(event, block, isOpen) {
        const kind = this.kind[event];
        if (kind === KIND.POOL_ADDED || kind === KIND.POOL_REMOVED) {
            this.setRegion(event, kind === KIND.POOL_ADDED ? isOpen : !isOpen);
        } else if (this.begin[event] !== NONE) {
            this.live[this.begin[event]] = block;
        }
    }

    setRegion(event, isOpen) {
        const place = this.kind[event] === KIND.POOL_ADDED ? this.begin[event] : this.gone[event];
        const region = this.regions.find(one => one.begin === place);
        if (region) {
            region.isOpen = isOpen;
        }
    }

    /* ---- addresses ------------------------------------------------------------------------ */

    regionAt(place) {
        return this.regions.find(region => place >= region.place &&
                                           place < region.place + region.bytes);
    }

    addressOf(place) {
        const region = this.regionAt(place) || this.regions[this.regions.length - 1];
        return "0x" + (region.address + BigInt(Math.floor(place - region.place))).toString(16);
    }

    /* The address that a user of the block has. */
    payloadOf(place) {
        return this.addressOf(place + this.head.sizes.header);
    }

    /* The place of an address; -1 outside of all regions. */
    placeOf(address) {
        const region = this.regions.find(one => address >= one.address &&
                                                address < one.address + BigInt(one.bytes));
        return region ? region.place + Number(address - region.address) : -1;
    }
}

/* The free memory between blocks, as the heap merges it: holes by the place where they begin. */
class Holes {
    constructor(place) {
        this.place = place;
        this.sizes = new MaxTree(place.length);
        this.end = new Int32Array(place.length);    /* of the hole that begins there */
        this.begin = new Int32Array(place.length).fill(NO_BLOCK);  /* of the one that ends there */
    }

    get largest() {
        return this.sizes.largest;
    }

    set(begin, end) {
        if (begin < end) {
            this.sizes.set(begin, this.place[end] - this.place[begin]);
            this.end[begin] = end;
            this.begin[end] = begin;
        }
    }

    clear(begin) {
        this.begin[this.end[begin]] = NO_BLOCK;
        this.sizes.set(begin, 0);
    }

    has(begin, end) {
        const hole = this.sizes.lastUpTo(begin);
        return hole !== -1 && end <= this.end[hole];
    }

    take(begin, end) {
        const hole = this.sizes.lastUpTo(begin), holeEnd = this.end[hole];
        this.clear(hole);
        this.set(hole, begin);
        this.set(end, holeEnd);
    }

    give(begin, end) {
        let first = begin, last = end;
        if (this.begin[begin] !== NO_BLOCK) {
            first = this.begin[begin];
            this.clear(first);
        }
        if (this.sizes.at(end) !== 0) {
            last = this.end[end];
            this.clear(end);
        }
        this.set(first, last);
    }
}
