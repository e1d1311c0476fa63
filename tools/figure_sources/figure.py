# SPDX-License-Identifier: BSD-3-Clause
"""What every source of figures needs: its error, commands, and how numbers and tables look."""

import subprocess


class FigureError(Exception):
    """There is no figure or table of this name, or its source does not work."""


def output_of(*command):
    """What a command prints."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except OSError as error:
        raise FigureError(str(error)) from error
    if done.returncode != 0:
        raise FigureError(f"{' '.join(words)} ends with status {done.returncode}: "
                          f"{(done.stdout + done.stderr)[-500:].strip()}")
    return done.stdout


def text_of(value):
    """A number with separators of thousands; a text as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value)


def table_of(columns, rows, left=1):
    """A Markdown table whose first `left` columns are words, and the others numbers."""
    lines = [list(columns), ["---"] * left + ["---:"] * (len(columns) - left)]
    lines += [[text_of(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
