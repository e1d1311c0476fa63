/* SPDX-License-Identifier: BSD-3-Clause */
/* The address space as a strip, which is folded into rows like a text. A narrow strip above shows
   all of it, and the part that the rows show. */

const ROW = 17, ROW_GAP = 5, GUTTER = 92, NARROW = 640, TOP = 2;
const LABEL_LEAST = 64, GAP_LEAST = 46, FINGER = 12, LINES_MOST = 6000, PIXELS_OF_BYTE = 12;
const SHOWN_LEAST = 0.3, SHOWN_MOST = 0.85;  /* of a colour in a pixel that is used in part */

class Strip {
    constructor(canvas, overview, moment, colours) {
        Object.assign(this, {canvas, overview, moment, colours});
        this.span = moment.history.head.span;
        this.begin = 0;
        this.bytes = this.span;
        this.marks = [];       /* {begin, bytes, style}: pieces that are pointed out */
        this.paper = document.createElement("canvas");
        this.resize();
    }

    resize() {
        this.ratio = Math.min(window.devicePixelRatio || 1, 2);
        this.width = this.canvas.clientWidth;
        this.gutter = this.width > NARROW ? GUTTER : 0;
        this.rows = Math.max(Math.floor((this.canvas.clientHeight - TOP) / (ROW + ROW_GAP)), 1);
        this.rowWidth = Math.max(this.width - this.gutter, 1);
        this.styles = getComputedStyle(document.documentElement);
        for (const canvas of [this.canvas, this.overview]) {
            fitPixels(canvas, canvas.clientWidth * this.ratio, canvas.clientHeight * this.ratio);
        }
        this.setView(this.begin, this.bytes);
    }

    colour(name) {
        return this.styles.getPropertyValue(`--${name}`);
    }

    /* ---- the part that is seen ------------------------------------------------------------ */

    get leastBytes() {
        return Math.min(this.rows * this.rowWidth / PIXELS_OF_BYTE, this.span);
    }

    setView(begin, bytes) {
        this.bytes = Math.min(Math.max(bytes, this.leastBytes), this.span);
        this.begin = Math.min(Math.max(begin, 0), this.span - this.bytes);
    }

    zoom(factor, place = this.begin + this.bytes / 2) {
        const part = (place - this.begin) / this.bytes;
        const bytes = Math.min(Math.max(this.bytes / factor, this.leastBytes), this.span);
        this.setView(place - part * bytes, bytes);
    }

    pan(rows) {
        this.setView(this.begin + rows * this.bytes / this.rows, this.bytes);
    }

    isSeen(begin, bytes) {
        return begin >= this.begin && begin + bytes <= this.begin + this.bytes;
    }

    /* Makes some bytes visible, in the middle if they were not, and wide enough to be hit. */
    show(begin, bytes) {
        const most = Math.max(bytes * this.rowWidth * this.rows / FINGER, this.leastBytes);
        if (this.bytes > most || this.bytes < bytes) {
            this.zoom(this.bytes / Math.max(Math.min(this.bytes, most), bytes), begin + bytes / 2);
        }
        if (!this.isSeen(begin, bytes)) {
            this.setView(begin + bytes / 2 - this.bytes / 2, this.bytes);
        }
    }

    /* The place under a point of the canvas; -1. */
    placeAt(x, y) {
        const row = Math.floor((y - TOP) / (ROW + ROW_GAP)), column = x - this.gutter;
        if (row < 0 || row >= this.rows || column < 0 || column >= this.rowWidth) {
            return -1;
        }
        return this.begin + (row + column / this.rowWidth) * this.bytes / this.rows;
    }

