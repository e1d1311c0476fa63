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
        self.page = None
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

    def open(self, page, width, height):
        """Loads the page into a window of that size."""
        self.driver.get_log("browser")
        self.page = Path(page).resolve().as_uri()
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})
        self.driver.get(self.page)
        self.wait()

    def set_scheme(self, scheme):
        """Asks the page for its light or its dark colours."""
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.wait()

    def wait(self):
        """Until the page is laid out."""
        self.driver.execute_async_script(
            "const done = arguments[0]; "
            "document.fonts.ready.then(() => requestAnimationFrame(() => done()))")

    def complaints(self):
        """What the console has said since the last call."""
        return [f"{entry['level']}: {entry['message']}" for entry in
                self.driver.get_log("browser")]

    def requests(self):
        """The URLs that the page has asked for since the last call, besides itself and what it
        holds inline."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            # Chromium's own first page may still be loading.
            if message["method"] == "Network.requestWillBeSent" and \
                    message["params"]["documentURL"] == self.page:
                url = message["params"]["request"]["url"]
                if url != self.page and not url.startswith("data:"):
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


def problems_of(browser, plots, scheme):
    """What is wrong with the page that is open, as texts; plots are the ids of those it must
    hold."""
    browser.set_scheme(scheme)
    found = browser.inspect(plots)
    problems = found["problems"]
    problems += [f"the console says {text}" for text in browser.complaints()]
    problems += [f"the page asks for {url}" for url in browser.requests()]
    if not found["texts"] or plots and not found["marks"]:
        problems.append("there is nothing to read or nothing drawn")
    return problems
