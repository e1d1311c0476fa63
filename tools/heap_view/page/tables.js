/* SPDX-License-Identifier: BSD-3-Clause */
/* The lists: owners, holes, failures, size classes, and what the strip shows. */

const ROWS_SHOWN = 8, ROWS_MORE = 200;

/* heading: names, with "<" in front of those whose column holds words. rows: lists of texts and
   elements. */
function tableOf(caption, heading, rows) {
    const isWords = heading.map(name => name.startsWith("<"));
    const cell = (tag, content, place, more) =>
        make(tag, {className: isWords[place] ? "words" : "", ...more}, content);
    const head = make("tr", {}, ...heading.map((name, place) =>
        cell("th", name.replace("<", ""), place, {scope: "col"})));
    const body = rows.map(cells => make("tr", {}, ...cells.map((content, place) =>
        cell("td", content, place))));
    return make("div", {className: "scroll", tabIndex: 0, role: "region", ariaLabel: caption},
                make("table", {},
        make("caption", {className: "unseen"}, caption), make("thead", {}, head),
        make("tbody", {}, ...body)));
}

function emptyText(text) {
    return make("p", {className: "empty"}, text);
}

/* Without looking at the blocks of its moment. */
function shortReason(history, event, needed) {
    const bytes = history.size[event] + history.head.reserved;
    if (isUnplanned(history.head, bytes, history.align[event])) {
        return "not planned";
    }
    const free = history.total[event] - history.used[event];
    return free < needed ? "out of memory"
        : history.largest[event] < needed ? "fragmented" : "search";
}

class Tables {
    /* actions: choose(place), explain(event) and redo(), which fills the tables anew. */
    constructor(moment, colours, panel, actions) {
        Object.assign(this, {moment, colours, panel, actions});
        this.history = moment.history;
        this.isLong = {};
    }

    /* Puts a table into an element: some rows, and a button for more. */
    put(id, caption, heading, rows, rowOf, empty) {
        const shown = rows.slice(0, this.isLong[id] ? ROWS_MORE : ROWS_SHOWN);
        const parts = rows.length ? [tableOf(caption, heading, shown.map(rowOf))]
            : [emptyText(empty)];
        if (shown.length < rows.length && !this.isLong[id]) {
            const most = Math.min(rows.length, ROWS_MORE);
            const button = make("button", {type: "button", className: "more"},
                                most < rows.length ? `Show ${most} of ${count(rows.length)}`
                                    : `Show all ${count(rows.length)}`);
            button.addEventListener("click", () => {
                this.isLong[id] = true;
                this.actions.redo();
            });
            parts.push(button);
        } else if (shown.length < rows.length) {
            parts.push(emptyText(`The first ${ROWS_MORE} of ${count(rows.length)}.`));
        }
        byId(id).replaceChildren(...parts);
    }

    fill() {
        this.fillOwners();
        this.fillHoles();
        this.fillClasses();
        this.fillFailures();
    }

    fillOwners() {
        const owners = this.moment.owners();
        this.put("owners", "Owners by the bytes they hold", ["<Owner", "Blocks", "Bytes", "Part"],
                 owners, ({name, owner, blocks, bytes}) => {
                     const share = make("span", {className: "share"});
                     share.style.width = `${100 * bytes / owners[0].bytes}%`;
                     share.style.background = cssOf(this.colours.ofOwner(owner));
                     return [make("span", {}, swatchOf(cssOf(this.colours.ofOwner(owner))), name,
                                  share),
                             count(blocks), count(bytes), inPercent(bytes / this.moment.used)];
                 }, "No block is live.");
    }

    fillHoles() {
        const {moment} = this, holes = moment.largestHoles(ROWS_MORE);
        this.put("holes", "The largest holes", ["Address", "Bytes", "<Pinned by"], holes, piece => {
            const pins = moment.around(piece).map(pin => make("div", {}, this.panel.linkOf(pin)));
            return [linkTo(this.history.payloadOf(moment.begin[piece]),
                           () => this.actions.choose(moment.begin[piece])),
                    count(moment.bytes[piece]), make("div", {}, ...pins)];
        }, "No byte is free.");
    }

    fillClasses() {
        const classes = this.moment.classes();
        const most = Math.max(...classes.map(each => Math.max(each.usedBytes, each.freeBytes)), 1);
        this.put("classes", "Blocks and holes by size class",
                 ["Bytes each", "Used", "Holes", "Free bytes", "Used and free"], classes, each => {
                     const [least, last] = sizesOfClass(this.history.head.sizes, each.number);
                     return [least === last ? count(least) : `${count(least)} to ${count(last)}`,
                             count(each.used), count(each.free), count(each.freeBytes),
                             this.barsOf(each, most)];
                 }, "There are no blocks.");
    }

    barsOf({usedBytes, freeBytes}, most) {
        const bars = make("span", {className: "both"}, make("i", {}), make("i", {}));
        [usedBytes, freeBytes].forEach((bytes, place) => {
            bars.children[place].style.width = `${50 * bytes / most}%`;
        });
        return bars;
    }

    fillFailures() {
        const {history} = this;
        const {sizes, reserved} = history.head;
        this.put("failures", "Requests that failed", ["Event", "Bytes", "<By", "<Reason"],
                 history.failures, event => {
                     const needed = sizeNeeded(sizes, history.size[event] + reserved,
                                              history.align[event]);
                     return [count(event - history.first + 1), count(history.size[event]),
                             history.head.owners[history.owner[event]],
                             linkTo(`${shortReason(history, event, needed)} ›`,
                                    () => this.actions.explain(event))];
                 }, "No request failed.");
    }

    /* The pieces that the strip shows. */
    fillBlocks(strip) {
        const {moment, history} = this, pieces = [], isTrace = history.head.is_trace;
        const end = strip.begin + strip.bytes;
        for (let piece = moment.firstBehind(strip.begin);
            piece < moment.count && moment.begin[piece] < end; piece++) {
            pieces.push(piece);
        }
        this.put("blocks", "Blocks and holes in the strip",
                 ["Address", "<What", "Bytes", isTrace ? "Request" : "Usable",
                  "<Owner", ...isTrace ? ["Age in events"] : []], pieces, piece => {
                     const block = moment.block[piece], begin = moment.begin[piece];
                     const link = linkTo(history.payloadOf(begin),
                                         () => this.actions.choose(begin));
                     const age = block < history.first ? "" : count(history.now - 1 - block);
                     return block === HOLE ? [link, "hole", count(moment.bytes[piece]), "", "",
                                              ...isTrace ? [""] : []]
                         : [link, "used", count(moment.bytes[piece]),
                            history.size[block] ? count(history.size[block]) : "",
                            history.head.owners[history.owner[block]], ...isTrace ? [age] : []];
                 }, "The strip shows no block.");
    }
}
