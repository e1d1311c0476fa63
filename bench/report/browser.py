# SPDX-License-Identifier: BSD-3-Clause
"""Opens a page in headless Chromium, and looks at it in one window after the other."""

import base64
import json
import os
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-extensions", "--disable-dev-shm-usage", "--hide-scrollbars",
           "--host-resolver-rules=MAP * ~NOTFOUND"]
WINDOWS = [("laptop", 1366, 768), ("phone", 390, 844)]
SCHEMES = ["light", "dark"]
INSPECTION = (Path(__file__).resolve().parent / "inspect.js").read_text(encoding="utf-8")


class Browser:
    """One Chromium with a new profile; a context manager."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="fmemp-page-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or "chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        for option in OPTIONS + [f"--user-data-dir={self.profile}"]:
            options.add_argument(option)
        try:
            self.driver = webdriver.Chrome(
                options=options, service=Service(shutil.which("chromedriver") or "chromedriver",
                                                 log_path=os.devnull))
        except WebDriverException:
            shutil.rmtree(self.profile, ignore_errors=True)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def open(self, page, width, height, scheme):
        """Loads the page into a window of that size under a colour scheme; returns what the
        console said, and each URL that was asked for besides the page."""
        tell = self.driver.execute_cdp_cmd
        tell("Emulation.setDeviceMetricsOverride",
             {"width": width, "height": height, "deviceScaleFactor": 2 if width < 700 else 1,
              "mobile": width < 700})
        tell("Emulation.setEmulatedMedia",
             {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        url = Path(page).resolve().as_uri()
        self.driver.get(url)
        self.driver.execute_async_script("document.fonts.ready.then(arguments[0])")
        said = [f"{entry['level']}: {entry['message']}" for entry in
                self.driver.get_log("browser")]
        return said, [asked for asked in self.requests() if asked != url]

    def requests(self):
        """The URLs that the page has asked for, what it holds inline left out."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith("data:"):
                    yield url

    def inspect(self, plots):
        """What inspect.js finds on the page."""
        return self.driver.execute_script(INSPECTION, plots)

    def photograph(self, path):
        """Writes the whole page as it is laid out as a PNG file."""
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot",
                                           {"format": "png", "captureBeyondViewport": True,
                                            "optimizeForSpeed": True})
        Path(path).write_bytes(base64.b64decode(shot["data"]))


def problems_of(browser, page, plots, window, scheme):
    """What is wrong with a page in one window, as texts; plots are the ids of those it must hold."""
    _, width, height = window
    said, requests = browser.open(page, width, height, scheme)
    problems = [f"the console says {text}" for text in said]
    problems += [f"the page asks for {url}" for url in requests]
    found = browser.inspect(plots)
    problems += found["problems"]
    if not found["texts"] or plots and not found["marks"]:
        problems.append("there is nothing to read or nothing drawn")
    return problems
