/* SPDX-License-Identifier: BSD-3-Clause */
/* The page: what is chosen, which moment is shown, and what a person does. */

const TABLES_EVERY = 90, PLAY_FRAMES = 900, CLICK_MOST = 4, THUMB = 18;

class Page {
    constructor({head, columns}) {
        this.head = head;
        this.history = new History(head, columns);
        this.moment = new Moment(this.history);
        this.colours = new Colours(this.history);
        byId("app").hidden = false;
        byId("app").classList.toggle("still", !head.is_trace);
        byId("time").hidden = byId("failures-card").hidden = !head.is_trace;
        this.strip = new Strip(byId("strip"), byId("overview"), this.moment, this.colours);
        this.chart = head.is_trace ? new Chart(byId("chart"), this.history) : null;
        this.panel = new Panel(byId("panel"), this.moment, this.colours,
                               place => this.choose(place), moment => this.goTo(moment));
        this.tables = new Tables(this.moment, this.colours, this.panel, {
            choose: place => this.choose(place, true), explain: event => this.explainFailure(event),
            redo: () => this.fillTables()});
        this.chosen = null;       /* {place} or {answer, moment} */
        this.needs = new Set();
        this.showHead();
        this.listen();
        this.showNothing();
        this.placeSlider();
        this.redraw("moment", "view");
    }

    /* ---- what does not change -------------------------------------------------------------- */

    showHead() {
        const {head} = this, {options} = head;
        byId("name").textContent = head.name;
        const facts = [[`${head.target.bits}-bit, ${head.target.order}-endian`],
                       [`granule ${options.granule}`], [`hardening ${options.hardening}`],
                       [plural(head.regions.length, "pool")]];
        if (head.heap) {
            facts.unshift([`heap ${head.heap}`]);
        }
        if (head.check) {
            facts.push([head.check, head.check === "sound" ? "good" : "bad"]);
        }
        byId("facts").replaceChildren(...facts.map(([text, className = ""]) =>
            make("li", {className}, text)));
        this.showNotes();
        const isAgeKnown = this.history.count > this.history.first;
        for (const radio of document.querySelectorAll("[name=mode]")) {
            radio.checked = radio.value === this.colours.mode;
            radio.disabled = radio.value === "age" && !isAgeKnown ||
                radio.value === "owner" && !this.colours.isNamed();
            radio.parentElement.title = radio.disabled ? `Nothing in the heap keeps ${
                radio.value === "age" ? "ages: take a trace" : "owners"}` : "";
        }
    }

    showNotes() {
        const notes = [...this.head.notes];
        if (this.head.check && this.head.check !== "sound") {
            notes.unshift(`The heap is not sound (${this.head.check}): blocks behind a broken ` +
                "size are not shown, and seem to be free. See heap check.");
        }
        if (this.history.misfits) {
            notes.push(`${plural(this.history.misfits, "event")} of the trace contradict those ` +
                "before: some events are missing.");
        }
        byId("notes").replaceChildren(...notes.map(note => make("p", {}, note)));
    }

    /* ---- drawing, at most once a frame ------------------------------------------------------ */

    /* needs: "moment", "view", "choice". */
    redraw(...needs) {
        const isAsked = this.needs.size > 0;
        needs.forEach(need => this.needs.add(need));
        if (!isAsked) {
            requestAnimationFrame(() => this.drawNow());
        }
    }

    drawNow() {
        const needs = this.needs;
        const begin = performance.now();
        this.needs = new Set();
        if (needs.has("moment")) {
            this.moment.see();
            this.showFigures();
            this.showMoment();
            this.renewChoice();
        }
        this.strip.marks = this.marks();
        this.strip.draw();
        this.laterFillTables(needs);
        performance.measure("redraw", {start: begin});
    }

