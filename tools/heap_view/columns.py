# SPDX-License-Identifier: BSD-3-Clause
"""Columns of numbers as text for the page: the smallest type that holds a column, one after the
other, compressed, in base64. page/data.js reads them."""

import base64
import sys
import zlib
from array import array
from itertools import chain

TYPES = {"u8": ("B", 1 << 8), "u16": ("H", 1 << 16), "u32": ("I", 1 << 32), "f64": ("d", 1 << 53)}
LEVEL = 6


def packed(columns):
    """columns: {name: numbers}. Returns the list that describes them, and the text."""
    arrays = {name: smallest_array(numbers) for name, numbers in columns.items()}
    ordered = sorted(arrays, key=lambda name: -arrays[name].itemsize)  # so that all are aligned
    described = [{"name": name, "type": type_name(arrays[name]), "count": len(arrays[name])}
                 for name in ordered]
    data = b"".join(little(arrays[name]) for name in ordered)
    return described, base64.b64encode(zlib.compress(data, LEVEL)).decode()


def smallest_array(numbers):
    top = max(numbers, default=0)
    code = next((code for code, end in TYPES.values() if top < end), None)
    if code is None:
        raise ValueError(f"{top} is more than a number of the page holds")
    return array(code, numbers)


def type_name(column):
    return next(name for name, (code, _) in TYPES.items() if code == column.typecode)


def little(column):
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()


def steps(numbers):
    """The first number and the differences, which compress better, if no number is smaller than
    the one before; else None."""
    differences = [behind - before for before, behind in zip(chain([0], numbers), numbers)]
    return None if min(differences, default=0) < 0 else differences
