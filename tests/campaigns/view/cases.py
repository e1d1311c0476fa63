# SPDX-License-Identifier: BSD-3-Clause
"""What the page shows, beside what tests/campaigns/view/expected.py computes. Each case does what a
person does: it clicks, drags, types, and reads the texts."""

import math
import re

from selenium.webdriver.common.keys import Keys

ROW, TOP = 22, 2                 # pixels of a row of the strip, and above the first
EXACT = re.compile(r"([\d,]+) bytes?")
RELEASES_SHOWN = 12
SHORT_REASONS = {"no block that the search meets": "search", "larger than planned": "not planned"}


def bytes_in(text):
    found = EXACT.search(text)
    return int(found[1].replace(",", "")) if found else None


def numbers(*cells):
    return [int(cell.replace(",", "")) for cell in cells]


def percent(part):
    digits = 10 if part < 0.1 else 1
    return f"{math.floor(100 * part * digits + 0.5) / digits:g} %"


# ---- figures and tables --------------------------------------------------------------------------


def figures_are_shown(result, browser, moment, peak, what):
    """Exact bytes stand in the titles of the figures."""
    titles = browser.run("""return Object.fromEntries([...document.querySelectorAll(
        "#figures div")].map(box => [box.children[0].textContent,
        box.children[1].title || box.children[1].textContent]))""")
    shown = {name: bytes_in(title) for name, title in titles.items() if name != "Fragmentation"}
    result.check(shown == {"Used": moment.used_bytes, "Peak": peak, "Free": moment.free_bytes,
                           "Largest hole": moment.largest}, f"{what}: the figures", str(shown))
    result.check(titles["Fragmentation"] == percent(moment.fragmentation),
                 f"{what}: fragmentation {percent(moment.fragmentation)}", str(titles))


def show_all(browser, table):
    if browser.all(f"#{table} .more"):
        browser.press(f"#{table} .more")


def lines_of(cell):
    return [line for line in cell.split("\n") if line]


def owners_are_listed(result, browser, moment, what):
    show_all(browser, "owners")
    shown = [(row[0], *numbers(*row[1:3])) for row in browser.table("#owners")]
    wanted = moment.owners()
    result.check(sorted(shown) == sorted(wanted) and [row[2] for row in shown]
                 == [owner[2] for owner in wanted], f"{what}: the owners",
                 f"{shown}\ninstead of {wanted}")


def holes_are_listed(result, browser, moment, what):
    """Each with the owners and addresses of the blocks beside it."""
    show_all(browser, "holes")
    shown = [(row[0], numbers(row[1])[0], lines_of(row[2])) for row in browser.table("#holes")]
    wanted = [(moment.payload(hole), hole.bytes,
               [text for pin in moment.around(hole) for text in (pin.owner, moment.payload(pin))])
              for hole in moment.largest_holes()[:200]]
    result.check(shown == wanted, f"{what}: the holes and their pins",
                 f"{shown[:3]}\ninstead of {wanted[:3]}")