    showFigures() {
        const {moment, history} = this;
        const figures = [
            ["Used", moment.used, `${plural(moment.usedBlocks, "block")} of ${
                inShort(moment.total)}`],
            ["Peak", this.peak(), this.peakWords()],
            ["Free", moment.free, plural(moment.holes, "hole")],
            ["Largest hole", moment.largest,
             `a request of ${inBytes(requestOf(history, moment.largest))}`],
        ];
        byId("figures").replaceChildren(
            ...figures.map(([name, bytes, what]) =>
                this.figureOf(name, inShort(bytes), what, inBytes(bytes))),
            this.figureOf("Fragmentation", inPercent(moment.fragmentation),
                          "of the free bytes are not in it"));
    }

    /* title: the exact value. */
    figureOf(name, figure, what, title = "") {
        return make("div", {}, make("dt", {}, name),
                    make("dd", {className: "figure", title}, figure),
                    make("dd", {className: "what"}, what));
    }

    peak() {
        const {statistics} = this.head;
        return this.head.is_trace || !statistics ? this.history.peak[this.history.now]
            : statistics.peak;
    }

    peakWords() {
        const {head} = this;
        if (head.is_trace) {
            return "in the trace so far";
        }
        return head.statistics ? "of the heap's life" : "not kept: what is used now";
    }

    showMoment() {
        const {history, moment} = this;
        if (!this.chart) {
            return;
        }
        this.chart.draw();
        byId("slider").value = history.now;
        byId("slider").setAttribute("aria-valuetext", this.eventWords());
        byId("event").textContent = this.eventWords();
        byId("event-before").disabled = history.now === history.first;
        byId("event-behind").disabled = history.now === history.count;
        byId("failure-before").disabled = this.failureBefore() === undefined;
        byId("failure-behind").disabled = this.failureBehind() === undefined;
        const readings = [["Used", "accent", "", inShort(moment.used)],
                          ["Peak", "ink", "dashed", inShort(history.peak[history.now])],
                          ["Largest hole", "largest", "", inShort(moment.largest)],
                          ["Fragmentation", "frag", "", inPercent(moment.fragmentation)]];
        byId("readings").replaceChildren(...readings.map(([name, colour, className, value]) => {
            const line = make("i", {className});
            line.style.borderColor = `var(--${colour})`;
            return make("div", {}, line, make("dt", {}, name), make("dd", {}, value));
        }));
    }

    /* What the last event did. */
    eventWords() {
        const {history, head} = this, event = history.now - 1;
        const place = `${count(history.now - history.first)} of ${
            count(history.count - history.first)}`;
        if (event < history.first) {
            return `Event ${place}: before the trace`;
        }
        const kind = KIND_WORDS[history.kind[event]] || head.kinds[history.kind[event]];
        const size = history.size[event] ? ` ${inBytes(history.size[event])}` : "";
        const owner = head.owners[history.owner[event]];
        const time = history.time[event] > 0 ? `, ${inTime(history, history.time[event])}` : "";
        return `Event ${place}: ${kind}${size}${owner === "unknown" ? "" : `, ${owner}`}${time}`;
    }

    laterFillTables(needs) {
        if ((needs.has("moment") || needs.has("view")) && !this.timer) {
            this.timer = setTimeout(() => this.fillTables(), TABLES_EVERY);
        }
    }

    fillTables() {
        clearTimeout(this.timer);
        this.timer = null;
        if (!this.chosen) {
            this.panel.showNothing();
        }
        this.tables.fill();
        this.tables.fillBlocks(this.strip);
        this.showLegend();
    }

    showLegend() {
        const {colours, head} = this, parts = [];
        if (colours.mode === "owner") {
            const shown = colours.ranked.slice(0, OWNER_COLOURS);
            parts.push(...shown.map(owner => make("span", {},
                swatchOf(cssOf(colours.ofOwner(owner))), head.owners[owner])));
            if (colours.ranked.length > shown.length) {
                parts.push(make("span", {}, swatchOf("var(--owner-other)"), "others"));
            }
        } else {
            const ramp = make("i", {});
            ramp.style.background = `linear-gradient(90deg, var(--${colours.mode}-1), var(--${
                colours.mode}-2), var(--${colours.mode}-3))`;
            const [least, most] = colours.mode === "age" ? ["young", "old"]
                : colours.span.map(power => inShort(Math.round(2 ** power)));
            parts.push(make("span", {className: "ramp"}, least, ramp, most));
        }
        parts.push(make("span", {}, make("i", {className: "swatch hole"}), "free"));
        byId("legend").replaceChildren(...parts);
    }

