"""Every pair of colours that stands on each other is readable, computed from the style sheet itself.

Text needs 4.5:1, what is drawn (an edge of a field, a ring, a mark) 3:1: WCAG 2.2, 1.4.3 and 1.4.11.
"""

import math
import re

import pytest

from portal.runtime.paths import CHECKOUT

TOKENS = CHECKOUT / "static/css/tokens.css"
TEXT, DRAWN = 4.5, 3.0
GROUNDS = ("bg", "surface", "raise", "over")
PAIRS = (
    *((ink, ground, TEXT) for ink in ("text", "muted", "accent", "bad") for ground in GROUNDS),
    *((tone, f"{tone}-bg", TEXT) for tone in ("ok", "warn", "bad", "info")),
    *((tone, ground, TEXT) for tone in ("ok", "warn", "bad", "info") for ground in ("surface", "over")),
    *(("text", f"{tone}-bg", TEXT) for tone in ("ok", "warn", "bad", "info")),
    *(("muted", f"{tone}-bg", TEXT) for tone in ("ok", "warn", "bad", "info")),
    ("accent-fg", "accent", TEXT),
    ("accent-fg", "accent-hover", TEXT),
    *((line, ground, DRAWN) for line in ("edge", "ring") for ground in GROUNDS),
)

Rgb = tuple[float, float, float]


def rgb_of_oklch(lightness: float, chroma: float, hue: float) -> Rgb:
    """Linear light, by Björn Ottosson's matrices; what no screen can show is cut off."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (min(max(red, 0), 1), min(max(green, 0), 1), min(max(blue, 0), 1))


def luminance(colour: str) -> float:
    if colour == "#fff":
        return 1.0
    found = re.fullmatch(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", colour)
    assert found is not None, colour
    red, green, blue = rgb_of_oklch(float(found[1]) / 100, float(found[2]), float(found[3]))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours(scheme: str) -> dict[str, str]:
    """By name, as one of the two schemes has them."""
    text = TOKENS.read_text()
    hue = re.search(r"--hue: (\d+);", text)
    assert hue is not None
    whole = text.replace("var(--hue)", hue[1])
    part = r"#fff|oklch\([^()]*\)"
    found = re.findall(rf"--([\w-]+): light-dark\(({part}), ({part})\);", whole)
    return {name: light if scheme == "light" else dark for name, light, dark in found}


def test_the_measure_agrees_with_known_pairs() -> None:
    assert contrast("#fff", "oklch(0% 0 0)") == pytest.approx(21, abs=0.01)
    assert contrast("#fff", "#fff") == 1
    assert contrast("#fff", "oklch(62.796% 0.25768 29.2339)") == pytest.approx(3.998, abs=0.01)  # pure red


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_can_be_read(scheme: str) -> None:
    known = colours(scheme)

    weak = {
        f"{ink} on {ground}": round(ratio, 2)
        for ink, ground, least in PAIRS
        if (ratio := contrast(known[ink], known[ground])) < least
    }

    assert weak == {}
