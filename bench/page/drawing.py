# SPDX-License-Identifier: BSD-3-Clause
"""Small plots as inline SVG: drawn by matplotlib, coloured and typeset by the page's CSS. One
unit of a plot is about one CSS pixel on a phone, so that text of 10 units can be read there."""

import io
import math
import re
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from matplotlib.transforms import Affine2D

from palette import stand_in, to_css

WIDTH = 302  # units; a plot is as wide as its card
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

matplotlib.rcParams.update({
    "svg.fonttype": "none", "font.size": 10.5, "text.parse_math": False, "path.simplify": False,
    "axes.edgecolor": stand_in("rule"), "axes.linewidth": 1, "axes.spines.top": False,
    "axes.spines.right": False, "axes.spines.left": False, "axes.axisbelow": True,
    "axes.facecolor": "none", "figure.facecolor": "none", "text.color": stand_in("ink"),
    "axes.labelcolor": stand_in("muted"), "xtick.color": stand_in("muted"),
    "ytick.color": stand_in("muted"), "xtick.major.size": 0, "ytick.major.size": 0,
    "grid.color": stand_in("rule"), "grid.linewidth": 0.8, "lines.solid_capstyle": "round",
})


def new_axes(height, left, right, top=22, bottom=36):
    """Axes in a new figure of that height, with margins, all in units."""
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    axes = figure.add_axes((left / WIDTH, bottom / height, (WIDTH - left - right) / WIDTH,
                            (height - top - bottom) / height))
    axes.grid(axis="y")
    return axes


def name_axes(axes, x_name, y_name):
    """Names both axes. The name of the vertical axis stands above it, so that it is horizontal."""
    axes.set_xlabel(x_name, labelpad=5)
    axes.figure.text(2 / WIDTH, 1 - 9 / axes.figure.bbox.height, y_name, color=stand_in("muted"))


def log_ticks(axes, which, ticks, text):
    """Makes the axis "x" or "y" logarithmic, with these ticks, which text(tick) names."""
    getattr(axes, f"set_{which}scale")("log")
    axis = getattr(axes, f"{which}axis")
    axis.set_ticks(ticks)
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: text(value)))


def few(ticks, text, axes):
    """The ticks of a logarithmic axis that have room for their names, the outer ones first."""
    width, letter = axes.get_window_extent().width, 6.4
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    kept = []
    for tick in dict.fromkeys([ticks[0], ticks[-1], *ticks]):
        place = width * (math.log(tick) - low) / (high - low) if high > low else 0
        half = len(text(tick)) * letter / 2
        if all(abs(place - other) > half + other_half + 4 for _, other, other_half in kept):
            kept.append((tick, place, half))
    return sorted(tick for tick, _, _ in kept)


def units_of(axes):
    """Coordinates in units, right and up from the lower left corner of the axes."""
    corner = axes.get_window_extent()
    return Affine2D().translate(corner.x0, corner.y0)


def spread(places, gap, lowest, highest):
    """Moves places apart until neighbours have the gap. Keeps their order, and keeps them inside
    where there is room."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = [places[index] for index in order]
    for _ in range(100):
        for index in range(len(moved) - 1):
            overlap = gap - (moved[index + 1] - moved[index])
            if overlap > 0:
                moved[index] -= overlap / 2
                moved[index + 1] += overlap / 2
        moved = [min(max(place, lowest), highest) for place in moved]
    result = [0.0] * len(places)
    for index, place in zip(order, moved):
        result[index] = place
    return result


def to_svg(axes, name, title, description):
    """The finished plot as an element of the page. name is unique on the page."""
    text = io.BytesIO()
    matplotlib.rcParams["svg.hashsalt"] = name
    axes.figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(text.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}metadata" or child.find(f"{{{SVG}}}style") is not None:
                parent.remove(child)
    for element in root.iter():
        restyle(element, name)
    ids = {"role": "img", "aria-labelledby": f"{name}-title {name}-text", "class": "plot"}
    box = root.get("viewBox")
    root.attrib.clear()
    root.attrib.update({"viewBox": box, **ids})
    for position, (tag, content) in enumerate((("title", title), ("text", description))):
        child = ElementTree.Element(f"{{{SVG}}}{'desc' if tag == 'text' else tag}",
                                    {"id": f"{name}-{tag}"})
        child.text = content
        root.insert(position, child)
    ElementTree.register_namespace("", SVG)
    written = ElementTree.tostring(root, encoding="unicode")
    return Markup(re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", re.sub(r">\s+<", "><", written)))


def restyle(element, name):
    """Makes an SVG element the page's own: its colours, its font, ids under the plot's name."""
    style = element.get("style")
    if style:
        size = re.search(r"font(?:-size)?: *(?:\w+ )?([\d.]+)px", style)
        style = re.sub(r"font(-family|-size)?: [^;]*(;|$)", "", style)
        weight = "; font-weight: 600" if "font: 700" in element.get("style") or \
            "font: bold" in element.get("style") else ""
        style += f"; font-size: {size[1]}px{weight}" if size else ""
        element.set("style", to_css(style).strip("; ").replace("; ;", ";"))
    if element.get("d"):
        element.set("d", shorter(element.get("d")))
    if element.get("id"):  # those of groups are never referred to
        identity = element.attrib.pop("id")
        if element.tag != f"{{{SVG}}}g":
            element.set("id", f"{name}-{identity}")
    if element.get("clip-path"):
        element.set("clip-path", element.get("clip-path").replace("#", f"#{name}-"))
    target = element.attrib.pop(f"{{{XLINK}}}href", None)
    if target:
        element.set("href", target.replace("#", f"#{name}-"))


def shorter(path):
    """A path with two digits after the point."""
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."),
                  " ".join(path.split()))
