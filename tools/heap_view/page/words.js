/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers in words, and elements of the page. */
"use strict";

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

function count(number) {
    return number.toLocaleString("en");
}

function inBytes(number) {
    return number === 1 ? "1 byte" : `${count(number)} bytes`;
}

/* Three digits and a unit, for a glance. */
function inShort(number) {
    let unit = 0;
    while (number >= 1024 && unit < UNITS.length - 1) {
        number /= 1024;
        unit += 1;
    }
    const digits = unit === 0 || number >= 100 ? 0 : number >= 10 ? 1 : 2;
    return `${number.toLocaleString("en", {maximumFractionDigits: digits})} ${UNITS[unit]}`;
}

function inPercent(part) {
    return `${(100 * part).toLocaleString("en", {maximumFractionDigits: part < 0.1 ? 1 : 0})} %`;
}

function plural(number, word) {
    return `${count(number)} ${word}${number === 1 ? "" : "s"}`;
}

function byId(id) {
    return document.getElementById(id);
}

/* An element with properties, and with texts or elements in it. */
function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

/* Gives a canvas so many pixels; at least one, as an empty canvas cannot be drawn. */
function fitPixels(canvas, width, height) {
    canvas.width = Math.max(Math.round(width), 1);
    canvas.height = Math.max(Math.round(height), 1);
}

/* A button that looks like a link to some place of the heap. */
function linkTo(text, action) {
    const button = make("button", {type: "button", className: "link"}, text);
    button.addEventListener("click", action);
    return button;
}
