/* SPDX-License-Identifier: BSD-3-Clause */
/* The details of what is chosen: a block, a hole, or why a request is not served. */

const RELEASES_SHOWN = 12, HOLES_FIRST = 3;
const KIND_WORDS = {3: "free", 4: "failed", 5: "pool added", 6: "pool removed", 7: "reset",
                    8: "before the trace"};

class Panel {
    /* choose(place): what a link to a piece does. goTo(moment): what one to a moment does. */
    constructor(element, moment, colours, choose, goTo) {
        Object.assign(this, {element, moment, colours, choose, goTo});
        this.history = moment.history;
    }

    fill(...children) {
        this.element.replaceChildren(...children);
        this.element.scrollTop = 0;
    }

    /* Tells those who cannot see it what is shown now. */
    say() {
        const parts = [...this.element.querySelectorAll("h3, h3 + p, dd")];
        byId("said").textContent = parts.map(part => part.textContent).join(", ");
    }

    showNothing() {
        const holes = this.moment.largestHoles(HOLES_FIRST).map(piece => (
            {piece, missing: 0, pins: this.moment.around(piece)}));
        this.fill(make("h3", {}, "Nothing chosen"),
                  make("p", {className: "empty"}, "Choose a block or a hole in the strip, an " +
                       "address, or a row of a table."),
                  make("h4", {}, "Largest holes"), this.holesOf({holes}));
    }

    showText(title, text) {
        this.fill(make("h3", {}, title), make("p", {}, text));
    }

    showPiece(piece) {
        if (this.moment.isHole(piece)) {
            this.showHole(piece);
        } else {
            this.showBlock(piece);
        }
    }

    /* ---- a block -------------------------------------------------------------------------- */

    showBlock(piece) {
        const {moment, history} = this, block = moment.block[piece];
        const rows = [
            ["Address", make("code", {}, history.payloadOf(moment.begin[piece]))],
            ["Size", inBytes(moment.bytes[piece])],
            [history.head.is_trace ? "Request" : "Usable",
             history.size[block] ? inBytes(history.size[block]) : "not known"],
            ["Owner", this.ownerOf(block)],
            ["Alignment", history.align[block] ? inBytes(history.align[block]) : null],
            ["Task", history.head.tasks[history.task[block]] || null],
            ...this.timesOf(block),
        ];
        this.fill(make("h3", {}, "Used block"), listOf(rows),
                  make("h4", {}, "Around it"), this.neighbours(piece));
    }

    ownerOf(block) {
        const owner = this.history.owner[block];
        return make("span", {}, swatchOf(cssOf(this.colours.ofOwner(owner))),
                    this.history.head.owners[owner]);
    }

    /* When it was made, how old it is, and when it ends. */
    timesOf(block) {
        const {history} = this;
        if (!history.head.is_trace) {
            return [];
        }
        const death = this.endOf(block);
        const end = death === -1 ? "not in this trace"
            : linkTo(`event ${count(death - history.first + 1)}`, () => this.goTo(death));
        if (block < history.first) {
            return [["Made", "before the trace"], ["Freed", end]];
        }
        const born = linkTo(`event ${count(block - history.first + 1)}`,
                            () => this.goTo(block + 1));
        return [["Made", born], ["Age", ageOf(history, block)], ["Freed", end]];
    }

    /* The event that ends a block; -1. */
    endOf(block) {
        const {history} = this;
        for (let event = Math.max(history.now, block + 1); event < history.count; event++) {
            if (history.endedBy(event).includes(block)) {
                return event;
            }
        }
        return -1;
    }

    neighbours(piece) {
        return make("ul", {}, ...this.moment.around(piece).map(one => this.itemOf(one)));
    }

    itemOf(piece, ...more) {
        return make("li", {}, make("div", {}, this.linkOf(piece),
                                   make("span", {}, inBytes(this.moment.bytes[piece]))), ...more);
    }