    /* Where some bytes are drawn: one box a row. */
    boxesOf(begin, bytes) {
        const each = this.bytes / this.rows, boxes = [];
        const first = Math.max(Math.floor((begin - this.begin) / each), 0);
        const last = Math.min(Math.ceil((begin + bytes - this.begin) / each), this.rows);
        for (let row = first; row < last; row++) {
            const start = this.begin + row * each;
            const left = Math.max((begin - start) / each, 0) * this.rowWidth;
            const right = Math.min((begin + bytes - start) / each, 1) * this.rowWidth;
            if (right > left) {
                boxes.push({x: this.gutter + left, y: TOP + row * (ROW + ROW_GAP),
                            width: right - left, starts: begin >= start,
                            ends: begin + bytes <= start + each});
            }
        }
        return boxes;
    }

    /* ---- drawing -------------------------------------------------------------------------- */

    draw() {
        const context = this.canvas.getContext("2d");
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        context.clearRect(0, 0, this.width, this.canvas.clientHeight);
        const columns = Math.round(this.rowWidth * this.ratio);
        this.paint(columns, this.rows, this.begin, this.bytes);
        context.imageSmoothingEnabled = false;
        for (let row = 0; row < this.rows; row++) {
            context.drawImage(this.paper, 0, row, columns, 1, this.gutter,
                              TOP + row * (ROW + ROW_GAP), this.rowWidth, ROW);
        }
        this.drawAddresses(context);
        this.drawGaps(context);
        this.drawPieces(context);
        this.drawMarks(context);
        this.drawOverview();
    }

    /* Paints bytes of the heap into the pixels of `paper`, row by row. A pixel has the colour of
       the block that has most of it. If it is used in part, the colour of holes is mixed in. */
    paint(columns, rows, begin, bytes) {
        const image = new ImageData(columns, rows);
        const pixels = new Uint32Array(image.data.buffer);
        this.paintRegions(pixels, begin, pixels.length / bytes);
        this.paintBlocks(pixels, begin, pixels.length / bytes);
        fitPixels(this.paper, columns, rows);
        this.paper.getContext("2d").putImageData(image, 0, 0);
    }

    paintRegions(pixels, begin, scale) {
        for (const region of this.moment.history.regions) {
            if (region.isOpen) {
                const first = Math.round((region.place - begin) * scale);
                const end = Math.round((region.place + region.bytes - begin) * scale);
                pixels.fill(this.colours.hole, Math.max(first, 0), Math.max(end, 0));
            }
        }
    }

    paintBlocks(pixels, begin, scale) {
        const {moment, colours} = this;
        const used = new Float32Array(pixels.length), most = new Float32Array(pixels.length);
        const colour = new Uint32Array(pixels.length);
        const cover = (pixel, part, its) => {
            if (pixel >= 0 && pixel < pixels.length) {
                used[pixel] += part;
                if (part > most[pixel]) {
                    most[pixel] = part;
                    colour[pixel] = its;
                }
            }
        };
        const end = begin + pixels.length / scale;
        for (let piece = moment.firstBehind(begin);
            piece < moment.count && moment.begin[piece] < end; piece++) {
            const block = moment.block[piece];
            if (block === HOLE) {
                continue;
            }
            const from = (moment.begin[piece] - begin) * scale;
            const to = from + moment.bytes[piece] * scale;
            const first = Math.floor(from), last = Math.floor(to);
            const its = colours.ofBlock(block, moment.bytes[piece]);
            if (first === last) {
                cover(first, to - from, its);
                continue;
            }
            cover(first, first + 1 - from, its);
            pixels.fill(its, Math.max(first + 1, 0), Math.max(last, 0));
            cover(last, to - last, its);
        }
        for (let pixel = 0; pixel < pixels.length; pixel++) {
            if (used[pixel] > 0) {
                const part = used[pixel] > 0.999 ? 1
                    : SHOWN_LEAST + (SHOWN_MOST - SHOWN_LEAST) * used[pixel];
                pixels[pixel] = mixed(colours.hole, colour[pixel], part);
            }
        }
    }