    /* ---- what is chosen --------------------------------------------------------------------- */

    showNothing() {
        this.chosen = null;
        this.panel.showNothing();
        this.redraw("choice");
    }

    /* A text in place of a choice, at this moment. */
    showText(title, text) {
        this.chosen = {answer: {holes: []}, moment: this.history.now};
        this.panel.showText(title, text);
        this.panel.say();
        this.redraw("choice");
    }

    /* Chooses what lies at a place. */
    choose(place, isShown = true) {
        const piece = this.moment.pieceAt(place);
        if (piece === -1) {
            this.showNothing();
            return;
        }
        this.chosen = {place: this.moment.begin[piece]};
        this.panel.showPiece(piece);
        this.panel.say();
        if (isShown) {
            this.strip.show(this.moment.begin[piece], this.moment.bytes[piece]);
        }
        this.redraw("choice", "view");
    }

    /* After time may have moved. An answer holds for its moment. */
    renewChoice() {
        if (this.chosen && this.chosen.answer) {
            if (this.chosen.moment !== this.history.now) {
                this.showNothing();
            }
        } else if (this.chosen) {
            const piece = this.moment.pieceAt(this.chosen.place);
            if (piece === -1) {
                this.showNothing();
            } else {
                this.panel.showPiece(piece);
            }
        }
    }

    marks() {
        const {moment, chosen} = this;
        const mark = style => piece => ({begin: moment.begin[piece], bytes: moment.bytes[piece],
                                         style});
        if (!chosen) {
            return [];
        }
        if (chosen.answer) {
            return [...(chosen.answer.release || []).map(mark("alert")),
                    ...chosen.answer.holes.map(({piece}) => mark("accent")(piece))];
        }
        const piece = moment.pieceAt(chosen.place);
        const pins = piece !== -1 && moment.isHole(piece) ? moment.around(piece) : [];
        return piece === -1 ? [] : [...pins.map(mark("alert")), mark("mark")(piece)];
    }

    search(text) {
        let address;
        try {
            address = BigInt(text.trim());
        } catch {
            this.showText("No address", `“${text}” is no address: write 0x20000400, or ` +
                "a decimal number.");
            return;
        }
        const place = this.history.placeOf(address);
        if (place === -1 || this.moment.pieceAt(place) === -1) {
            this.showText("Not in this heap", `0x${address.toString(16)} lies in none of ` +
                "the heap's pools at this moment.");
            return;
        }
        this.choose(place);
    }

    ask(size, align) {
        const isNumber = [size, align].every(number => Number.isSafeInteger(number) && number >= 0);
        if (!isNumber) {
            this.showText("No number", "Write bytes as a number: 1024, or 0x400.");
            return;
        }
        const answer = explain(this.moment, size, align, false);
        this.showAnswer(`A request of ${inBytes(size)}${
            align ? `, aligned to ${count(align)}` : ""}`, answer);
    }

    showAnswer(title, answer) {
        this.chosen = {answer, moment: this.history.now};
        this.panel.showAnswer(title, answer);
        this.panel.say();
        this.strip.setView(0, this.strip.span);
        this.redraw("choice", "view");
    }

    explainFailure(event) {
        const {history, head} = this;
        this.stop();
        this.goTo(event + 1);
        this.moment.see();
        const size = history.size[event], align = history.align[event];
        const owner = head.owners[history.owner[event]];
        this.drawNow();
        this.showAnswer(`Why ${inBytes(size)}${align ? `, aligned to ${count(align)},` : ""} ${
            owner === "unknown" ? "" : `for ${owner} `}failed`,
        explain(this.moment, size, align, true));
        byId("strip").scrollIntoView({block: "nearest"});
    }

    /* ---- time ------------------------------------------------------------------------------- */

    goTo(moment) {
        this.history.goTo(Math.min(Math.max(moment, this.history.first), this.history.count));
        this.redraw("moment");
    }

    failureBefore() {
        return this.history.failures.findLast(event => event + 1 < this.history.now);
    }

