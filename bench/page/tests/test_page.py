#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Tests of the page: it is made from sample results and looked at in a browser, and the look is
shown pages that it must refuse.

    bench/page/tests/test_page.py"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PAGE))

import palette  # noqa: E402
import verdict  # noqa: E402
from check import expected_charts, problems_of  # noqa: E402
from results import REQUIRED, Results  # noqa: E402

ROOT = PAGE.parents[1]
RECORDED = [ROOT / "docs" / "figures.json", ROOT / "bench" / "worst_case" / "cost.json"]


class PageTest(unittest.TestCase):
    """Each case has sample results in a new folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.results = Path(folder.name)
        self.page, self.merged = self.results / "page.html", self.results / "merged" / "all.json"
        self.merged.parent.mkdir()
        subprocess.run([PAGE / "tests" / "sample_results", self.results], check=True)
        for recorded in RECORDED:
            shutil.copy(recorded, self.results)

    def change(self, producer, change):
        """Lets change() edit the records of a producer."""
        path = self.results / f"{producer}.json"
        content = json.loads(path.read_text())
        change(content["records"])
        path.write_text(json.dumps(content))

    def make(self):
        """Makes the page. Returns the finished command."""
        return subprocess.run([PAGE / "write.py", self.results, self.page, self.merged],
                              capture_output=True, text=True)

    def text(self):
        done = self.make()
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.page.read_text()

    def charts(self):
        return expected_charts(Results(self.results))

    def verdict(self):
        return [line.text for line in verdict.lines(Results(self.results))]

    def refused(self, message):
        done = self.make()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(message, done.stderr)


class Look(PageTest):
    def test_page_of_sample_results_has_no_problem(self):
        self.assertIn('id="sample"', self.text())
        self.assertEqual(self.charts(), ["average", "calls", "firmware", "holes", "mistakes"])
        self.assertEqual(problems_of(self.page, self.charts()), [])

    def test_missing_chart_is_found(self):
        self.text()
        self.assertEqual(problems_of(self.page, ["pdp-11"]),
                         ["laptop: section pdp-11 has no chart",
                          "phone: section pdp-11 has no chart"])

    # Markup that is put into the page, and the problem that it must cause.
    FAULTS = {
        "<img alt='' src='http://fault.invalid/a.png'>": "cannot load http://fault.invalid/a.png",
        "<style>@font-face { font-family: F; src: url(http://fault.invalid/f) }"
        "h1 { font-family: F }</style>": "asks for http://fault.invalid/f",
        "<script>throw Error('fault')</script>": "laptop: Uncaught Error: fault",
        "<div style='width: 500px'>fault</div>": "phone: div 'fault' ends at",
        "<style>svg.plot path, svg.plot use { display: none }</style>": "section holes has no",
        "<style>#mistakes .bar { width: 0 !important; min-width: 0 }</style>":
            "section mistakes has no chart",
        "<style>.rows .value { width: 2em }</style>": "is wider than its column",
        "<style>svg.plot { max-width: 200px }</style>": "pixels high",
        "<style>svg.plot text { font-size: 34px !important }</style>": "overlap",
        "<style>svg.plot text { translate: 200px 0 }</style>": "is cut off",
    }

    def test_each_fault_is_found(self):
        text = self.text()
        for fault, problem in self.FAULTS.items():
            with self.subTest(fault):
                self.page.write_text(text.replace("<h2>What it costs", fault + "<h2>What it costs"))
                found = problems_of(self.page, self.charts())
                self.assertTrue(any(problem in text for text in found), found)


class Content(PageTest):
    def test_every_section_and_every_id_once(self):
        ids = re.findall(r'\bid="([^"]+)"', self.text())
        self.assertEqual(len(ids), len(set(ids)))
        self.assertLessEqual(set(self.charts()), set(ids))

    def test_headline_is_the_bound_on_a_cortex_m4(self):
        text, sentences = self.text(), self.verdict()
        self.assertIn("Every malloc ends within <em>116 instructions.</em>", text)
        self.assertIn("On a Cortex-M4, every free within 112,", text)
        self.assertIn("in a malloc on a Cortex-M4, 112 in a free", sentences[0])

    def test_verdict_stands_on_the_page(self):
        text = self.text().replace("\u00a0", " ").replace("&#39;", "'")
        sentences = self.verdict()
        self.assertEqual(len(sentences), 6)
        for sentence in sentences:
            self.assertIn(sentence, text)

    def test_missing_producers_are_named(self):
        for producer in ("executed", "holes", "firmware", "latency", "throughput", "memory"):
            (self.results / f"{producer}.json").unlink()
        text = self.text()
        for section in ("holes", "calls", "firmware", "average"):
            shown = re.search(f'<section id="{section}".*?</section>', text, re.DOTALL)[0]
            self.assertIn("Not measured.", shown)
            self.assertNotIn("<svg", shown)
        self.assertEqual(self.verdict().count("not measured in this run."), 4)

    def test_no_results_claim_nothing(self):
        for path in self.results.glob("*.json"):
            path.unlink()
        text = self.text()
        self.assertNotIn("at most", text)
        self.assertNotIn("ends within", text)
        self.assertEqual(text.count("Not measured."), len(REQUIRED))
        self.assertEqual(self.verdict(), ["not measured in this run."] * 6)
        self.assertEqual(problems_of(self.page, self.charts()), [])

    def test_exceeded_bound_is_named(self):
        def exceed(records):
            records[0]["max_instructions"] = records[0]["bound"] + 1
        self.change("executed", exceed)
        text = self.text()
        self.assertIn('id="broken"', text)
        self.assertNotIn("Every malloc ends within", text)
        self.assertIn("1 maxima exceeded a bound", self.verdict()[1])

    def test_bound_exceeded_by_firmware_is_named(self):
        def exceed(records):
            next(record for record in records if record["allocator"] == "fmemp")["free_most"] = 113
        self.change("firmware", exceed)
        self.assertIn("free of cjson, 113 instructions executed, bound 112", self.text())

    def test_growing_maxima_are_not_flat(self):
        def grow(records):
            next(record for record in records if record["driver"] == "crafted"
                 and record["live_blocks"] == 1000)["max_instructions"] -= 5
        self.assertIn("It is the same with", self.text())
        self.change("executed", grow)
        self.assertNotIn("It is the same with", self.text())

    def test_failed_part_is_named(self):
        run = {"quick": True, "parts": [{"name": "latency", "status": 3, "seconds": 1}]}
        (self.results / "run.json").write_text(json.dumps(run))
        text = self.text()
        self.assertIn("<strong>latency failed</strong> with status 3", text)
        self.assertIn("quick run", text)
        self.assertIn("Every malloc ends within", text)

    def test_failed_bound_is_not_claimed(self):
        run = {"quick": False, "parts": [{"name": "static bound", "status": 1, "seconds": 1}]}
        (self.results / "run.json").write_text(json.dumps(run))
        text = self.text()
        self.assertNotIn("Every malloc ends within", text)
        self.assertIn("static bound failed", text)

    def test_percentile_needs_enough_calls(self):
        def few(records):
            for record in records:
                record["calls"] = 50000
        self.assertIn("99.999 % of the calls", self.text())
        self.change("latency", few)
        text = self.text()
        self.assertNotIn("99.999 % of the calls", text)
        self.assertIn("99.99 % of the calls", text)

    def test_record_without_promised_member_is_refused(self):
        self.change("memory", lambda records: records[3].pop("ratio"))
        self.refused("memory.json: record 3 lacks ratio")

    def test_no_records_are_refused(self):
        self.change("bound", lambda records: records.clear())
        self.refused("bound.json: no record")

    def test_merged_results_hold_every_record(self):
        self.text()
        merged = json.loads(self.merged.read_text())
        self.assertTrue(merged["sample"])
        self.assertFalse(merged["missing"])
        for producer in REQUIRED:
            content = json.loads((self.results / f"{producer}.json").read_text())
            self.assertEqual(merged["records"][producer], content["records"])


class Colours(unittest.TestCase):
    """Contrast as the web's accessibility guidelines define it: 4.5 for text, 3 for lines."""

    @staticmethod
    def luminance(colour):
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                  for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear))

    def contrast(self, one, other, scheme):
        low, high = sorted(self.luminance(palette.COLOURS[name][scheme]) for name in (one, other))
        return (high + 0.05) / (low + 0.05)

    def test_text_and_lines_stand_out(self):
        for name in palette.COLOURS.keys() - {"page", "card", "rule"}:
            least = 3 if name == "neutral" else 4.5
            for paper in ("page", "card"):
                for scheme in (0, 1):
                    with self.subTest(name, paper=paper, scheme=scheme):
                        self.assertGreaterEqual(self.contrast(name, paper, scheme), least)

    def test_styles_name_no_other_colour(self):
        for file in ("page.css", "page.html"):
            self.assertEqual(re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", (PAGE / file).read_text()),
                             [])


if __name__ == "__main__":
    unittest.main()