    /* The text between two pools, where the heap has no memory. */
    drawGaps(context) {
        const {regions} = this.moment.history;
        context.fillStyle = this.colour("muted");
        context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
        context.textBaseline = "middle";
        context.textAlign = "center";
        for (let number = 1; number < regions.length; number++) {
            const begin = regions[number - 1].place + regions[number - 1].bytes;
            for (const box of this.boxesOf(begin, regions[number].place - begin)) {
                if (box.width >= GAP_LEAST) {
                    context.fillText("no pool", box.x + box.width / 2, box.y + ROW / 2 + 0.5);
                }
            }
        }
    }

    drawAddresses(context) {
        if (!this.gutter) {
            return;
        }
        context.fillStyle = this.colour("muted");
        context.font = "11px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
        context.textBaseline = "middle";
        context.textAlign = "right";
        for (let row = 0; row < this.rows; row++) {
            const place = this.begin + row * this.bytes / this.rows;
            const text = this.moment.history.addressOf(place);
            context.fillText(text.length > 12 ? `…${text.slice(-11)}` : text, this.gutter - 10,
                             TOP + row * (ROW + ROW_GAP) + ROW / 2, this.gutter - 10);
        }
    }

    /* Lines between blocks, and names in those that are wide enough. */
    drawPieces(context) {
        const {moment} = this;
        const first = moment.firstBehind(this.begin);
        const end = Math.min(moment.firstBehind(this.begin + this.bytes) + 1, moment.count);
        if (end - first > LINES_MOST) {
            return;
        }
        context.textAlign = "left";
        context.textBaseline = "middle";
        context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
        for (let piece = first; piece < end; piece++) {
            for (const box of this.boxesOf(moment.begin[piece], moment.bytes[piece])) {
                if (box.starts && box.width >= 3) {
                    context.fillStyle = this.colour("card");
                    context.fillRect(box.x, box.y, 1, ROW);
                }
                if (box.width >= LABEL_LEAST) {
                    this.drawLabel(context, piece, box);
                }
            }
        }
    }

    drawLabel(context, piece, box) {
        const {moment} = this, block = moment.block[piece];
        const isHole = block === HOLE;
        const size = inShort(moment.bytes[piece]);
        const owner = isHole ? "free" : this.moment.history.head.owners[
            this.moment.history.owner[block]];
        const pixel = isHole ? this.colours.hole
            : this.colours.ofBlock(block, moment.bytes[piece]);
        const isDark = 2 * (pixel & 255) + 5 * (pixel >> 8 & 255) + (pixel >> 16 & 255) < 8 * 140;
        context.fillStyle = isDark ? "#ffffff" : "#14181c";
        const text = owner === "unknown" ? size : `${owner} · ${size}`;
        context.save();
        context.beginPath();
        context.rect(box.x + 5, box.y, box.width - 9, ROW);
        context.clip();
        context.fillText(text, box.x + 6, box.y + ROW / 2 + 0.5);
        context.restore();
    }

    drawMarks(context) {
        for (const {begin, bytes, style} of this.marks) {
            for (const box of this.boxesOf(begin, bytes)) {
                const width = Math.max(box.width, 3), x = box.x - (width - box.width) / 2;
                context.lineWidth = 4;
                context.strokeStyle = this.colour("card");
                context.strokeRect(x, box.y, width, ROW);
                context.lineWidth = 2;
                context.strokeStyle = this.colour(style);
                context.strokeRect(x, box.y, width, ROW);
            }
        }
    }

    drawOverview() {
        const {overview} = this, context = overview.getContext("2d");
        const width = overview.clientWidth, height = overview.clientHeight;
        const left = this.gutter, inner = width - left;
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        context.clearRect(0, 0, width, height);
        this.paint(Math.round(inner * this.ratio), 1, 0, this.span);
        context.imageSmoothingEnabled = false;
        context.drawImage(this.paper, left, 4, inner, height - 8);
        const x = left + this.begin / this.span * inner;
        const seen = Math.max(this.bytes / this.span * inner, 3);
        context.lineWidth = 2;
        context.strokeStyle = this.colour("mark");
        context.strokeRect(Math.min(x + 1, width - 3), 1, Math.max(seen - 2, 1), height - 2);
    }
}