    failureBehind() {
        return this.history.failures.find(event => event + 1 > this.history.now);
    }

    play() {
        if (this.isPlaying) {
            this.stop();
            return;
        }
        this.isPlaying = true;
        byId("play").textContent = "Pause";
        if (this.history.now === this.history.count) {
            this.goTo(this.history.first);
        }
        const step = () => {
            if (this.isPlaying) {
                const {history} = this, all = history.count - history.first;
                this.goTo(history.now + Math.max(Math.round(all / PLAY_FRAMES), 1));
                if (history.now < history.count) {
                    requestAnimationFrame(step);
                } else {
                    this.stop();
                }
            }
        };
        requestAnimationFrame(step);
    }

    stop() {
        this.isPlaying = false;
        byId("play").textContent = "Play";
    }

    /* The thumb stands above the moment in the chart. */
    placeSlider() {
        if (this.chart) {
            const slider = byId("slider");
            slider.min = this.history.first;
            slider.max = this.history.count;
            slider.style.marginLeft = `${this.chart.left - THUMB / 2}px`;
            slider.style.width = `${this.chart.inner + THUMB}px`;
        }
    }

    /* ---- what a person does ------------------------------------------------------------------ */

    listen() {
        this.listenToControls();
        this.listenToTime();
        this.listenToStrip();
        this.listenToOverview();
        byId("strip").addEventListener("keydown", event => this.pressed(event));
        addEventListener("resize", () => this.resized());
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
            this.colours.readStyles();
            this.resized();
        });
    }

    /* A window that is too small to have an inside shows nothing. */
    resized() {
        if (byId("strip").clientWidth <= GUTTER) {
            return;
        }
        this.strip.resize();
        if (this.chart) {
            this.chart.resize();
            this.placeSlider();
        }
        this.redraw("moment", "view");
    }

    listenToControls() {
        const numberIn = id => Number(byId(id).value.trim().replaceAll(",", "") || 0);
        byId("modes").addEventListener("change", event => {
            this.colours.mode = event.target.value;
            this.redraw("moment", "view");
        });
        byId("search").addEventListener("submit", event => {
            event.preventDefault();
            this.search(byId("address").value);
        });
        byId("ask").addEventListener("submit", event => {
            event.preventDefault();
            this.ask(numberIn("ask-size"), numberIn("ask-align"));
        });
        byId("zoom-in").addEventListener("click", () => this.zoom(2));
        byId("zoom-out").addEventListener("click", () => this.zoom(0.5));
        byId("zoom-all").addEventListener("click", () => this.zoom(0));
    }

    /* Around what is chosen. factor 0: all. */
    zoom(factor, place = this.chosen && this.chosen.place) {
        if (factor === 0) {
            this.strip.setView(0, this.strip.span);
        } else if (place !== null && place !== undefined && this.strip.isSeen(place, 0)) {
            this.strip.zoom(factor, place);
        } else {
            this.strip.zoom(factor);
        }
        this.redraw("view");
    }

    listenToTime() {
        const {history} = this;
        if (!this.chart) {
            return;
        }
        byId("slider").addEventListener("input", event => {
            this.stop();
            this.goTo(Number(event.target.value));
        });
        byId("play").addEventListener("click", () => this.play());
        byId("event-before").addEventListener("click", () => this.goTo(history.now - 1));
        byId("event-behind").addEventListener("click", () => this.goTo(history.now + 1));
        byId("failure-before").addEventListener("click",
            () => this.explainFailure(this.failureBefore()));
        byId("failure-behind").addEventListener("click",
            () => this.explainFailure(this.failureBehind()));
        onDrag(byId("chart"), x => {
            this.stop();
            this.goTo(this.chart.momentAt(x));
        });
    }

    listenToOverview() {
        onDrag(byId("overview"), x => {
            const {strip} = this;
            const place = (x - strip.gutter) / (strip.width - strip.gutter) * strip.span;
            strip.setView(place - strip.bytes / 2, strip.bytes);
            this.redraw("view");
        });
    }

    /* One finger or the mouse: drag, or click. Two fingers: zoom. */
    listenToStrip() {
        const {strip} = this, canvas = byId("strip"), pointers = new Map();
        let moved = 0, apart = 0;
        const distance = () => {
            const [one, other] = [...pointers.values()];
            return Math.hypot(one.x - other.x, one.y - other.y);
        };
        canvas.addEventListener("pointerdown", event => {
            canvas.setPointerCapture(event.pointerId);
            pointers.set(event.pointerId, {x: event.offsetX, y: event.offsetY});
            moved = 0;
            apart = pointers.size === 2 ? distance() : 0;
        });
        canvas.addEventListener("pointermove", event => {
            const before = pointers.get(event.pointerId);
            if (!before) {
                return;
            }
            pointers.set(event.pointerId, {x: event.offsetX, y: event.offsetY});
            const across = event.offsetX - before.x, down = event.offsetY - before.y;
            moved += Math.abs(across) + Math.abs(down);
            if (pointers.size === 2) {
                const place = strip.placeAt(event.offsetX, event.offsetY);
                strip.zoom(distance() / Math.max(apart, 1), place === -1 ? undefined : place);
                apart = distance();
            } else if (moved > CLICK_MOST) {
                canvas.classList.add("drags");
                strip.pan(-across / strip.rowWidth - down / (ROW + ROW_GAP));
            }
            this.redraw("view");
        });
        canvas.addEventListener("pointerup", event => {
            const place = strip.placeAt(event.offsetX, event.offsetY);
            if (moved <= CLICK_MOST && place !== -1) {
                this.choose(place, false);
            }
        });
        for (const name of ["pointerup", "pointercancel"]) {
            canvas.addEventListener(name, event => {
                pointers.delete(event.pointerId);
                canvas.classList.remove("drags");
            });
        }
        canvas.addEventListener("wheel", event => this.wheeled(event), {passive: false});
    }

    /* The wheel scrolls the page until the strip has the focus. */
    wheeled(event) {
        const {strip} = this;
        if (!event.ctrlKey && document.activeElement !== strip.canvas) {
            return;
        }
        event.preventDefault();
        if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            strip.pan(event.deltaX / strip.rowWidth);
        } else {
            const place = strip.placeAt(event.offsetX, event.offsetY);
            strip.zoom(2 ** (-event.deltaY / 240), place === -1 ? undefined : place);
        }
        this.redraw("view");
    }

    pressed(event) {
        const {strip} = this;
        const actions = {
            ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
            ArrowUp: () => strip.pan(-1), ArrowDown: () => strip.pan(1),
            PageUp: () => strip.pan(-strip.rows), PageDown: () => strip.pan(strip.rows),
            "+": () => this.zoom(2), "=": () => this.zoom(2), "-": () => this.zoom(0.5),
            "0": () => this.zoom(0), Home: () => this.zoom(0), Escape: () => this.showNothing(),
        };
        if (actions[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            actions[event.key]();
            this.redraw("view");
        }
    }

    /* To the piece before or behind the chosen one. */
    step(distance) {
        const {moment, chosen, strip} = this;
        const from = chosen && chosen.place !== undefined ? moment.pieceAt(chosen.place) + distance
            : moment.firstBehind(strip.begin);
        const piece = Math.min(Math.max(from, 0), moment.count - 1);
        if (piece >= 0) {
            this.choose(moment.begin[piece]);
        }
    }
}

/* Calls action(x) while a pointer is held down on an element. */
function onDrag(element, action) {
    element.addEventListener("pointerdown", event => {
        element.setPointerCapture(event.pointerId);
        action(event.offsetX);
    });
    element.addEventListener("pointermove", event => {
        if (element.hasPointerCapture(event.pointerId)) {
            action(event.offsetX);
        }
    });
}

/* ---- begin ----------------------------------------------------------------------------- */

/* Says what is wrong in place of the page, or above it. */
function showProblem(error) {
    byId("problem").hidden = false;
    byId("problem").textContent = error.message || String(error);
}

addEventListener("error", event => showProblem(event.error || event));
addEventListener("unhandledrejection", event => showProblem(event.reason));
readData().then(data => {
    new Page(data);
    byId("problem").hidden = true;
});
