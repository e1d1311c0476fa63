# SPDX-License-Identifier: BSD-3-Clause
"""How the page looks in a window: nothing is wider than it, every control has a name, can be
reached by keys and shows that it has the focus."""

from selenium.webdriver.common.keys import Keys

SMALLEST_TEXT = 11  # pixels
CONTROLS = "button, input, #strip"


def page_fits(result, browser, page, size):
    browser.open(page, size, is_dark=True)
    what = f"{size[0]} pixels"
    wide = browser.run("""const width = document.documentElement.clientWidth;
        return [...document.querySelectorAll("body *")].filter(one =>
            one.checkVisibility() && !one.closest(".scroll, .unseen, .unseen *") &&
            one.getBoundingClientRect().right > width + 0.5).map(one => one.outerHTML.slice(0, 80))
        """)
    result.check(not wide, f"{what}: nothing is wider than the window", "\n".join(wide[:5]))
    small = browser.run("""return [...document.querySelectorAll("body *")].filter(one =>
        one.checkVisibility() && [...one.childNodes].some(part => part.nodeType === 3 &&
        part.textContent.trim()) && parseFloat(getComputedStyle(one).fontSize) < arguments[0])
        .map(one => one.outerHTML.slice(0, 80))""", SMALLEST_TEXT)
    result.check(not small, f"{what}: every text is large enough", "\n".join(small[:5]))
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    result.check(paper == "rgb(15, 18, 22)", f"{what}: dark paper", paper)
    controls_have_names(result, browser, what)
    keys_reach_controls(result, browser, what)


def controls_have_names(result, browser, what):
    nameless = [control.get_attribute("outerHTML")[:80] for control in browser.all(CONTROLS)
                if control.is_displayed() and not control.accessible_name.strip()]
    result.check(not nameless, f"{what}: every control has a name", "\n".join(nameless))


def keys_reach_controls(result, browser, what):
    """Tab goes to each control of the address space and of time."""
    browser.run("document.activeElement.blur(); scrollTo(0, 0)")
    met = {}
    for _ in range(40):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        name, outline = browser.run("""const one = document.activeElement;
            const shown = one.matches("[type=radio]") ? one.nextElementSibling : one;
            return [one.id || one.name, getComputedStyle(shown).outlineStyle]""")
        met[name] = outline
    wanted = {"mode", "address", "zoom-out", "zoom-in", "zoom-all", "strip", "ask-size",
              "ask-align", "slider", "play", "event-before"}
    result.check(wanted <= set(met), f"{what}: keys reach every control", str(wanted - set(met)))
    unseen = [name for name in wanted & set(met) if met[name] == "none"]
    result.check(not unseen, f"{what}: the focus is seen", str(unseen))
