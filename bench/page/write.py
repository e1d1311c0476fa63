#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes the results of a bench/run as one HTML page, and as one JSON file for machines.

    bench/page/write.py RESULTS PAGE [MERGED]

RESULTS is the folder with the producers' JSON files. The page needs nothing else: no network, no
font, no script. It says "not measured" for a producer without a file."""

import json
import sys
from pathlib import Path

from results import InvalidResults, Results


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    try:
        results = Results(sys.argv[1])
    except InvalidResults as error:
        sys.exit(f"bench/page/write.py: {error}")
    from content import render
    Path(sys.argv[2]).write_text(render(results), encoding="utf-8")
    if len(sys.argv) == 4:
        Path(sys.argv[3]).write_text(json.dumps(results.merged()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
