# SPDX-License-Identifier: BSD-3-Clause
"""Plots as inline SVG: drawn by matplotlib, coloured and typeset by the page's CSS. Each is drawn
for a wide and for a narrow window; one unit is about one CSS pixel there."""

import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

from palette import stand_in, to_css

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"

matplotlib.rcParams.update({
    "svg.fonttype": "none", "font.size": 13, "text.parse_math": False, "path.simplify": False,
    "axes.edgecolor": stand_in("rule"), "axes.linewidth": 1, "axes.spines.top": False,
    "axes.spines.right": False, "axes.spines.left": False, "axes.axisbelow": True,
    "axes.facecolor": "none", "figure.facecolor": "none", "text.color": stand_in("ink"),
    "axes.labelcolor": stand_in("muted"), "xtick.color": stand_in("muted"),
    "ytick.color": stand_in("muted"), "xtick.major.size": 0, "ytick.major.size": 0,
    "grid.color": stand_in("rule"), "grid.linewidth": 0.8, "lines.solid_capstyle": "round",
})


@dataclass(frozen=True)
class Size:
    """Of a plot, in units. right: the margin for the names of lines."""
    name: str
    width: int
    height: int
    right: int


WIDE = Size("wide", 660, 400, 150)
NARROW = Size("narrow", 340, 320, 138)


def new_axes(size, left=52, top=14, bottom=46):
    """Axes in a new figure, with margins in units."""
    figure = Figure(figsize=(size.width / 72, size.height / 72), dpi=72)
    axes = figure.add_axes((left / size.width, bottom / size.height,
                            (size.width - left - size.right) / size.width,
                            (size.height - top - bottom) / size.height))
    axes.grid(axis="y")
    return axes


def label_ends(axes, ends, gap=17):
    """Writes (height, text, colour, weight) at the right ends of lines, one below the other."""
    box = axes.get_window_extent()
    low, high = axes.get_ylim()
    wanted = [box.height * (height - low) / (high - low) for height, *_ in ends]
    for (_, text, colour, weight), place in zip(ends, spread(wanted, gap, 8, box.height)):
        axes.annotate(text, (1, place / box.height), xycoords="axes fraction", xytext=(9, 0),
                      textcoords="offset points", va="center", color=stand_in(colour),
                      weight=weight, annotation_clip=False)


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


def to_svg(axes, name, style, title, description):
    """The finished plot as an element of the page, of a class. name is unique on the page."""
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
    ids = {"role": "img", "aria-labelledby": f"{name}-title {name}-text", "class": f"plot {style}"}
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
