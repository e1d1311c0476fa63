/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs within the page (check.py). Sends the window around it what a reader could not see or read,
   as texts. `expected`: the ids of the sections that must have a chart. */
const SMALLEST_TEXT = 10;  /* CSS pixels */
const FEWEST_MARKS = 4;    /* lines, points or bars of a chart */
const problems = [];

function nameOf(element) {
    const plot = element.closest("svg.plot");
    return (plot ? plot.querySelector("title").textContent + ": " : "") +
        `${element.tagName.toLowerCase()} '${element.textContent.trim().slice(0, 40)}'`;
}

function isDrawn(element) {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({visibilityProperty: true});
}

function findWideElements() {
    const width = document.documentElement.clientWidth;
    for (const element of document.querySelectorAll("html, body *")) {
        const right = element.getBoundingClientRect().right;
        if (right > width + 0.5 && isDrawn(element) && !element.closest(".scroll, pre")) {
            problems.push(`${nameOf(element)} ends at ${Math.round(right)} pixels of ${width}`);
        }
    }
}

function findMissingCharts() {
    for (const id of expected) {
        const marks = document.querySelectorAll(`#${id} svg.plot :is(path, use), #${id} .bar`);
        if ([...marks].filter(isDrawn).length < FEWEST_MARKS) {
            problems.push(`section ${id} has no chart`);
        }
    }
}

function findCutRows() {
    for (const text of document.querySelectorAll(".rows .name, .rows .value")) {
        if (isDrawn(text) && text.scrollWidth > text.clientWidth + 1) {
            problems.push(`${nameOf(text)} is wider than its column`);
        }
    }
}

function inspectTexts(plot) {
    const around = plot.getBoundingClientRect();
    const scale = plot.getScreenCTM().a;
    const texts = [...plot.querySelectorAll("text")]
        .map(text => [text, text.getBoundingClientRect()]);
    texts.forEach(([text, box], index) => {
        const size = parseFloat(getComputedStyle(text).fontSize) * scale;
        if (size < SMALLEST_TEXT) {
            problems.push(`${nameOf(text)} is ${size.toFixed(1)} pixels high`);
        }
        if (box.left < around.left - 1 || box.right > around.right + 1 ||
            box.top < around.top - 1 || box.bottom > around.bottom + 1) {
            problems.push(`${nameOf(text)} is cut off`);
        }
        for (const [other, its] of texts.slice(index + 1)) {
            const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
            const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
            if (across > 1 && down > 0.35 * Math.min(box.height, its.height)) {
                problems.push(`${nameOf(text)} and '${other.textContent.trim()}' overlap`);
            }
        }
    });
}

addEventListener("error", event =>
    problems.push(event.message || `cannot load ${event.target.src}`), true);
addEventListener("load", async () => {
    await document.fonts.ready;
    document.querySelectorAll("details").forEach(details => { details.open = true; });
    findWideElements();
    findMissingCharts();
    findCutRows();
    [...document.querySelectorAll("svg.plot")].filter(isDrawn).forEach(inspectTexts);
    for (const resource of performance.getEntriesByType("resource")) {
        problems.push(`the page asks for ${resource.name}`);
    }
    parent.postMessage({window: name, problems}, "*");
});
