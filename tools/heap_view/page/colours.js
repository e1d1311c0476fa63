/* SPDX-License-Identifier: BSD-3-Clause */
/* The colour of a block: by its owner, its size or its age. The colours are those of colours.css,
   as the numbers that the pixels of a canvas are made of. */

const OWNER_COLOURS = 8, SHADES = 256;

/* A colour of the styles: [red, green, blue]. */
function styleColour(name) {
    const text = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    return [1, 3, 5].map(place => parseInt(text.slice(place, place + 2), 16));
}

function pixelOf([red, green, blue]) {
    return (255 << 24 | blue << 16 | green << 8 | red) >>> 0;
}

function cssOf(pixel) {
    return `rgb(${pixel & 255}, ${pixel >> 8 & 255}, ${pixel >> 16 & 255})`;
}

/* part: of the second one. */
function mixed(one, other, part) {
    const channel = shift => Math.round((one >> shift & 255) * (1 - part) +
                                        (other >> shift & 255) * part);
    return (255 << 24 | channel(16) << 16 | channel(8) << 8 | channel(0)) >>> 0;
}

/* SHADES colours from the first of three over the second to the third. */
function rampOf(name) {
    const stops = [1, 2, 3].map(number => pixelOf(styleColour(`${name}-${number}`)));
    return Uint32Array.from({length: SHADES}, (_, shade) => {
        const part = 2 * shade / (SHADES - 1);
        return part <= 1 ? mixed(stops[0], stops[1], part) : mixed(stops[1], stops[2], part - 1);
    });
}

class Colours {
    constructor(history) {
        this.history = history;
        this.ranked = Array.from(history.ownerPeak.keys())
            .filter(owner => history.ownerPeak[owner] > 0)
            .sort((one, other) => history.ownerPeak[other] - history.ownerPeak[one] || one - other);
        this.mode = this.isNamed() ? "owner" : "size";
        this.span = this.spanOfSizes();
        this.readStyles();
    }

    readStyles() {
        this.sizes = rampOf("size");
        this.ages = rampOf("age");
        this.hole = pixelOf(styleColour("hole"));
        const other = pixelOf(styleColour("owner-other"));
        this.owners = new Uint32Array(this.history.ownerPeak.length).fill(other);
        this.ranked.slice(0, OWNER_COLOURS).forEach((owner, rank) => {
            this.owners[owner] = pixelOf(styleColour(`owner-${rank + 1}`));
        });
    }

    /* Whether the owner of any block is known. */
    isNamed() {
        return this.ranked.some(owner => this.history.head.owners[owner] !== "unknown");
    }

    /* The smallest and the largest block, as logarithms. */
    spanOfSizes() {
        const {history} = this;
        let least = Infinity, most = 1;
        for (let event = 0; event < history.count; event++) {
            if (history.begin[event] !== NONE && history.kind[event] !== KIND.POOL_ADDED) {
                const bytes = history.bytesOf(event);
                least = Math.min(least, bytes);
                most = Math.max(most, bytes);
            }
        }
        return [Math.log2(Math.min(least, most)), Math.log2(most)];
    }

    ofOwner(owner) {
        return this.owners[owner];
    }

    ofSize(bytes) {
        const [least, most] = this.span;
        const part = most > least ? (Math.log2(bytes) - least) / (most - least) : 0.5;
        return this.sizes[Math.round(Math.min(Math.max(part, 0), 1) * (SHADES - 1))];
    }

    /* Ages are counted in events, on a scale of logarithms: most blocks are young. */
    ofAge(events) {
        const all = Math.log2(2 + this.history.count - this.history.first);
        return this.ages[Math.round(Math.min(Math.log2(1 + events) / all, 1) * (SHADES - 1))];
    }

    ofBlock(block, bytes) {
        if (this.mode === "owner") {
            return this.owners[this.history.owner[block]];
        }
        if (this.mode === "size") {
            return this.ofSize(bytes);
        }
        return block < this.history.first ? this.ages[SHADES - 1]
            : this.ofAge(this.history.now - 1 - block);
    }
}
