# SPDX-License-Identifier: BSD-3-Clause
"""Colours of the page and of its plots. Those of lines are of Okabe and Ito, which colour-blind
readers can distinguish, darker on light paper so that they work as text, too."""

#                  light      dark
COLOURS = {
    "page": ("#f6f5f2", "#101317"),
    "card": ("#ffffff", "#191d23"),
    "ink": ("#1b1f24", "#e8eaed"),
    "muted": ("#5a626c", "#a3acb8"),
    "rule": ("#d9dbdf", "#353c46"),
    "neutral": ("#7d8691", "#868f9b"),
    "accent": ("#00609c", "#56b4e9"),
    "newlib": ("#b04600", "#e69f00"),
    "picolibc": ("#00735a", "#35c9a0"),
    "newlib-nano": ("#97407e", "#e08fbe"),
    "alert": ("#a3230f", "#ff9d85"),
}

# Plots are drawn with stand-ins. to_css replaces them by the variables of the page.
STAND_INS = {name: f"#0a0b{number:02x}" for number, name in enumerate(COLOURS)}


def stand_in(name):
    """The stand-in of a colour."""
    return STAND_INS[name]


def to_css(style):
    """The style of an SVG element with variables instead of stand-ins."""
    for name, colour in STAND_INS.items():
        style = style.replace(colour, f"var(--{name})")
    return style


def declarations(scheme):
    """The CSS variables of a scheme: 0 light, 1 dark."""
    return "\n".join(f"    --{name}: {pair[scheme]};" for name, pair in COLOURS.items())