def classes_are_listed(result, browser, moment, layout, what):
    show_all(browser, "classes")
    rows = browser.table("#classes")
    shown = [tuple(numbers(*row[1:4])) for row in rows]
    wanted = moment.classes(layout)
    result.check(shown == list(wanted.values()), f"{what}: the size classes",
                 f"{shown}\ninstead of {wanted}")
    for row, number in zip(rows, wanted):
        least, *most = numbers(*row[0].split(" to "))
        result.check({layout.class_of(size) for size in (least, *most)} == {number}
                     and layout.class_of(least - layout.granule // 4) != number,
                     f"{what}: class {row[0]}")


def blocks_are_listed(result, browser, moment, what):
    """When the strip shows all. The first 200."""
    show_all(browser, "blocks")
    shown = [(row[0], row[1], numbers(row[2])[0], row[4]) for row in browser.table("#blocks")]
    wanted = [(moment.payload(piece), "hole" if piece.is_hole else "used", piece.bytes,
               piece.owner or "") for piece in moment.pieces[:200]]
    result.check(shown == wanted, f"{what}: the table of blocks",
                 f"{shown[:3]}\ninstead of {wanted[:3]}")


def moment_is_shown(result, browser, moment, peak, layout, what):
    figures_are_shown(result, browser, moment, peak, what)
    owners_are_listed(result, browser, moment, what)
    holes_are_listed(result, browser, moment, what)
    classes_are_listed(result, browser, moment, layout, what)
    blocks_are_listed(result, browser, moment, what)


# ---- the strip -----------------------------------------------------------------------------------


def points_of(browser, piece, moment, gap):
    """Where a piece must be drawn when the strip shows all: the middle of what lies in its first
    row. (x, y), or None if that is narrower than some pixels."""
    width, height = browser.run("const strip = document.getElementById('strip'); "
                                "return [strip.clientWidth, strip.clientHeight]")
    gutter = 92 if width > 640 else 0
    rows = (height - TOP) // ROW
    span, place = 0, None
    for pool in moment.pools:
        if piece in pool:
            place = span + piece.begin - pool[0].begin
        span += pool[-1].begin + pool[-1].bytes - pool[0].begin + gap
    each = (span - gap) / rows
    row = int(place // each)
    left = (place - row * each) / each * (width - gutter)
    right = min((place + piece.bytes - row * each) / each, 1) * (width - gutter)
    if right - left < 8:
        return None
    return gutter + (left + right) / 2, TOP + row * ROW + 8.5


def piece_is_described(result, browser, moment, piece, what, usable="Request"):
    panel = browser.list("#panel dl")
    right = panel.get("Address") == moment.payload(piece) \
        and bytes_in(panel.get("Size", "")) == piece.bytes
    if not piece.is_hole:
        right = right and panel.get("Owner") == piece.owner and (
            piece.size == 0 or bytes_in(panel[usable]) == piece.size)
    result.check(right, f"{what}: {moment.payload(piece)} of {piece.bytes} bytes, "
                        f"{piece.owner or 'a hole'}", str(panel))
    beside = browser.run("""return [...document.querySelectorAll("#panel ul small")].map(
                         place => place.textContent)""")
    result.check(beside == [moment.payload(one) for one in moment.around(piece)],
                 f"{what}: what lies around {moment.payload(piece)}", str(beside))


def blocks_are_clicked(result, browser, moment, gap, chosen, what, usable="Request"):
    """What is under the pointer is what lies there; its colour is its owner's."""
    browser.press("#zoom-all")
    for piece in chosen:
        point = points_of(browser, piece, moment, gap)
        if point is None:
            continue
        browser.keys("#strip", Keys.ESCAPE)
        colour = browser.pixel("#strip", point[0], point[1] - 7)  # above a name in it
        browser.click_at("#strip", *point)
        piece_is_described(result, browser, moment, piece, f"{what}: click", usable)
        if not piece.is_hole and browser.run("return document.querySelector("
                                             "'[name=mode]:checked').value") == "owner":
            swatch = browser.run("const one = document.querySelector('#panel dd .swatch'); "
                                 "return one && getComputedStyle(one).backgroundColor")
            result.check(swatch == f"rgb({colour[0]}, {colour[1]}, {colour[2]})",
                         f"{what}: the colour of {piece.owner}", f"{colour}, {swatch}")


def addresses_are_found(result, browser, moment, chosen, what, usable="Request"):
    for piece, inside in chosen:
        browser.write("#address", hex(piece.begin + inside % piece.bytes))
        browser.press("#search button")
        piece_is_described(result, browser, moment, piece, f"{what}: search", usable)
    browser.write("#address", "0x10")
    browser.press("#search button")
    result.check("Not in this heap" in browser.text("#panel"), f"{what}: an address outside")
    browser.write("#address", "ptr")
    browser.press("#search button")
    result.check("No address" in browser.text("#panel"), f"{what}: a word that is no address")


def strip_is_walked(result, browser, moment, what, usable="Request"):
    """By keys: from piece to piece, in and out."""
    browser.press("#zoom-all")
    browser.keys("#strip", Keys.ESCAPE, Keys.ARROW_RIGHT)
    piece_is_described(result, browser, moment, moment.pieces[0], f"{what}: first key", usable)
    browser.keys("#strip", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    piece_is_described(result, browser, moment, moment.pieces[2], f"{what}: third key", usable)
    browser.keys("#strip", "0")
    all_pieces = len(browser.table("#blocks"))
    browser.keys("#strip", "+", "+", "+", "+", "+")
    few = browser.table("#blocks")
    result.check(0 < len(few) < all_pieces and moment.payload(moment.pieces[2])
                 in [row[0] for row in few], f"{what}: zoomed in by keys", f"{len(few)}")
    browser.keys("#strip", "0")
    result.check(len(browser.table("#blocks")) == all_pieces, f"{what}: all again by a key")


def strip_is_dragged(result, browser, moment, gap, what):
    """The wheel zooms around what is under the pointer. A drag moves what is seen."""
    browser.press("#zoom-all")
    browser.keys("#strip", Keys.ESCAPE)
    piece = next(piece for piece in moment.used[len(moment.used) // 2:]
                 if points_of(browser, piece, moment, gap))
    x, y = points_of(browser, piece, moment, gap)
    browser.turn_wheel("#strip", x, y, -960)
    before = [row[0] for row in browser.table("#blocks")]
    result.check(0 < len(before) < min(len(moment.pieces), 200)
                 and moment.payload(piece) in before, f"{what}: the wheel zooms", str(before))
    for _ in range(3):
        browser.drag("#strip", 400, 250, 0, -220)
    behind = [row[0] for row in browser.table("#blocks")]
    result.check(behind and int(behind[0], 16) > int(before[0], 16),
                 f"{what}: a drag upwards shows higher addresses", f"{before[:2]} {behind[:2]}")
    browser.press("#zoom-all")


def luminance(colour):
    return 2 * colour[0] + 5 * colour[1] + colour[2]


def colours_show_size_and_age(result, browser, moment, gap, what):
    """On light paper a larger block is darker, and so is an older one."""
    seen = [(piece, points_of(browser, piece, moment, gap)) for piece in moment.used]
    seen = [(piece, point) for piece, point in seen if point]
    browser.press("#zoom-all")
    browser.keys("#strip", Keys.ESCAPE)
    for mode, key in (("size", lambda piece: piece.bytes), ("age", lambda piece: -piece.event)):
        browser.press(f"[value={mode}] + span")
        shades = {key(piece): luminance(browser.pixel("#strip", point[0], point[1] - 7))
                  for piece, point in seen}
        ordered = [shades[value] for value in sorted(shades)]
        result.check(all(one >= other for one, other in zip(ordered, ordered[1:]))
                     and ordered[0] > ordered[-1] + 100, f"{what}: shades of {mode}", str(ordered))
    browser.press("[value=owner] + span")


# ---- failures ------------------------------------------------------------------------------------


def answer_shown(browser):
    """What the panel says about a request."""
    return browser.run("""const text = one => one ? one.textContent : "";
        const pieces = list => [...list.children].filter(item => item.querySelector("small"))
            .map(item => ({address: item.querySelector("small").textContent,
                           bytes: item.querySelector("div > :last-child").textContent,
                           missing: text(item.querySelector(":scope > .note")),
                           pins: [...item.querySelectorAll(":scope > ul small")].map(text)}));
        const panel = document.getElementById("panel"), release = panel.querySelector("#release");
        const nearest = panel.querySelector("#nearest");
        return {reason: text(panel.querySelector("#reason")),
                sentence: [...panel.querySelectorAll("p")].map(text).join(" "),
                release: release && release.nextElementSibling && release.tagName === "H4"
                    ? pieces(release.nextElementSibling) : null,
                releaseText: text(release), holes: nearest ? pieces(nearest) : []};""")


def answer_is_right(result, shown, truth, what):
    """truth: what `heap why` said of the real heap."""
    result.check(shown["reason"] == truth["reason"], f"{what}: {truth['reason']}", str(shown))
    figures = [int(number.replace(",", "")) for number in EXACT.findall(shown["sentence"])]
    result.check(figures[:3] == [truth["needed"], truth["free_bytes"], truth["largest_free"]],
                 f"{what}: needed, free and largest", f"{shown['sentence']}\n{truth}")
    holes = [(hole["address"], bytes_in(hole["bytes"]),
              numbers(hole["missing"].split(" ")[0])[0] if "too few" in hole["missing"] else 0,
              hole["pins"]) for hole in shown["holes"]]
    wanted = [(hole["address"], hole["outer"], hole["missing"],
               [pin["address"] for pin in hole["pins"]]) for hole in truth["holes"]]
    result.check(holes == wanted, f"{what}: the nearest holes and their pins",
                 f"{holes}\ninstead of {wanted}")
    release = truth["release"]
    if release is None:
        result.check("No release would serve it" in shown["releaseText"],
                     f"{what}: no release serves it", str(shown))
        return
    shown_release = [(one["address"], bytes_in(one["bytes"])) for one in shown["release"] or []]
    wanted = [(one["address"], one["outer"]) for one in release]
    result.check(shown_release == wanted[:RELEASES_SHOWN]
                 and bytes_in(shown["releaseText"]) == truth["release_bytes"],
                 f"{what}: what to release", f"{shown}\ninstead of {wanted}")


def failures_are_explained(result, browser, answers, chosen):
    """answers: {number of the event, from 0 on: what `heap why` said}."""
    show_all(browser, "failures")
    listed = [(*numbers(*row[:2]), row[3].removesuffix(" ›"))
              for row in browser.table("#failures")]
    wanted = [(number + 1, truth["size"], SHORT_REASONS.get(truth["reason"], truth["reason"]))
              for number, truth in answers.items()]
    result.check(listed == wanted[:200], "the failures are listed", f"{listed}\n{wanted}")
    for number in chosen:
        place = list(answers).index(number) + 1
        browser.press(f"#failures tbody tr:nth-child({place}) button")
        result.check(f"Event {number + 1:,} of" in browser.text("#event"),
                     f"failure {number + 1}: its moment is shown", browser.text("#event"))
        answer_is_right(result, answer_shown(browser), answers[number], f"failure {number + 1}")


def requests_are_answered(result, browser, why, requests):
    """why(size, align): what `heap why` says of the heap that is shown."""
    for size, align in requests:
        truth = why(size, align)
        browser.write("#ask-size", str(size))
        browser.write("#ask-align", str(align) if align else "")
        browser.press("#ask button")
        shown = answer_shown(browser)
        what = f"{size} bytes, aligned to {align}"
        if truth["needed"] == 0:
            result.check(shown["reason"] == truth["reason"], f"{what}: {truth['reason']}",
                         str(shown))
        elif shown["reason"].startswith("served"):
            # The page does not know the order of lists: it says "served" only if that is sure.
            result.check(truth["reason"] == "served" or shown["reason"] != "served",
                         f"{what}: {shown['reason']}", str(truth))
        else:
            answer_is_right(result, shown, truth, what)
