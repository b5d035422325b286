"""The dial: its ground, indices, sub-dials, date and lettering, and the hands over it."""

from __future__ import annotations

import math

from scrapers.gallery.painters.watch import metal
from scrapers.gallery.painters.watch.case import DIAL_REACH, outline
from scrapers.gallery.painters.watch.look import (
    RGB,
    Bezel,
    CaseShape,
    Hands,
    Indices,
    Shot,
    WatchLook,
)
from scrapers.gallery.painters.watch.sheet import Point, Sheet, polar, turned

_ROMAN = ("XII", "I", "II", "III", "IIII", "V", "VI", "VII", "VIII", "IX", "X", "XI")
_LUME = (232, 238, 222)
_PLACES: dict[int, tuple[Point, ...]] = {
    0: (),
    1: ((0.0, 0.42),),
    2: ((-0.4, 0.0), (0.4, 0.0)),
    3: ((-0.4, 0.0), (0.4, 0.0), (0.0, 0.42)),
}
"""Centres of the sub-dials by their number, in shares of the dial's radius."""


def ink_of(look: WatchLook) -> RGB:
    """What is printed on the dial: dark on light, light on dark."""
    return (28, 28, 32) if metal.luminance(look.dial_colour) > 120 else (236, 236, 232)


def draw(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    """The dial without its hands."""
    reach = DIAL_REACH[look.bezel]
    ground = metal.dial(look.dial_colour, look.sunburst, look.fume, shot.light)
    edge = outline(look.shape, reach)
    sheet.texture(ground, edge, 1.02 * max(math.hypot(*point) for point in edge))
    _minutes(sheet, look, reach)
    for centre in _PLACES[look.subdials]:
        _subdial(sheet, look, (centre[0] * reach, centre[1] * reach), reach * 0.245)
    for hour in range(12):
        if not _covered(look, hour):
            _INDICES[look.indices](sheet, look, hour, reach)
    if look.date:
        _date(sheet, shot, reach)
    _lettering(sheet, look, reach)


def _on_edge(look: WatchLook, angle: float, share: float, reach: float) -> Point:
    """The point in that direction at a share of the way to the dial's edge."""
    if look.shape is not CaseShape.TANK:
        return polar(angle, share * reach)
    x, y = polar(angle, 1.0)
    stretch = min(0.8 / max(abs(x), 1e-6), 1.04 / max(abs(y), 1e-6))
    return x * stretch * share * reach, y * stretch * share * reach


def _minutes(sheet: Sheet, look: WatchLook, reach: float) -> None:
    if look.shape is CaseShape.TANK:
        outer, inner = (outline(CaseShape.TANK, reach * share) for share in (0.63, 0.605))
        for n in range(len(outer)):
            sheet.polygon((outer[n - 1], outer[n], inner[n], inner[n - 1]), ink_of(look))
        return
    for minute in range(60):
        width = 0.011 if minute % 5 else 0.018
        sheet.bar(minute / 60, reach * 0.935, reach * 0.985, width, ink_of(look))


def _covered(look: WatchLook, hour: int) -> bool:
    """Whether a sub-dial or the date takes the place of an index."""
    return (look.date and hour == 3) or (look.subdials in (1, 3) and hour == 6)


def _batons(sheet: Sheet, look: WatchLook, hour: int, reach: float) -> None:
    if look.shape is CaseShape.TANK:
        x, y = _on_edge(look, hour / 12, 0.82, reach)
        sheet.bar(
            hour / 12,
            (x * x + y * y) ** 0.5 - 0.07,
            (x * x + y * y) ** 0.5 + 0.07,
            0.05,
            ink_of(look),
        )
        return
    inner = 0.70 if hour % 3 else 0.66
    for offset in (-0.026, 0.026) if hour == 0 else (0.0,):
        shift = offset / reach / 6.283
        width = 0.05 if hour % 3 else 0.064
        raised = look.metal if look.metal in ("gold", "rose") else "steel"
        sheet.bar(hour / 12 + shift, reach * inner, reach * 0.9, width, metal.tone(raised, 0.22))
        sheet.bar(
            hour / 12 + shift, reach * inner, reach * 0.9, width * 0.6, metal.tone(raised, 0.9)
        )


def _roman(sheet: Sheet, look: WatchLook, hour: int, reach: float) -> None:
    share = 0.84 if look.shape is CaseShape.TANK else 0.78
    centre = _on_edge(look, hour / 12, share, reach)
    upright = look.shape is CaseShape.TANK
    sheet.text(_ROMAN[hour], centre, 0.13 * reach, ink_of(look), 0.0 if upright else hour / 12)


def _arabic(sheet: Sheet, look: WatchLook, hour: int, reach: float) -> None:
    height = 0.2 if look.shape is CaseShape.CUSHION and hour % 3 == 0 else 0.155
    if look.shape is CaseShape.CUSHION and hour % 3:
        sheet.bar(hour / 12, reach * 0.68, reach * 0.9, 0.045, ink_of(look))
        return
    sheet.text(str(hour or 12), polar(hour / 12, 0.77 * reach), height * reach, ink_of(look))


def _dots(sheet: Sheet, look: WatchLook, hour: int, reach: float) -> None:
    edge = metal.tone(look.metal, 0.75)
    if hour == 0:
        for grow, colour in ((0.02, edge), (0.0, _LUME)):
            corners = ((-0.085 - grow, -0.9), (0.085 + grow, -0.9), (0.0, -0.68 + grow * 1.5))
            sheet.polygon([(x * reach, y * reach) for x, y in corners], colour)
    elif hour % 3 == 0:
        sheet.bar(hour / 12, reach * 0.66, reach * 0.9, 0.1, edge)
        sheet.bar(hour / 12, reach * 0.68, reach * 0.88, 0.066, _LUME)
    else:
        sheet.disc(polar(hour / 12, reach * 0.79), reach * 0.078, edge)
        sheet.disc(polar(hour / 12, reach * 0.79), reach * 0.058, _LUME)


_INDICES = {
    Indices.BATONS: _batons,
    Indices.ROMAN: _roman,
    Indices.ARABIC: _arabic,
    Indices.DOTS: _dots,
}


def _subdial(sheet: Sheet, look: WatchLook, centre: Point, radius: float) -> None:
    dark = metal.luminance(look.dial_colour) < 120
    other = (226, 226, 224) if dark else (34, 34, 38)
    face = other if look.subdial_contrast else metal.mixed(look.dial_colour, (0, 0, 0), 0.14)
    ink = (28, 28, 32) if metal.luminance(face) > 120 else (232, 232, 228)
    sheet.disc(centre, radius * 1.06, metal.tone("steel", 0.6))
    sheet.disc(centre, radius, face)
    for tick in range(12):
        near, far = polar(tick / 12, radius * 0.78), polar(tick / 12, radius * 0.95)
        aside = polar(tick / 12 + 0.25, 0.007)
        sheet.polygon(
            (
                (centre[0] + near[0] - aside[0], centre[1] + near[1] - aside[1]),
                (centre[0] + near[0] + aside[0], centre[1] + near[1] + aside[1]),
                (centre[0] + far[0] + aside[0], centre[1] + far[1] + aside[1]),
                (centre[0] + far[0] - aside[0], centre[1] + far[1] - aside[1]),
            ),
            ink,
        )
    tip, aside = polar(centre[0] * 3.1 + 0.12, radius * 0.8), polar(centre[0] * 3.1 + 0.37, 0.014)
    sheet.polygon(
        (
            (centre[0] - aside[0], centre[1] - aside[1]),
            (centre[0] + aside[0], centre[1] + aside[1]),
            (centre[0] + tip[0], centre[1] + tip[1]),
        ),
        ink,
    )


def _date(sheet: Sheet, shot: Shot, reach: float) -> None:
    left, right, half = reach * 0.66, reach * 0.88, reach * 0.095
    sheet.box(left - 0.015, -half - 0.015, right + 0.015, half + 0.015, metal.tone("steel", 0.55))
    sheet.box(left, -half, right, half, (244, 244, 240))
    day = 1 + int(shot.time * 97) % 31
    sheet.text(str(day), ((left + right) / 2, 0.0), half * 1.15, (24, 24, 26))


def _lettering(sheet: Sheet, look: WatchLook, reach: float) -> None:
    """The maker's name under twelve, and small print above six."""
    height = min(0.095, 0.62 / max(1.0, sheet.text_width(look.wordmark, 1.0))) * reach
    sheet.text(look.wordmark, (0.0, -0.36 * reach), height, ink_of(look))
    if look.subdials in (0, 2) and look.bezel is not Bezel.PLAIN:
        for line, words in enumerate(("AUTOMATIC", "200 m = 660 ft")):
            sheet.text(words, (0.0, (0.36 + 0.1 * line) * reach), 0.05 * reach, ink_of(look))


_OUTLINES: dict[Hands, tuple[Point, ...]] = {
    # (half width, length) along one side, in shares of the greatest width and of the length.
    Hands.BATON: ((0.8, -0.14), (0.8, 0.95), (0.0, 1.0)),
    Hands.DAUPHINE: ((0.25, -0.16), (1.3, 0.16), (0.0, 1.0)),
    Hands.SWORD: ((0.5, -0.16), (0.5, 0.2), (1.25, 0.72), (0.0, 1.0)),
    Hands.LEAF: ((0.3, -0.16), (0.5, 0.05), (1.1, 0.4), (0.6, 0.75), (0.0, 1.0)),
}
_SHADOW: Point = (0.018, 0.026)


def draw_hands(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    """Hour, minute and second hand at the time of the shot."""
    reach = DIAL_REACH[look.bezel] * (0.8 if look.shape is CaseShape.TANK else 1.0)
    minutes = shot.time % 1.0
    seconds = shot.time * 60 % 1.0
    _hand(sheet, look, shot.time / 12, 0.56 * reach, 0.052)
    _hand(sheet, look, minutes, 0.86 * reach, 0.04)
    if look.subdials != 1:
        _second(sheet, look, seconds, reach)
    sheet.disc((0.0, 0.0), 0.045, metal.tone(_metal_finish(look), 0.3))
    sheet.disc((0.0, 0.0), 0.034, metal.tone(_metal_finish(look), 0.85))


def _metal_finish(look: WatchLook) -> str:
    return look.metal if look.metal in ("gold", "rose") else "steel"


def _hand(sheet: Sheet, look: WatchLook, angle: float, length: float, width: float) -> None:
    right = [(x * width, -y * length) for x, y in _OUTLINES[look.hands]]
    left = [(-x, y) for x, y in reversed(right)]
    whole, half = turned(right + left, angle), turned([*right, (0.0, right[0][1])], angle)
    sheet.polygon([(x + _SHADOW[0], y + _SHADOW[1]) for x, y in whole], (0, 0, 0, 70))
    bright_dial = metal.luminance(look.dial_colour) > 170
    light, dark = (0.42, 0.14) if bright_dial and _metal_finish(look) == "steel" else (0.96, 0.45)
    sheet.polygon(whole, metal.tone(_metal_finish(look), light))
    sheet.polygon(half, metal.tone(_metal_finish(look), dark))
    if look.bezel is Bezel.DIVER or look.hands is Hands.SWORD:
        sheet.bar(angle, length * 0.3, length * 0.82, width * 0.95, (234, 240, 224))


def _second(sheet: Sheet, look: WatchLook, angle: float, reach: float) -> None:
    red = look.bezel is Bezel.TACHYMETER or look.hands is Hands.SWORD
    colour = (204, 40, 34) if red else ink_of(look)
    sheet.bar(angle, -0.2 * reach, 0.9 * reach, 0.016, colour)
    sheet.bar(angle, -0.22 * reach, -0.1 * reach, 0.04, colour)
