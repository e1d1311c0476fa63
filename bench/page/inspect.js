/* SPDX-License-Identifier: BSD-3-Clause */
/* Looks at the page as it is laid out, and returns what a reader could not see or read, as texts.
   arguments: the ids of the plots that must be there. */
const [expected] = arguments;
const SMALLEST_TEXT = 10;  /* CSS pixels */
const problems = [];

/* What is folded is looked at unfolded. Of a long table the first rows stand for the others. */
const folded = [...document.querySelectorAll("details:not([open])")];
folded.forEach(details => { details.open = true; });
const elements = [...document.querySelectorAll("body *:not(tr:nth-child(n+4), tr:nth-child(n+4) *)")];

function name_of(element) {
    const plot = element.closest("svg.plot");
    return (plot ? plot.querySelector("title").textContent + ": " : "") +
        (element.id ? "#" + element.id : element.tagName.toLowerCase()) +
        " '" + element.textContent.trim().slice(0, 40) + "'";
}

function parse(colour) {
    const parts = colour.match(/[\d.]+/g);
    return parts && {rgb: parts.slice(0, 3).map(Number), alpha: parts.length > 3 ? +parts[3] : 1};
}

function luminance(rgb) {
    const [r, g, b] = rgb.map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}

/* The opaque colour that lies behind an element. */
function paper(element) {
    for (let at = element; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour && colour.alpha === 1) {
            return colour.rgb;
        }
    }
    return [255, 255, 255];
}

function has_own_text(element) {
    return [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
}

function is_drawn(element) {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({visibilityProperty: true});
}

/* ---- nothing is wider than the page ----------------------------------------------------- */
const width = document.documentElement.clientWidth;
const needed = document.documentElement.scrollWidth;
if (needed > width) {
    problems.push(`the page is ${needed} pixels wide, its window ${width}`);
}
for (const element of elements) {
    const box = element.getBoundingClientRect();
    if (is_drawn(element) && box.right > width + 0.5 && !element.closest(".wide, pre")) {
        problems.push(`${name_of(element)} ends at ${Math.round(box.right)} pixels of ${width}`);
    }
}

/* ---- every plot is there ---------------------------------------------------------------- */
for (const id of expected) {
    const title = document.getElementById(id + "-title");
    const plot = title && title.closest("svg");
    if (!plot || !is_drawn(plot)) {
        problems.push(`plot ${id} is missing or not visible`);
    } else if (plot.querySelectorAll("path, use").length < 5) {
        problems.push(`plot ${id} is empty`);
    } else if (!document.getElementById(id + "-text").textContent.trim()) {
        problems.push(`plot ${id} has no description`);
    }
}
const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
    problems.push(`id ${id} is used twice`);
}

/* ---- every text can be read ------------------------------------------------------------- */
let texts = 0;
for (const element of elements) {
    if (!has_own_text(element) || ["title", "desc", "STYLE", "SCRIPT"].includes(element.tagName) ||
        !is_drawn(element)) {
        continue;
    }
    texts++;
    const style = getComputedStyle(element);
    const svg = element.ownerSVGElement;
    const scale = svg ? svg.getScreenCTM().a : 1;
    const size = parseFloat(style.fontSize) * scale;
    if (size < SMALLEST_TEXT) {
        problems.push(`${name_of(element)} is ${size.toFixed(1)} pixels high`);
    }
    const ink = parse(svg ? style.fill : style.color);
    const ratio = ink ? contrast(ink.rgb, paper(element)) : 0;
    const bold = +style.fontWeight >= 600;
    if (ratio < (size >= 24 || bold && size >= 18.66 ? 3 : 4.5)) {
        problems.push(`${name_of(element)} has a contrast of ${ratio.toFixed(2)}`);
    }
    if (svg) {
        const box = element.getBoundingClientRect(), around = svg.getBoundingClientRect();
        if (box.left < around.left - 1 || box.right > around.right + 1 ||
            box.top < around.top - 1 || box.bottom > around.bottom + 1) {
            problems.push(`${name_of(element)} is cut off`);
        }
    }
}

/* ---- no two texts of a plot lie on each other ------------------------------------------- */
for (const plot of document.querySelectorAll("svg.plot")) {
    const boxes = [...plot.querySelectorAll("text")]
        .map(text => [text, text.getBoundingClientRect()]);
    boxes.forEach(([text, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 0.35 * Math.min(a.height, b.height)) {
            problems.push(`${name_of(text)} and '${other.textContent.trim()}' lie on each other`);
        }
    }));
}

/* ---- lines and bars stand out ----------------------------------------------------------- */
let marks = 0;
for (const mark of document.querySelectorAll("svg.plot path, svg.plot use")) {
    const box = mark.getBoundingClientRect();
    if (mark.closest("defs, clipPath") || !mark.checkVisibility() || box.width + box.height === 0) {
        continue;
    }
    const style = getComputedStyle(mark);
    const colour = [style.stroke, style.fill].map(parse).find(found => found && found.alpha === 1);
    const given = mark.getAttribute("style") || "";
    if (colour && /--(accent|series|neutral)/.test(given)) {
        marks++;
        const ratio = contrast(colour.rgb, paper(mark));
        if (ratio < 3) {
            problems.push(`a mark in ${name_of(mark)} has a contrast of ${ratio.toFixed(2)}`);
        }
    }
}
folded.forEach(details => { details.open = false; });
return {problems, texts, marks};
