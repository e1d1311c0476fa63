#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks at a page of bench/page/write.py in headless Chromium, in the windows of a laptop and of a
phone: the page loads without an error and without the network, nothing is wider than the window or
its column, every chart is there, and every text in a plot is large enough and overlaps no other.

    bench/page/check.py PAGE RESULTS

RESULTS is the folder that the page was made from: it says which charts there must be. Prints each
problem; status 0 if and only if there is none."""

import html
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from results import Results

INSPECTION = Path(__file__).with_name("inspect.js")
WINDOWS = {"laptop": (1366, 768), "phone": (390, 844)}
CHROMIUM = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=30000", "--dump-dom"]
AROUND = """<!DOCTYPE html><pre id="found"></pre>
<script>addEventListener("message", event => {
    found.textContent += JSON.stringify(event.data) + "\\n"; });</script>
"""


def expected_charts(results):
    """The sections that must have a chart, from the results alone and not from what draws them."""
    sections = {"holes": results.holes, "calls": results.executed, "firmware": results.firmware,
                "mistakes": results.mistakes, "average": results.latency}
    return sorted(section for section, records in sections.items() if records)


def problems_of(page, charts):
    """What is wrong with a page, as texts. It is looked at in one frame a window."""
    script = f"<script>const expected = {json.dumps(charts)};\n{INSPECTION.read_text()}</script>"
    frames = [f'<iframe name="{name}" width="{width}" height="{height}" src="page.html"></iframe>'
              for name, (width, height) in WINDOWS.items()]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "page.html").write_text(
            Path(page).read_text().replace("<head>", "<head>" + script, 1))
        around = Path(folder) / "around.html"
        around.write_text(AROUND + "\n".join(frames))
        shown = subprocess.run([*CHROMIUM, f"--user-data-dir={folder}/profile", around.as_uri()],
                               capture_output=True, text=True, timeout=300).stdout
    lines = html.unescape(re.search('<pre id="found">(.*?)</pre>', shown, re.DOTALL)[1])
    found = {seen["window"]: seen["problems"] for seen in map(json.loads, lines.splitlines())}
    return [f"{window}: {problem}" for window in WINDOWS
            for problem in found.get(window, ["the browser did not finish"])]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    page, results = sys.argv[1:]
    charts = expected_charts(Results(results))
    problems = problems_of(page, charts)
    print(*problems, f"page: {len(charts)} charts, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
