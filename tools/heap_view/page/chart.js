/* SPDX-License-Identifier: BSD-3-Clause */
/* What was used and free over time: memory above, fragmentation below, and a mark for each failed
   request. Events are equally wide, whatever time passed between them. */

const CHART = {left: 66, right: 12, top: 10, between: 26, bottom: 20, lower: 0.28};

class Chart {
    constructor(canvas, history) {
        Object.assign(this, {canvas, history});
        this.first = history.first;
        this.last = history.count;
        this.plots = document.createElement("canvas");
        this.resize();
    }

    resize() {
        this.ratio = Math.min(window.devicePixelRatio || 1, 2);
        this.width = this.canvas.clientWidth;
        this.height = this.canvas.clientHeight;
        this.left = this.width < NARROW ? 48 : CHART.left;
        this.inner = this.width - this.left - CHART.right;
        const room = this.height - CHART.top - CHART.between - CHART.bottom;
        this.upper = {top: CHART.top, height: room * (1 - CHART.lower)};
        this.lower = {top: CHART.top + this.upper.height + CHART.between,
                      height: room * CHART.lower};
        this.styles = getComputedStyle(document.documentElement);
        for (const canvas of [this.canvas, this.plots]) {
            fitPixels(canvas, this.width * this.ratio, this.height * this.ratio);
        }
        this.drawPlots();
    }

    colour(name) {
        return this.styles.getPropertyValue(`--${name}`);
    }

    xOf(moment) {
        return this.left + (moment - this.first) / Math.max(this.last - this.first, 1) * this.inner;
    }

    momentAt(x) {
        const part = Math.min(Math.max((x - this.left) / this.inner, 0), 1);
        return this.first + Math.round(part * (this.last - this.first));
    }

    /* ---- the plots, which are drawn once --------------------------------------------------- */

    drawPlots() {
        const context = this.plots.getContext("2d");
        const {history} = this;
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        context.clearRect(0, 0, this.width, this.height);
        this.most = Math.max(largestOf(history.peak, this.first),
                             largestOf(history.largest, this.first), 1);
        const fragmentation = moment => {
            const free = history.total[moment] - history.used[moment];
            return free > 0 ? 1 - history.largest[moment] / free : 0;
        };
        this.drawAxis(context, this.upper, bytesTicks(this.most), this.most, inShort);
        this.drawAxis(context, this.lower, [0, 0.5, 1], 1, inPercent);
        this.drawEvents(context);
        this.drawSeries(context, this.upper, moment => history.used[moment], this.most, "accent",
                        true);
        this.drawSeries(context, this.upper, moment => history.largest[moment], this.most,
                        "largest");
        context.setLineDash([5, 3]);
        this.drawSeries(context, this.upper, moment => history.peak[moment], this.most, "ink");
        context.setLineDash([]);
        this.drawSeries(context, this.lower, fragmentation, 1, "frag", true);
        this.drawFailures(context);
    }

    drawAxis(context, panel, ticks, most, words) {
        context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
        context.textAlign = "right";
        context.textBaseline = "middle";
        for (const tick of ticks) {
            const y = Math.round(panel.top + panel.height * (1 - tick / most)) + 0.5;
            context.strokeStyle = this.colour("rule");
            context.lineWidth = 1;
            context.beginPath();
            context.moveTo(this.left, y);
            context.lineTo(this.width - CHART.right, y);
            context.stroke();
            context.fillStyle = this.colour("muted");
            context.fillText(words(tick), this.left - 8, y);
        }
    }

    drawEvents(context) {
        const all = this.last - this.first;
        const step = niceStep(all / Math.max(this.inner / 130, 1));
        context.textAlign = "center";
        context.textBaseline = "top";
        context.fillStyle = this.colour("muted");
        for (let event = 0; event <= all; event += step) {
            const x = Math.min(this.xOf(this.first + event), this.width - 28);
            context.fillText(count(event), x, this.height - CHART.bottom + 6);
        }
    }

    /* One column of pixels shows the smallest and the largest value of its moments. */
    drawSeries(context, panel, valueAt, most, name, isFilled = false) {
        const yOf = value => panel.top + panel.height * (1 - value / most);
        const columns = Math.max(Math.round(this.inner), 1), all = this.last - this.first;
        const points = [];
        for (let column = 0; column <= Math.min(columns, all); column++) {
            const parts = Math.min(columns, all) || 1;
            const from = this.first + Math.floor(column / parts * all);
            const to = Math.max(this.first + Math.floor((column + 1) / parts * all), from + 1);
            let low = Infinity, high = -Infinity;
            for (let moment = from; moment < Math.min(to, this.last + 1); moment++) {
                const value = valueAt(moment);
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
            points.push([this.xOf(from), yOf(high), yOf(low)]);
        }
        context.beginPath();
        points.forEach(([x, high, low], number) => {
            context.lineTo(x, number % 2 ? low : high);
            context.lineTo(x, number % 2 ? high : low);
        });
        context.lineWidth = 1.6;
        context.lineJoin = "round";
        context.strokeStyle = this.colour(name);
        context.stroke();
        if (isFilled) {
            context.lineTo(points[points.length - 1][0], yOf(0));
            context.lineTo(points[0][0], yOf(0));
            context.globalAlpha = 0.16;
            context.fillStyle = this.colour(name);
            context.fill();
            context.globalAlpha = 1;
        }
    }

    drawFailures(context) {
        context.fillStyle = this.colour("alert");
        let last = -Infinity;
        const y = this.upper.top + this.upper.height + 4;
        for (const event of this.history.failures) {
            const x = this.xOf(event);
            if (x - last >= 2) {
                context.beginPath();
                context.moveTo(x, y);
                context.lineTo(x + 4, y + 8);
                context.lineTo(x - 4, y + 8);
                context.fill();
                last = x;
            }
        }
    }

    /* ---- the moment ------------------------------------------------------------------------ */

    draw() {
        const context = this.canvas.getContext("2d");
        const x = this.xOf(this.history.now);
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.clearRect(0, 0, this.canvas.width, this.canvas.height);
        context.drawImage(this.plots, 0, 0);
        context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
        context.fillStyle = this.colour("mark");
        context.fillRect(x - 0.75, this.upper.top - 4, 1.5,
                         this.lower.top + this.lower.height - this.upper.top + 4);
        this.drawDot(context, x, this.upper, this.history.used[this.history.now] / this.most);
    }

    drawDot(context, x, panel, part) {
        context.beginPath();
        context.arc(x, panel.top + panel.height * (1 - part), 4, 0, 2 * Math.PI);
        context.fill();
    }
}

function largestOf(numbers, first) {
    let largest = 0;
    for (let place = first; place < numbers.length; place++) {
        largest = Math.max(largest, numbers[place]);
    }
    return largest;
}

/* 1, 2 or 5 times a power of ten, at least 1. */
function niceStep(least) {
    const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
    return Math.max([1, 2, 5, 10].map(factor => factor * power).find(step => step >= least), 1);
}

/* At most five ticks, at powers of two or half of them. */
function bytesTicks(most) {
    const step = 2 ** Math.ceil(Math.log2(Math.max(most, 4) / 4));
    return Array.from({length: Math.floor(most / step) + 1}, (_, number) => number * step);
}
