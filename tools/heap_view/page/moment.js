/* SPDX-License-Identifier: BSD-3-Clause */
/* The heap at one moment: its pieces, which are blocks and holes, in the order of addresses. */

const HOLE = -1;

class Moment {
    constructor(history) {
        this.history = history;
        const most = 2 * history.place.length + 1;
        this.begin = new Float64Array(most);
        this.bytes = new Float64Array(most);
        this.block = new Int32Array(most);  /* the event that made it, or HOLE */
        this.see();
    }

    /* Looks at the heap as it is now. */
    see() {
        this.count = 0;
        this.usedBlocks = 0;
        this.used = this.free = this.holes = this.largest = this.total = 0;
        this.ranges = [];                   /* [first piece, end] of each region */
        for (const region of this.history.regions) {
            if (region.isOpen) {
                const first = this.count;
                this.seeRegion(region);
                this.ranges.push([first, this.count]);
                this.total += region.bytes;
            }
        }
    }

    seeRegion(region) {
        const {live, end} = this.history;
        let done = region.begin;
        for (let number = region.begin; number < region.end; number++) {
            const block = live[number];
            if (block !== NO_BLOCK) {
                this.addHole(done, number);
                this.add(number, end[block], block);
                this.usedBlocks += 1;
                this.used += this.bytes[this.count - 1];
                done = end[block];
                number = done - 1;
            }
        }
        this.addHole(done, region.end);
    }

    addHole(begin, end) {
        if (begin < end) {
            this.add(begin, end, HOLE);
            const bytes = this.bytes[this.count - 1];
            this.holes += 1;
            this.free += bytes;
            this.largest = Math.max(this.largest, bytes);
        }
    }

    add(begin, end, block) {
        const {place} = this.history;
        this.begin[this.count] = place[begin];
        this.bytes[this.count] = place[end] - place[begin];
        this.block[this.count] = block;
        this.count += 1;
    }

    /* What a request cannot have in one piece, as a part of what is free. */
    get fragmentation() {
        return this.free === 0 ? 0 : 1 - this.largest / this.free;
    }

    isHole(piece) {
        return this.block[piece] === HOLE;
    }

    /* The first piece that ends behind a place. */
    firstBehind(place) {
        let low = 0, high = this.count;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.begin[middle] + this.bytes[middle] <= place) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /* The piece at a place; -1. */
    pieceAt(place) {
        const piece = this.firstBehind(place);
        return piece < this.count && this.begin[piece] <= place ? piece : -1;
    }

    /* The piece of a block; -1 if it is not live now. */
    pieceOf(block) {
        const piece = this.pieceAt(this.history.place[this.history.begin[block]]);
        return piece !== -1 && this.block[piece] === block ? piece : -1;
    }

    /* The pieces at both sides, in the same region. */
    around(piece) {
        const [first, end] = this.ranges.find(([from, to]) => from <= piece && piece < to);
        return [piece - 1, piece + 1].filter(one => one >= first && one < end);
    }

    /* The largest holes, as pieces. */
    largestHoles(most) {
        const holes = [];
        for (let piece = 0; piece < this.count; piece++) {
            if (this.block[piece] === HOLE) {
                holes.push(piece);
            }
        }
        holes.sort((one, other) => this.bytes[other] - this.bytes[one] || one - other);
        return holes.slice(0, most);
    }

    /* Blocks and bytes of each owner, the largest first. */
    owners() {
        const names = this.history.head.owners;
        const found = names.map((name, owner) => ({name, owner, blocks: 0, bytes: 0}));
        for (let piece = 0; piece < this.count; piece++) {
            if (this.block[piece] !== HOLE) {
                const each = found[this.history.owner[this.block[piece]]];
                each.blocks += 1;
                each.bytes += this.bytes[piece];
            }
        }
        return found.filter(each => each.blocks)
            .sort((one, other) => other.bytes - one.bytes || one.owner - other.owner);
    }

    /* Blocks and bytes, used and free, of each size class. */
    classes() {
        const found = new Map();
        for (let piece = 0; piece < this.count; piece++) {
            const number = classOf(this.history.head.sizes, this.bytes[piece]);
            if (!found.has(number)) {
                found.set(number, {number, used: 0, usedBytes: 0, free: 0, freeBytes: 0});
            }
            const each = found.get(number);
            if (this.block[piece] === HOLE) {
                each.free += 1;
                each.freeBytes += this.bytes[piece];
            } else {
                each.used += 1;
                each.usedBytes += this.bytes[piece];
            }
        }
        return [...found.values()].sort((one, other) => one.number - other.number);
    }
}

/* ---- size classes, as lib/core/size_class.h has them, counted from 0 on ------------------ */

function floorOfLog2(number) {
    return number < 2 ** 32 ? 31 - Math.clz32(number) : Math.floor(Math.log2(number));
}

/* Sizes are counted in quarters of a granule, so that small classes have one size each. */
function classOf({granule, per_octave}, bytes) {
    const quarters = Math.floor(bytes / (granule / 4));
    const shift = floorOfLog2(Math.max(quarters, 4 * per_octave)) - floorOfLog2(per_octave);
    return shift * per_octave + Math.floor(quarters / 2 ** shift) - 2 * per_octave;
}

/* The smallest and the largest size of a class. */
function sizesOfClass({granule, per_octave}, number) {
    const shift = Math.max(Math.floor(number / per_octave) + 1, 2);
    const first = (number - shift * per_octave + 2 * per_octave) * 2 ** shift;
    return [first * granule / 4, (first + 2 ** shift - 4) * granule / 4];
}
