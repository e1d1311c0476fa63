/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the data of the page: a head of names and options, and columns of numbers as
   tools/heap_view/columns.py packs them. */

const ARRAYS = {u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f64: Float64Array};

async function readData() {
    const head = JSON.parse(byId("head").textContent);
    if (typeof DecompressionStream === "undefined") {
        throw new Error("This browser is too old to unpack the data: it needs " +
            "DecompressionStream, as Chrome 80, Firefox 113 and Safari 16.4 have it.");
    }
    let bytes;
    try {
        bytes = await unpacked(byId("columns").textContent.trim());
    } catch (error) {
        throw new Error(`The data of this page is damaged or incomplete (${error.message}). ` +
            "Write the page again.");
    }
    return {head, columns: columnsIn(bytes, head.columns)};
}

async function unpacked(text) {
    const packed = atob(text);
    const bytes = new Uint8Array(packed.length);
    for (let place = 0; place < packed.length; place++) {
        bytes[place] = packed.charCodeAt(place);
    }
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer();
}

function columnsIn(buffer, described) {
    const isLittle = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
    const columns = {};
    let offset = 0;
    if (!isLittle) {
        throw new Error("The data of this page is for little-endian machines.");
    }
    for (const {name, type, count} of described) {
        columns[name] = new ARRAYS[type](buffer, offset, count);
        offset += columns[name].byteLength;
    }
    if (offset !== buffer.byteLength) {
        throw new Error(`The data of this page has ${buffer.byteLength} bytes, not ${offset}.`);
    }
    return columns;
}

/* A column from its first number and the differences. */
function summed(steps) {
    const numbers = new Float64Array(steps.length);
    let sum = 0;
    for (let place = 0; place < steps.length; place++) {
        numbers[place] = sum += steps[place];
    }
    return numbers;
}
