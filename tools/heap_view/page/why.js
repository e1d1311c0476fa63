/* SPDX-License-Identifier: BSD-3-Clause */
/* Why a request is not served, and what would serve it. It is the answer of `heap why`, from
   tools/heap_inspector/why.py, for the heap at any moment: the test of the page compares both. */

const HOLES_SHOWN = 5, UNPLANNED = "larger than planned";

/* The bytes before an aligned block that the search must allow for. */
function gapFor({granule, smallest}, align) {
    return align <= granule ? 0 : align + smallest - granule;
}

/* The outer size that a request needs in one piece. */
function sizeNeeded(sizes, size, align) {
    const {granule, header, guard, smallest} = sizes;
    const outer = Math.max(Math.ceil((size + header + guard) / granule) * granule, smallest);
    return outer + gapFor(sizes, align);
}

/* Whether the heap was planned for smaller requests. */
function isUnplanned({sizes, planned}, size, align) {
    const gap = gapFor(sizes, align);
    const least = gap ? sizes.smallest - sizes.header - sizes.guard : 0;
    return planned !== null && Math.max(least, size) + gap > planned;
}

/* size: as the caller asks; FMemp adds room for its tag.
   isFailed: whether the request is known to have failed. */
function explain(moment, size, align, isFailed) {
    const {sizes} = moment.history.head;
    const bytes = size + moment.history.head.reserved;
    const answer = {needed: 0, holes: [], release: null, releaseBytes: 0,
                    free: moment.free, largest: moment.largest};
    if (align !== 0 && !Number.isInteger(Math.log2(align))) {
        return {...answer, reason: "alignment is no power of two"};
    }
    if (isUnplanned(moment.history.head, bytes, align)) {
        return {...answer, reason: UNPLANNED};
    }
    answer.needed = sizeNeeded(sizes, bytes, align);
    answer.reason = reasonOf(moment, answer.needed, isFailed);
    if (answer.reason !== "served") {
        answer.holes = moment.largestHoles(HOLES_SHOWN).map(piece => ({
            piece, missing: Math.max(answer.needed - moment.bytes[piece], 0),
            pins: moment.around(piece)}));
        answer.release = releaseFor(moment, answer.needed);
        answer.releaseBytes = (answer.release || [])
            .reduce((sum, piece) => sum + moment.bytes[piece], 0);
    }
    return answer;
}

/* A hole of a higher class serves for sure. Of the class just below, the search tries the first
   ones of a list, whose order the page does not know. */
function reasonOf(moment, needed, isFailed) {
    const {sizes} = moment.history.head;
    if (moment.free < needed) {
        return "out of memory";
    }
    if (moment.largest < needed) {
        return "fragmented";
    }
    if (isFailed) {
        return "no block that the search meets";
    }
    const below = classOf(sizes, needed - sizes.granule / 4);
    return classOf(sizes, moment.largest) > below ? "served" : "served if its list begins with it";
}

/* The fewest live blocks, and of equally many the smallest, whose release makes room; null. */
function releaseFor(moment, needed) {
    let best = null;
    for (const [first, end] of moment.ranges) {
        const found = cheapestRun(moment, first, end, needed);
        if (found && (!best || isCheaper(found, best))) {
            best = found;
        }
    }
    if (!best) {
        return null;
    }
    const pieces = [];
    for (let piece = best.first; piece <= best.last; piece++) {
        if (!moment.isHole(piece)) {
            pieces.push(piece);
        }
    }
    return pieces;
}

function isCheaper(one, other) {
    return one.blocks < other.blocks || (one.blocks === other.blocks && one.bytes < other.bytes);
}

/* The run of neighbours that is large enough and has the fewest blocks. Each piece enters and
   leaves the run once. A run has at least one block: no hole alone serves. */
function cheapestRun(moment, from, end, needed) {
    let best = null, first = from, size = 0, blocks = 0, bytes = 0;
    for (let last = from; last < end; last++) {
        size += moment.bytes[last];
        if (!moment.isHole(last)) {
            blocks += 1;
            bytes += moment.bytes[last];
        }
        while (size - moment.bytes[first] >= needed && blocks > (moment.isHole(first) ? 0 : 1)) {
            size -= moment.bytes[first];
            if (!moment.isHole(first)) {
                blocks -= 1;
                bytes -= moment.bytes[first];
            }
            first += 1;
        }
        if (size >= needed && blocks > 0 && (!best || isCheaper({blocks, bytes}, best))) {
            best = {blocks, bytes, first, last};
        }
    }
    return best;
}
