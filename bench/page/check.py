#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Looks at a page of bench/page/write.py in headless Chromium, in the windows of a laptop and of a
phone: the page loads without an error and without the network, nothing is wider than the window,
every plot is there, and every text in a plot is large enough and overlaps no other.

    bench/page/check.py PAGE RESULTS

RESULTS is the folder that the page was made from: it says which plots there must be. Prints each
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
DRAWN = {"malloc", "free", "memalign", "realloc"}


def plot_id(*words):
    return re.sub(r"\W", "-", "-".join(words))


def expected_plots(results):
    """Ids of the plots, from the results alone and not from what draws them: for each target that
    was executed at the default level one against live blocks and one against the pool's size, one
    for each function and state of the caches, at least one for each kind of load, and memory."""
    bounded = [record for record in results.executed
               if record["layout"] == "compact" and record["bound"] is not None]
    levels = {record["hardening"] for record in bounded}
    level = 1 if 1 in levels else min(levels, default=None)
    plots = {"memory"} if results.memory else set()
    for record in bounded:
        if record["hardening"] == level and record["function"].removeprefix("tlsf_") in DRAWN:
            plots |= {plot_id("calls-live_blocks", record["target"]),
                      plot_id("calls-pool_bytes", record["target"])}
            if record.get("max_cache_lines") is not None:
                plots.add(plot_id("cache-lines", record["target"]))
    plots |= {plot_id("latency", record["cache"], record["function"]) for record in results.latency}
    plots |= {plot_id("throughput", record["kind"], "0") for record in results.throughput}
    return sorted(plots)


def problems_of(page, plots):
    """What is wrong with a page, as texts. It is looked at in one frame a window."""
    script = f"<script>const expected = {json.dumps(plots)};\n{INSPECTION.read_text()}</script>"
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
    plots = expected_plots(Results(results))
    problems = problems_of(page, plots)
    print(*problems, f"page: {len(plots)} plots, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
