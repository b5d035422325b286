"""The case: outline, lugs, crown and bezel."""

from __future__ import annotations

import math
from functools import lru_cache

from scrapers.gallery.painters.watch import metal
from scrapers.gallery.painters.watch.look import Bezel, CaseShape, Shot, WatchLook
from scrapers.gallery.painters.watch.sheet import Point, Sheet, polar

DIAL_REACH = {Bezel.PLAIN: 0.86, Bezel.DIVER: 0.74, Bezel.FLUTED: 0.8, Bezel.TACHYMETER: 0.74}
"""Radius of the dial inside each bezel."""


@lru_cache(maxsize=64)
def outline(shape: CaseShape, reach: float) -> tuple[Point, ...]:
    """The shape with that reach: a circle, a superellipse or an upright rounded rectangle."""
    exponent, wide, high = {
        CaseShape.ROUND: (2.0, 1.0, 1.0),
        CaseShape.CUSHION: (3.6, 1.0, 1.0),
        CaseShape.TANK: (9.0, 0.8, 1.04),
    }[shape]
    points = []
    for step in range(120):
        x, y = polar(step / 120, 1.0)
        stretch = (abs(x) ** exponent + abs(y) ** exponent) ** (-1.0 / exponent)
        points.append((x * stretch * wide * reach, y * stretch * high * reach))
    return tuple(points)


def draw(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    """Everything of the case around the dial."""
    _lugs(sheet, look)
    _crown(sheet, look)
    sheet.polygon(outline(look.shape, 1.0), metal.tone(look.metal, 0.16))
    _polished(sheet, look, (0.985, 0.93), shot.light + 0.6, shot.turn)
    sheet.polygon(outline(look.shape, 0.935), metal.tone(look.metal, 0.2))
    _BEZELS[look.bezel](sheet, look, shot)
    reach = DIAL_REACH[look.bezel]
    sheet.polygon(outline(look.shape, reach + 0.035), metal.tone(look.metal, 0.12))
    sheet.polygon(outline(look.shape, reach + 0.018), metal.tone(look.metal, 0.7))


def _lugs(sheet: Sheet, look: WatchLook) -> None:
    """Four horns that curve down to the strap, each with a polished flank."""
    inner, outer = (0.61, 0.8) if look.shape is CaseShape.TANK else (0.55, 0.8)
    tip = 1.14 if look.shape is CaseShape.TANK else 1.06
    for side in (-1, 1):
        for end in (-1, 1):
            horn = (
                (side * inner, end * 0.5),
                (side * (outer + 0.06), end * 0.4),
                (side * outer, end * (tip - 0.3)),
                (side * (outer - 0.05), end * (tip - 0.1)),
                (side * (outer - 0.11), end * tip),
                (side * inner, end * tip),
            )
            light = 0.56 - 0.14 * side - 0.1 * end
            sheet.polygon(horn, metal.tone(look.metal, 0.15))
            face = [(x * 0.975 + side * 0.012, y * 0.985) for x, y in horn]
            sheet.polygon(face, metal.tone(look.metal, light))
            flank = [face[1], face[2], face[3], (face[3][0] - side * 0.05, face[3][1])]
            flank += [
                (face[2][0] - side * 0.06, face[2][1]),
                (face[1][0] - side * 0.07, face[1][1]),
            ]
            sheet.polygon(flank, metal.tone(look.metal, light + 0.26))


def _crown(sheet: Sheet, look: WatchLook) -> None:
    edge = 0.8 if look.shape is CaseShape.TANK else 1.0
    sheet.box(edge - 0.06, -0.075, edge + 0.06, 0.075, metal.tone(look.metal, 0.25))
    for rib in range(7):
        top = -0.1 + rib * 0.2 / 7
        sheet.box(
            edge + 0.03, top, edge + 0.13, top + 0.02, metal.tone(look.metal, 0.78 - rib * 0.08)
        )
        sheet.box(edge + 0.03, top + 0.02, edge + 0.13, top + 0.03, metal.tone(look.metal, 0.1))
    if look.subdials < 2:
        return
    for angle in (0.25 - 0.085, 0.25 + 0.085):
        sheet.bar(angle, 0.95, 1.12, 0.1, metal.tone(look.metal, 0.3))
        sheet.bar(angle, 1.06, 1.13, 0.14, metal.tone(look.metal, 0.72))


def _polished(
    sheet: Sheet, look: WatchLook, reach: tuple[float, float], light: float, phase: float
) -> None:
    """A rim of polished metal, ``reach`` from its outer to its inner edge."""
    outer, inner = outline(look.shape, reach[0]), outline(look.shape, reach[1])
    for n in range(len(outer)):
        tone = metal.tone(look.metal, metal.reflection(n / len(outer), light, phase))
        sheet.polygon((outer[n - 1], outer[n], inner[n], inner[n - 1]), tone)


def _plain(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    _polished(sheet, look, (0.925, DIAL_REACH[look.bezel]), shot.light, 2.0 * shot.light)


def _fluted(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    _plain(sheet, look, shot)
    flutes = 72
    for flute in range(flutes):
        angle = flute / flutes
        facing = math.cos(math.tau * angle - shot.light - math.pi / 2)
        for half, light in ((0.0, 0.62 + 0.36 * facing), (0.5 / flutes, 0.34 - 0.26 * facing)):
            corners = (
                polar(angle + half, 0.93),
                polar(angle + half + 0.5 / flutes, 0.93),
                polar(angle + half + 0.5 / flutes, 0.83),
                polar(angle + half, 0.83),
            )
            sheet.polygon(corners, metal.tone(look.metal, light))


def _inlay(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    """A glossy ring let into the bezel."""
    _plain(sheet, look, shot)
    sheet.disc((0, 0), 0.915, metal.mixed(look.bezel_colour, (0, 0, 0), 0.5))
    outer, inner = outline(CaseShape.ROUND, 0.905), outline(CaseShape.ROUND, DIAL_REACH[look.bezel])
    for n in range(len(outer)):
        shine = metal.reflection(n / len(outer), shot.light, shot.light)
        colour = metal.mixed(look.bezel_colour, (255, 255, 255), 0.2 * max(0.0, shine - 0.35))
        sheet.polygon((outer[n - 1], outer[n], inner[n], inner[n - 1]), colour)


def _diver(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    _inlay(sheet, look, shot)
    ink = (226, 226, 220)
    for minute in range(60):
        if minute % 10 == 0:
            continue
        long = minute % 5 == 0 or minute < 15
        sheet.bar(
            minute / 60, 0.8 if long else 0.84, 0.885, 0.026 if minute % 5 == 0 else 0.012, ink
        )
    for tens in range(1, 6):
        sheet.text(str(tens * 10), polar(tens / 6, 0.842), 0.085, ink, tens / 6)
    sheet.polygon((polar(-0.018, 0.89), polar(0.018, 0.89), polar(0.0, 0.79)), ink)


def _tachymeter(sheet: Sheet, look: WatchLook, shot: Shot) -> None:
    _inlay(sheet, look, shot)
    ink = (214, 214, 210)
    for unit in (60, 65, 70, 75, 80, 90, 100, 120, 140, 160, 200, 240, 300, 400):
        angle = 60 / unit
        sheet.text(str(unit), polar(angle, 0.845), 0.055, ink, angle)
    for minute in range(60):
        sheet.bar(minute / 60, 0.775, 0.795, 0.01, ink)


_BEZELS = {
    Bezel.PLAIN: _plain,
    Bezel.DIVER: _diver,
    Bezel.FLUTED: _fluted,
    Bezel.TACHYMETER: _tachymeter,
}