    /* Its colour, whose it is, and where. */
    linkOf(piece) {
        const {moment, history} = this, begin = moment.begin[piece], block = moment.block[piece];
        const swatch = block === HOLE ? make("i", {className: "swatch hole"})
            : swatchOf(cssOf(this.colours.ofBlock(block, moment.bytes[piece])));
        const name = block === HOLE ? "hole" : history.head.owners[history.owner[block]];
        return make("span", {className: "piece"}, swatch, make("span", {},
            linkTo(name, () => this.choose(begin)),
            make("small", {className: "mono"}, history.payloadOf(begin))));
    }

    /* ---- a hole --------------------------------------------------------------------------- */

    showHole(piece) {
        const {moment, history} = this;
        this.fill(make("h3", {}, "Hole"), listOf([
            ["Address", make("code", {}, history.payloadOf(moment.begin[piece]))],
            ["Size", inBytes(moment.bytes[piece])],
            ["Holds", `a request of ${inBytes(requestOf(history, moment.bytes[piece]))}`],
        ]), make("h4", {}, "Pinned by"), this.neighbours(piece));
    }

    /* ---- a request ------------------------------------------------------------------------ */

    showAnswer(title, answer) {
        const isServed = answer.reason.startsWith("served");
        const parts = [make("h3", {}, title), make("p", {}, make("span", {
            id: "reason", className: isServed ? "reason good" : "reason"}, answer.reason))];
        if (answer.needed) {
            parts.push(this.sentenceOf(answer));
        } else if (answer.reason === UNPLANNED) {
            parts.push(make("p", {}, "The heap was planned for requests of at most " +
                `${inBytes(this.history.head.planned)}.`));
        }
        if (answer.needed && answer.reason !== "served") {
            parts.push(...this.releaseOf(answer));
        }
        if (answer.holes.length) {
            parts.push(make("h4", {}, "Holes that come nearest"), this.holesOf(answer));
        }
        this.fill(...parts);
    }

    sentenceOf({needed, free, largest}) {
        return make("p", {}, `It needs ${inBytes(needed)} in one piece, header included. ` +
            `${inBytes(free)} are free, ${inBytes(largest)} of them in the largest hole.`);
    }

    holesOf({holes}) {
        const items = holes.map(({piece, missing, pins}) => this.itemOf(
            piece, make("span", {className: "note"},
                        missing ? `${count(missing)} too few, pinned by` : "pinned by"),
            make("ul", {}, ...pins.map(pin => this.itemOf(pin)))));
        return make("ul", {id: "nearest"}, ...items);
    }

    releaseOf({release, releaseBytes}) {
        if (!release) {
            return [make("p", {id: "release"},
                         "No release would serve it: no pool is large enough.")];
        }
        const items = release.slice(0, RELEASES_SHOWN).map(piece => this.itemOf(piece));
        if (release.length > RELEASES_SHOWN) {
            items.push(make("li", {}, `and ${count(release.length - RELEASES_SHOWN)} more`));
        }
        return [make("h4", {id: "release"}, `Released, ${
            release.length === 1 ? "this block" : `these ${count(release.length)} blocks`} (${
            inBytes(releaseBytes)}) would serve it`), make("ul", {}, ...items)];
    }
}

function swatchOf(colour) {
    const swatch = make("i", {className: "swatch"});
    swatch.style.background = colour;
    return swatch;
}

/* A list of names and values, without those that are null. */
function listOf(rows) {
    return make("dl", {}, ...rows.filter(([, value]) => value !== null).flatMap(
        ([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
}

/* The largest request that so many bytes hold. */
function requestOf({head}, bytes) {
    return Math.max(bytes - head.sizes.header - head.sizes.guard - head.reserved, 0);
}

function ageOf(history, block) {
    const events = plural(history.now - 1 - block, "event");
    const ticks = history.now ? history.time[history.now - 1] - history.time[block] : 0;
    return ticks > 0 ? `${events}, ${inTime(history, ticks)}` : events;
}

function inTime({head}, ticks) {
    if (!head.ticks_per_second) {
        return `${count(ticks)} ticks`;
    }
    const seconds = ticks / head.ticks_per_second;
    const [factor, unit] = seconds >= 1 ? [1, "s"] : seconds >= 1e-3 ? [1e3, "ms"] : [1e6, "µs"];
    return `${(seconds * factor).toLocaleString("en", {maximumSignificantDigits: 4})} ${unit}`;
}
