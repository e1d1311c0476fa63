# SPDX-License-Identifier: BSD-3-Clause
"""A page in headless Chromium, and what a person does with it and sees of it. The page has no
network. Nothing here looks at the page's own variables."""

import time

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND"]
DESK, PHONE = (1280, 900), (390, 844)
SECONDS_MAX = 60
TABLES_WAIT = 0.14   # the page fills its tables a little later than it draws


class Browser:
    def __init__(self):
        options = webdriver.ChromeOptions()
        for argument in ARGUMENTS:
            options.add_argument(argument)
        options.binary_location = "/usr/bin/chromium"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        service = webdriver.chrome.service.Service("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(service=service, options=options)
        self.driver.set_script_timeout(10 * SECONDS_MAX)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, path, size=DESK, is_dark=False):
        """Opens the page, and waits until it shows itself or says why not."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}]})
        self.driver.get(path.as_uri())
        end = time.monotonic() + SECONDS_MAX
        while self.problem().startswith("This page cannot show") and time.monotonic() < end \
                and not self.has_ended():
            time.sleep(0.05)
        self.settle()

    def has_ended(self):
        """Whether the file's last script is there, which a cut page lacks."""
        return self.run("return document.readyState === 'complete' && "
                        "typeof readData === 'undefined'")

    def settle(self):
        """Until the page has drawn and filled its tables."""
        self.driver.execute_async_script(
            f"setTimeout(arguments[0], {1000 * TABLES_WAIT})")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.find(selector).text

    def problem(self):
        """What the page says about itself; "" if all is well."""
        return self.text("#problem")

    def complaints(self):
        """Errors of scripts, and what the page wanted from the network."""
        logged = [entry["message"] for entry in self.driver.get_log("browser")
                  if entry["level"] == "SEVERE"]
        return logged + self.run("return performance.getEntriesByType('resource').map("
                                 "each => each.name)")

    # ---- what a person does ------------------------------------------------------------------

    def press(self, selector):
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        self.settle()

    def write(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)

    def keys(self, selector, *keys):
        element = self.find(selector)
        self.run("arguments[0].focus({preventScroll: true})", element)
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        self.settle()

    def click_at(self, selector, x, y):
        """At a point of an element, in pixels from its corner."""
        element = self.in_view(selector)
        self.pointer(element, x, y).click().perform()
        self.settle()

    def in_view(self, selector):
        element = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        return element

    def pointer(self, element, x, y):
        box = self.run("const box = arguments[0].getBoundingClientRect(); "
                       "return [box.width, box.height]", element)
        return ActionChains(self.driver, duration=20).move_to_element_with_offset(
            element, round(x - box[0] / 2), round(y - box[1] / 2))

    def drag(self, selector, x, y, across, down):
        element = self.in_view(selector)
        self.pointer(element, x, y).click_and_hold().move_by_offset(across, down).release() \
            .perform()
        self.settle()

    def turn_wheel(self, selector, x, y, down):
        element = self.in_view(selector)
        box = self.run("const box = arguments[0].getBoundingClientRect(); "
                       "return [box.left, box.top]", element)
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {
            "type": "mouseWheel", "x": box[0] + x, "y": box[1] + y, "deltaX": 0, "deltaY": down})
        self.settle()

    def slide_to(self, moment):
        """To the moment after so many events: a click near it, and then the keys of arrows."""
        slider = self.find("#slider")
        low, high = (int(slider.get_attribute(name)) for name in ("min", "max"))
        wanted = low + moment
        part = (wanted - low) / max(high - low, 1)
        width, height = slider.size["width"], slider.size["height"]
        self.click_at("#slider", 9 + part * (width - 18), height / 2)
        for _ in range(60):
            off = wanted - int(slider.get_attribute("value"))
            if off == 0:
                break
            key = Keys.ARROW_RIGHT if off > 0 else Keys.ARROW_LEFT
            slider.send_keys(key * min(abs(off), 50))
        self.settle()

    # ---- what a person sees ------------------------------------------------------------------

    def table(self, selector):
        """The texts of the cells, row by row."""
        return self.run("""return [...document.querySelectorAll(arguments[0] + " tbody tr")].map(
            row => [...row.children].map(cell => cell.innerText.trim()))""", selector)

    def list(self, selector):
        """A list of names and values."""
        return self.run("""const list = document.querySelector(arguments[0]);
            return list ? Object.fromEntries([...list.querySelectorAll("dt")].map(name =>
                [name.textContent, name.nextElementSibling.innerText.trim()])) : {}""", selector)

    def pixel(self, selector, x, y):
        """The colour of a point of a canvas: [red, green, blue]."""
        return self.run("""const canvas = document.querySelector(arguments[0]);
            const scale = canvas.width / canvas.clientWidth;
            return [...canvas.getContext("2d").getImageData(
                Math.floor(arguments[1] * scale), Math.floor(arguments[2] * scale), 1, 1).data]
                .slice(0, 3)""", selector, x, y)
